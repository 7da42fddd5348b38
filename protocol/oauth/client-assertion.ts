import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, errors, jwtVerify, type JSONWebKeySet, type JWTVerifyOptions } from 'jose'
import { OAuthError } from './errors.ts'

export const CLIENT_ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

/** Asymmetric only (RFC 8725 §3.1): a shared-secret algorithm would let a public key pass as a secret. */
export const SIGNING_ALGORITHMS = ['ES256', 'ES384', 'ES512', 'RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'EdDSA', 'Ed25519']

const MAX_ASSERTION = 8 * 1024
const MAX_LIFE_SECONDS = 3600
const SKEW_SECONDS = 60

/** Whose assertion this claims to be, unverified: which client's keys to look for. Throws invalid_client. */
export function assertedClientId(assertion: string): string {
  const claims = decode(assertion, decodeJwt)
  if (typeof claims.sub !== 'string' || claims.sub === '') throw invalid('the assertion has no sub')
  return claims.sub
}

/** The key id an assertion names, unverified: an unknown one may mean that the client's keys changed. */
export function assertedKeyId(assertion: string): string | undefined {
  return decode(assertion, decodeProtectedHeader).kid
}

function decode<T>(assertion: string, read: (text: string) => T): T {
  if (assertion.length > MAX_ASSERTION) throw invalid(`the assertion is longer than ${MAX_ASSERTION} characters`)
  try {
    return read(assertion)
  } catch (cause) {
    throw invalid('the assertion is not a signed JWT', cause)
  }
}

/**
 * RFC 7523 §3, for a client that authenticates with its own key: signature, iss and sub the client, aud this issuer or its token endpoint, a life of at
 * most an hour, and a jti, answered so that the caller can refuse its second use. Throws invalid_client.
 */
export async function verifyClientAssertion(
  assertion: string,
  { clientId, keys, audiences, now }: { clientId: string; keys: JSONWebKeySet; audiences: string[]; now: Date },
): Promise<{ jti: string }> {
  const { payload } = await verifyWithAny(assertion, keys, {
    algorithms: SIGNING_ALGORITHMS,
    issuer: clientId,
    subject: clientId,
    audience: audiences,
    clockTolerance: SKEW_SECONDS,
    currentDate: now,
    requiredClaims: ['exp', 'jti'],
  }).catch((cause: unknown) => {
    throw invalid(
      cause instanceof errors.JWTClaimValidationFailed
        ? `the assertion's ${cause.claim} is not acceptable`
        : 'the assertion does not verify',
      cause,
    )
  })
  const seconds = Math.floor(now.getTime() / 1000)
  if ((payload.exp ?? 0) > seconds + MAX_LIFE_SECONDS + SKEW_SECONDS) throw invalid("the assertion's exp is more than an hour away")
  if (payload.iat !== undefined && payload.iat > seconds + SKEW_SECONDS) throw invalid("the assertion's iat is in the future")
  if (typeof payload.jti !== 'string' || payload.jti === '') throw invalid('the assertion has no jti')
  return { jti: payload.jti }
}

/** An assertion that names no key (the official SDKs' name none) is good if one of the client's keys made it: while it changes keys it has two. */
async function verifyWithAny(assertion: string, keys: JSONWebKeySet, options: JWTVerifyOptions) {
  try {
    return await jwtVerify(assertion, createLocalJWKSet(keys), options)
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error
    for await (const key of error) {
      try {
        return await jwtVerify(assertion, key, options)
      } catch (cause) {
        if (!(cause instanceof errors.JWSSignatureVerificationFailed)) throw cause
      }
    }
    throw new errors.JWSSignatureVerificationFailed()
  }
}

/** True where the assertion may be right and the keys are not the ones it was made with. */
export function isOfAnotherKey(error: unknown): boolean {
  const cause = error instanceof OAuthError ? error.cause : undefined
  return cause instanceof errors.JWSSignatureVerificationFailed || cause instanceof errors.JWKSNoMatchingKey
}

function invalid(description: string, cause?: unknown): OAuthError {
  return new OAuthError('invalid_client', description, { cause })
}
