import { decodeJwt, decodeProtectedHeader, type JSONWebKeySet } from 'jose'
import { z } from 'zod'
import { parsePerson, type NamedPerson } from '../openid/person.ts'
import { must, OAuthError } from './errors.ts'
import { claimFault, SIGNING_ALGORITHMS, SKEW_SECONDS, verifyJwt } from './signed-jwt.ts'

/**
 * Identity Assertion JWT Authorization Grant, ID-JAG
 * (draft-ietf-oauth-identity-assertion-authz-grant), of MCP's extension for enterprise-managed
 * authorization. An organization's identity provider asserts the user, the client and the scopes.
 */
export const ID_JAG_PROFILE = 'urn:ietf:params:oauth:grant-profile:id-jag'

/** Grant type of RFC 7523 §2.1. */
export const JWT_BEARER_GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer'

const TYPE = 'oauth-id-jag+jwt'
const MAX_ASSERTION = 12 * 1024
const MAX_LIFE_SECONDS = 3600

export interface IdentityAssertion {
  person: NamedPerson
  jti: string
  /** Upper limit of the scopes. Undefined leaves the scopes to the server. */
  scope: string[] | undefined
}

/** A value, or an array of exactly one value, because an assertion must have a single recipient. */
const single = z.union([z.string(), z.tuple([z.string()]).transform(([value]) => value)])

const claims = z.looseObject({
  sub: z.string().min(1).max(500),
  aud: single,
  client_id: z.string(),
  jti: z.string().min(1).max(500),
  exp: z.int(),
  iat: z.int(),
  resource: single.optional(),
  scope: z.string().max(1000).optional(),
})

/** Returns issuer and key id of an unverified assertion, to find the keys. Throws invalid_grant. */
export function assertedIssuer(assertion: string): { issuer: string; keyId: string | undefined } {
  if (assertion.length > MAX_ASSERTION) throw invalid(`the assertion is longer than ${MAX_ASSERTION} characters`)
  const { iss, kid, typ, alg } = decode(assertion)
  must(typ === TYPE, 'invalid_grant', `the assertion's typ must be ${TYPE}`)
  must(SIGNING_ALGORITHMS.includes(alg ?? ''), 'invalid_grant', `the assertion's alg must be one of ${SIGNING_ALGORITHMS.join(', ')}`)
  must(typeof iss === 'string' && iss !== '', 'invalid_grant', 'iss is missing in the assertion')
  return { issuer: iss, keyId: kid }
}

function decode(assertion: string) {
  try {
    return { ...decodeProtectedHeader(assertion), iss: decodeJwt(assertion).iss }
  } catch (cause) {
    throw invalid('the assertion is not a signed JWT', cause)
  }
}

interface Expected {
  /** Trusted provider, with its keys. */
  issuer: string
  keys: JSONWebKeySet
  /** Issuer of this authorization server. */
  audience: string
  resource: string
  /** Client authenticated by the current request. */
  clientId: string
  now: Date
}

/**
 * Verifies the signature and every claim (§4.4.1 of the draft, §7.6.2 of the extension). Throws
 * invalid_grant, which names the claim.
 */
export async function verifyIdentityAssertion(
  assertion: string,
  { issuer, keys, audience, resource, clientId, now }: Expected,
): Promise<IdentityAssertion> {
  const options = { typ: TYPE, issuer, currentDate: now, requiredClaims: ['sub', 'aud', 'client_id', 'jti', 'exp', 'iat'] }
  const { payload } = await verifyJwt(assertion, keys, options).catch((cause: unknown) => {
    throw invalid(`the assertion ${claimFault(cause) ?? `does not verify with the keys of ${issuer}`}`, cause)
  })
  const parsed = claims.safeParse(payload)
  if (!parsed.success) throw invalid(`the assertion's ${String(parsed.error.issues[0]?.path[0] ?? 'body')} is missing or malformed`)
  const asserted = parsed.data
  const seconds = Math.floor(now.getTime() / 1000)
  must(asserted.aud === audience, 'invalid_grant', `the assertion's aud must be ${audience}, the only audience`)
  must(asserted.client_id === clientId, 'invalid_grant', "the assertion's client_id does not match the authenticated client")
  must(
    asserted.resource === undefined || asserted.resource === resource,
    'invalid_grant',
    `the assertion's resource must be absent or only ${resource}`,
  )
  must(asserted.exp <= seconds + MAX_LIFE_SECONDS + SKEW_SECONDS, 'invalid_grant', "the assertion's exp is more than an hour in the future")
  must(asserted.iat <= seconds + SKEW_SECONDS, 'invalid_grant', "the assertion's iat is in the future")
  must(asserted.iat >= seconds - MAX_LIFE_SECONDS - SKEW_SECONDS, 'invalid_grant', "the assertion's iat is more than an hour ago")
  // both would bind the token to more than the platform enforces; `act` restricts nothing
  for (const binding of ['cnf', 'authorization_details'])
    must(!(binding in asserted), 'invalid_grant', `the assertion carries ${binding}, which is not supported here`)
  const person = parsePerson(asserted)
  must(person, 'invalid_grant', "the assertion's tenant does not match the provider's")
  return { person, jti: asserted.jti, scope: asserted.scope?.split(' ').filter((word) => word !== '') }
}

function invalid(description: string, cause?: unknown): OAuthError {
  return new OAuthError('invalid_grant', description, { cause })
}
