import { decodeJwt, decodeProtectedHeader, type JSONWebKeySet } from 'jose'
import { OAuthError } from './errors.ts'
import { claimFault, SKEW_SECONDS, verifyJwt } from './signed-jwt.ts'

export const CLIENT_ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

const MAX_ASSERTION = 8 * 1024
const MAX_LIFE_SECONDS = 3600

/**
 * Returns the client id of an unverified assertion, to find the client's keys. Throws
 * invalid_client.
 */
export function assertedClientId(assertion: string): string {
  const claims = decode(assertion, decodeJwt)
  if (typeof claims.sub !== 'string' || claims.sub === '') throw invalid('sub is missing in the assertion')
  return claims.sub
}

/**
 * Returns the key id of an unverified assertion. An unknown key id may mean that the client's keys
 * changed.
 */
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
 * Verifies a client assertion (RFC 7523 §3): signature, iss and sub equal to the client id, aud
 * equal to the issuer or its token endpoint, a lifetime of at most an hour, and a jti. Returns the
 * jti, so that the caller can refuse a second use. Throws invalid_client.
 */
export async function verifyClientAssertion(
  assertion: string,
  { clientId, keys, audiences, now }: { clientId: string; keys: JSONWebKeySet; audiences: string[]; now: Date },
): Promise<{ jti: string }> {
  const { payload } = await verifyJwt(assertion, keys, {
    issuer: clientId,
    subject: clientId,
    audience: audiences,
    currentDate: now,
    requiredClaims: ['exp', 'jti'],
  }).catch((cause: unknown) => {
    throw invalid(`the assertion ${claimFault(cause) ?? "does not verify with the client's keys"}`, cause)
  })
  const seconds = Math.floor(now.getTime() / 1000)
  if ((payload.exp ?? 0) > seconds + MAX_LIFE_SECONDS + SKEW_SECONDS)
    throw invalid("the assertion's exp is more than an hour in the future")
  if (payload.iat !== undefined && payload.iat > seconds + SKEW_SECONDS) throw invalid("the assertion's iat is in the future")
  if (typeof payload.jti !== 'string' || payload.jti === '') throw invalid('jti is missing in the assertion')
  return { jti: payload.jti }
}

function invalid(description: string, cause?: unknown): OAuthError {
  return new OAuthError('invalid_client', description, { cause })
}
