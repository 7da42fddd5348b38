import { z } from 'zod'
import type { ClientMetadata } from './client-metadata/client-metadata.ts'

/**
 * Records of workers-oauth-provider, as far as the platform reads them. Unknown members are kept.
 */

/**
 * Lifetime of an authorization code. Reuse within it revokes the grant. The engine's own default is
 * ten minutes.
 */
const CODE_LIFE_SECONDS = 60

export const engineGrant = z.looseObject({
  id: z.string(),
  clientId: z.string(),
  userId: z.string(),
  scope: z.array(z.string()),
  metadata: z.object({
    clientName: z.string(),
    tools: z.array(z.string()).nullable(),
    documentHash: z.string().nullable().default(null),
    /** Lifetime of the grant's code, longer for a device. */
    codeSeconds: z.number().default(CODE_LIFE_SECONDS),
  }),
  resource: z.string(),
  redirectUri: z.string(),
  authCodeId: z.string().optional(),
  codeChallenge: z.string().optional(),
  /** Challenge of the used code, because the engine deletes `codeChallenge` at the exchange. */
  usedCodeChallenge: z.string().optional(),
  refreshTokenId: z.string().optional(),
  previousRefreshTokenId: z.string().optional(),
  previousRefreshTokenWrappedKey: z.string().optional(),
})
export type EngineGrant = z.infer<typeof engineGrant>

export const engineToken = z.looseObject({
  id: z.string(),
  grantId: z.string(),
  userId: z.string(),
  audience: z.string(),
  scope: z.array(z.string()),
})

/** Returns the expiry of a grant's code, which is also the expiry of a grant without tokens. */
export function codeExpiresAt({ metadata }: EngineGrant, issuedAt: Date): Date {
  return new Date(issuedAt.getTime() + metadata.codeSeconds * 1000)
}

/**
 * Returns the grant without an expired code, so that the code's reuse no longer revokes the grant.
 */
export function withoutExpiredCode(grant: EngineGrant, issuedAt: Date, now: Date): EngineGrant {
  if (now <= codeExpiresAt(grant, issuedAt)) return grant
  const { authCodeId: _expired, ...kept } = grant
  return kept
}

/** Values of a token request that prove the holder of a code, beside the client's credentials. */
export interface CodeProof {
  /** Undefined if the request has no redirect_uri, which OAuth 2.1 §4.1.3 allows. */
  redirectUri: string | undefined
  /** Challenge of the presented code verifier. */
  codeChallenge: string
}

/**
 * Returns the grant without its used code, unless the proof is right. Reuse of a code revokes the
 * grant only if the request is otherwise valid (OAuth 2.1 §7.5.3), because a thief without the
 * verifier could end the tokens of the user.
 */
export function withoutUnprovenCode(grant: EngineGrant, proof: CodeProof | undefined): EngineGrant {
  // a refresh presents no code
  if (proof === undefined || !isExchanged(grant)) return grant
  const isProven =
    grant.usedCodeChallenge === proof.codeChallenge && (proof.redirectUri === undefined || proof.redirectUri === grant.redirectUri)
  if (isProven) return grant
  const { authCodeId: _unproven, ...kept } = grant
  return kept
}

/** Returns the grant to store after its code was exchanged, with the challenge of the code. */
export function withUsedChallenge(grant: EngineGrant, before: string | undefined): EngineGrant {
  return isExchanged(grant) && before !== undefined ? { ...grant, usedCodeChallenge: before } : grant
}

function isExchanged(grant: EngineGrant): boolean {
  return !('authCodeWrappedKey' in grant)
}

/**
 * Returns false if the client's document has changed since consent and the code is not exchanged
 * yet.
 */
export function matchesConsent(grant: EngineGrant, client: { documentHash?: string | null | undefined }): boolean {
  return isExchanged(grant) || grant.metadata.documentHash === (client.documentHash ?? null)
}

/**
 * Returns the grant to store. Drops the engine's previous refresh token, because refresh-token
 * families are kept outside of the engine.
 */
export function withoutPreviousRefreshToken(grant: EngineGrant): EngineGrant {
  const { previousRefreshTokenId: _id, previousRefreshTokenWrappedKey: _key, ...kept } = grant
  return kept
}

/**
 * Returns the client as a public client, because the platform authenticates clients itself. So PKCE
 * binds every client.
 */
export function engineClient(
  clientId: string,
  { redirectUris, grantTypes, responseTypes }: Pick<ClientMetadata, 'redirectUris' | 'grantTypes' | 'responseTypes'>,
) {
  return { clientId, redirectUris, grantTypes, responseTypes, tokenEndpointAuthMethod: 'none', authMethodExplicit: true }
}
