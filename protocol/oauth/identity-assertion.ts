import { decodeJwt, decodeProtectedHeader, type JSONWebKeySet } from 'jose'
import { z } from 'zod'
import { parsePerson, type NamedPerson } from '../openid/person.ts'
import { must, OAuthError } from './errors.ts'
import { claimFault, SIGNING_ALGORITHMS, SKEW_SECONDS, verifyJwt } from './signed-jwt.ts'

/**
 * Identity Assertion JWT Authorization Grant, ID-JAG (draft-ietf-oauth-identity-assertion-authz-grant), in the MCP extension for enterprise-managed
 * authorization: an organization's identity provider says who asks, by which client, and for how much.
 */
export const ID_JAG_PROFILE = 'urn:ietf:params:oauth:grant-profile:id-jag'

/** RFC 7523 §2.1. */
export const JWT_BEARER_GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer'

const TYPE = 'oauth-id-jag+jwt'
const MAX_ASSERTION = 12 * 1024
const MAX_LIFE_SECONDS = 3600

export interface IdentityAssertion {
  person: NamedPerson
  jti: string
  /** The most it may be exchanged for; undefined = what the server gives by itself. */
  scope: string[] | undefined
}

/** Either one value or an array of one: a token for several places is for none of them in particular. */
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

/** Whom an assertion claims to be from, and which key it names: unverified, to find the keys by. Throws invalid_grant. */
export function assertedIssuer(assertion: string): { issuer: string; keyId: string | undefined } {
  if (assertion.length > MAX_ASSERTION) throw invalid(`the assertion is longer than ${MAX_ASSERTION} characters`)
  const { iss, kid, typ, alg } = decode(assertion)
  must(typ === TYPE, 'invalid_grant', `the assertion's typ must be ${TYPE}`)
  must(SIGNING_ALGORITHMS.includes(alg ?? ''), 'invalid_grant', `the assertion's alg must be one of ${SIGNING_ALGORITHMS.join(', ')}`)
  must(typeof iss === 'string' && iss !== '', 'invalid_grant', 'the assertion has no iss')
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
  /** The provider that is trusted, and its keys. */
  issuer: string
  keys: JSONWebKeySet
  /** This authorization server's issuer. */
  audience: string
  resource: string
  /** The client that authenticated with this very request. */
  clientId: string
  now: Date
}

/** Checks every claim, each with its own refusal (§4.4.1 of the draft, §7.6.2 of the extension). Throws invalid_grant. */
export async function verifyIdentityAssertion(
  assertion: string,
  { issuer, keys, audience, resource, clientId, now }: Expected,
): Promise<IdentityAssertion> {
  const options = { typ: TYPE, issuer, currentDate: now, requiredClaims: ['sub', 'aud', 'client_id', 'jti', 'exp', 'iat'] }
  const { payload } = await verifyJwt(assertion, keys, options).catch((cause: unknown) => {
    throw invalid(`the assertion ${claimFault(cause) ?? `does not verify with the keys of ${issuer}`}`, cause)
  })
  const parsed = claims.safeParse(payload)
  if (!parsed.success) throw invalid(`the assertion's ${String(parsed.error.issues[0]?.path[0] ?? 'body')} is not as it should be`)
  const asserted = parsed.data
  const seconds = Math.floor(now.getTime() / 1000)
  must(asserted.aud === audience, 'invalid_grant', `the assertion's aud must be ${audience}, this authorization server's issuer, alone`)
  must(asserted.client_id === clientId, 'invalid_grant', "the assertion's client_id is not the client that presents it")
  must(
    asserted.resource === undefined || asserted.resource === resource,
    'invalid_grant',
    `the assertion's resource must be ${resource}, alone, or be left out`,
  )
  must(asserted.exp <= seconds + MAX_LIFE_SECONDS + SKEW_SECONDS, 'invalid_grant', "the assertion's exp is more than an hour away")
  must(asserted.iat <= seconds + SKEW_SECONDS, 'invalid_grant', "the assertion's iat is in the future")
  must(asserted.iat >= seconds - MAX_LIFE_SECONDS - SKEW_SECONDS, 'invalid_grant', "the assertion's iat is more than an hour ago")
  // each would bind the token further than is held to here; `act` only tells who acts, which the token does not hide
  for (const binding of ['cnf', 'authorization_details'])
    must(!(binding in asserted), 'invalid_grant', `the assertion carries ${binding}, which is not supported here`)
  const person = parsePerson(asserted)
  must(person, 'invalid_grant', "the assertion's tenant is not as it should be")
  return { person, jti: asserted.jti, scope: asserted.scope?.split(' ').filter((word) => word !== '') }
}

function invalid(description: string, cause?: unknown): OAuthError {
  return new OAuthError('invalid_grant', description, { cause })
}
