import { createLocalJWKSet, errors, jwtVerify, type JSONWebKeySet, type JWTVerifyOptions, type JWTVerifyResult } from 'jose'

/**
 * Asymmetric algorithms only (RFC 8725 §3.1), because a symmetric algorithm would accept a public
 * key as the secret.
 */
export const SIGNING_ALGORITHMS = ['ES256', 'ES384', 'ES512', 'RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'EdDSA', 'Ed25519']

/** Accepted difference between clocks. */
export const SKEW_SECONDS = 60

/**
 * Verifies a JWT. Without a key id, as the official SDKs send, every key is tried, because a set
 * holds two keys during a rotation.
 */
export async function verifyJwt(
  jwt: string,
  keys: JSONWebKeySet,
  options: Omit<JWTVerifyOptions, 'algorithms' | 'clockTolerance'>,
): Promise<JWTVerifyResult> {
  const strict = { ...options, algorithms: SIGNING_ALGORITHMS, clockTolerance: SKEW_SECONDS }
  try {
    return await jwtVerify(jwt, createLocalJWKSet(keys), strict)
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error
    for await (const key of error) {
      try {
        return await jwtVerify(jwt, key, strict)
      } catch (cause) {
        if (!(cause instanceof errors.JWSSignatureVerificationFailed)) throw cause
      }
    }
    throw new errors.JWSSignatureVerificationFailed()
  }
}

/** Returns true if the error or a cause says that no key of the set signed the JWT. */
export function isOfAnotherKey(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause)
    if (at instanceof errors.JWSSignatureVerificationFailed || at instanceof errors.JWKSNoMatchingKey) return true
  return false
}

/**
 * Returns the refused claim as a predicate ("has no exp"), or undefined if no claim is at fault.
 */
export function claimFault(cause: unknown): string | undefined {
  if (cause instanceof errors.JWTExpired) return 'has expired'
  if (!(cause instanceof errors.JWTClaimValidationFailed)) return undefined
  return cause.reason === 'missing' ? `has no ${cause.claim}` : `has an invalid ${cause.claim}`
}
