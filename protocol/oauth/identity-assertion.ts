import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, errors, jwtVerify, type JSONWebKeySet } from 'jose'
import { z } from 'zod'
import { OAuthError } from './errors.ts'

/** Identity Assertion JWT Authorization Grant, the MCP extension for enterprise-managed authorization: an organization's identity provider says who asks. */
export const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer'

const TYPE = 'oauth-id-jag+jwt'
/** What providers sign with; asymmetric only. */
const ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519']
const MAX_ASSERTION = 16 * 1024
const MAX_LIFE_SECONDS = 3600
const SKEW_SECONDS = 60

export interface IdentityAssertion {
  /** The provider's issuer, one the tenant trusts. */
  issuer: string
  subject: string
  email: string | undefined
  emailVerified: boolean
  jti: string
  /** Seconds since the epoch. */
  expiresAt: number
  /** The most this assertion may be exchanged for; undefined = what the server allows. */
  scope: string[] | undefined
}

const claims = z.looseObject({
  iss: z.string().min(1),
  sub: z.string().min(1).max(500),
  aud: z.union([z.string(), z.tuple([z.string()])]),
  client_id: z.string().min(1),
  jti: z.string().min(1).max(500),
  exp: z.int(),
  iat: z.int(),
  resource: z.union([z.string(), z.tuple([z.string()])]).optional(),
  scope: z.string().max(1000).optional(),
  email: z.email().max(320).optional(),
  email_verified: z.boolean().optional(),
})

/** Which provider an assertion claims to come from, and with which key: unverified, to find the keys by. Throws invalid_grant. */
export function assertedIssuer(assertion: string): { issuer: string; keyId: string | undefined } {
  if (assertion.length > MAX_ASSERTION) throw invalid(`the assertion is longer than ${MAX_ASSERTION} characters`)
  try {
    const { iss } = decodeJwt(assertion)
    const { kid } = decodeProtectedHeader(assertion)
    if (typeof iss === 'string') return { issuer: iss, keyId: kid }
  } catch (cause) {
    throw invalid('the assertion is not a signed JWT', cause)
  }
  throw invalid('the assertion has no iss')
}

interface Expected {
  /** The trusted provider. */
  issuer: string
  keys: JSONWebKeySet
  /** This authorization server's issuer: the assertion's one audience. */
  audience: string
  resource: string
  /** The client that authenticated with this very request. */
  clientId: string
  now: Date
}

/** Checks every claim. Throws invalid_grant, or invalid_target where the assertion is for another hosted server. */
export async function verifyIdentityAssertion(
  assertion: string,
  { issuer, keys, audience, resource, clientId, now }: Expected,
): Promise<IdentityAssertion> {
  const { payload } = await jwtVerify(assertion, createLocalJWKSet(keys), {
    typ: TYPE,
    algorithms: ALGORITHMS,
    issuer,
    audience,
    clockTolerance: SKEW_SECONDS,
    currentDate: now,
    requiredClaims: ['exp', 'iat', 'jti', 'sub', 'client_id'],
  }).catch((cause: unknown) => {
    throw invalid(
      cause instanceof errors.JWTClaimValidationFailed
        ? `the assertion's ${cause.claim} is not acceptable`
        : 'the assertion does not verify',
      cause,
    )
  })
  const parsed = claims.safeParse(payload)
  if (!parsed.success) throw invalid(`the assertion's ${String(parsed.error.issues[0]?.path[0] ?? 'body')} is not acceptable`)
  const assertionClaims = parsed.data
  const seconds = Math.floor(now.getTime() / 1000)
  if (assertionClaims.exp > seconds + MAX_LIFE_SECONDS + SKEW_SECONDS) throw invalid("the assertion's exp is more than an hour away")
  if (assertionClaims.iat > seconds + SKEW_SECONDS) throw invalid("the assertion's iat is in the future")
  // RFC 7519 lets these two bind a token further than is checked here
  for (const unsupported of ['cnf', 'authorization_details']) {
    if (unsupported in assertionClaims) throw invalid(`the assertion carries ${unsupported}, which is not supported here`)
  }
  if (assertionClaims.client_id !== clientId) throw invalid("the assertion's client_id is not the client that presents it")
  const [target = resource] = [assertionClaims.resource].flat()
  if (target !== resource) throw new OAuthError('invalid_target', "the assertion's resource is another server than this issuer's")
  return {
    issuer,
    subject: assertionClaims.sub,
    email: assertionClaims.email,
    emailVerified: assertionClaims.email_verified ?? true, // the trusted provider is the authority for its people's addresses
    jti: assertionClaims.jti,
    expiresAt: assertionClaims.exp,
    scope: assertionClaims.scope?.split(' ').filter((word) => word !== ''),
  }
}

function invalid(description: string, cause?: unknown): OAuthError {
  return new OAuthError('invalid_grant', description, { cause })
}
