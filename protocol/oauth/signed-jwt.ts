import { createLocalJWKSet, errors, jwtVerify, type JSONWebKeySet, type JWTVerifyOptions, type JWTVerifyResult } from 'jose'

/** Asymmetric only (RFC 8725 §3.1): a shared-secret algorithm would let a public key pass as a secret. */
export const SIGNING_ALGORITHMS = ['ES256', 'ES384', 'ES512', 'RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'EdDSA', 'Ed25519']

/** Between other people's clocks and ours. */
export const SKEW_SECONDS = 60

/** A JWT that names no key (the official SDKs' name none) is good if one of the keys made it: who changes keys has two for a while. */
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

/** True where the JWT may be right and the keys are not the ones it was made with. Looks behind the error it was made into. */
export function isOfAnotherKey(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause)
    if (at instanceof errors.JWSSignatureVerificationFailed || at instanceof errors.JWKSNoMatchingKey) return true
  return false
}

/** Which claim a JWT was refused for, as words behind what it is called; undefined where it was none of them. */
export function claimFault(cause: unknown): string | undefined {
  if (cause instanceof errors.JWTExpired) return 'has expired'
  if (!(cause instanceof errors.JWTClaimValidationFailed)) return undefined
  return cause.reason === 'missing' ? `has no ${cause.claim}` : `is refused: its ${cause.claim} is not acceptable`
}
