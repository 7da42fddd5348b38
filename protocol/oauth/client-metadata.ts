import { z } from 'zod'
import { isPublicName } from '../http/guarded-fetch.ts'
import { PLAIN_LINE } from '../plain-text.ts'
import { DEVICE_GRANT } from './device-authorization.ts'
import { must, OAuthError } from './errors.ts'
import { JWT_BEARER_GRANT } from './identity-assertion.ts'
import { parseJwks, type PublicKeys } from './json-web-keys.ts'
import { isScope } from './scope.ts'
import { isLoopbackRedirectUri, isUsableRedirectUri, redirectUriFault } from './redirect-uri.ts'
import { isRecord } from '../record.ts'

/** RFC 7591 §2: what a client says of itself, once defaults are filled in and what we do not serve is left out. */
export interface ClientMetadata {
  redirectUris: string[]
  grantTypes: string[]
  responseTypes: string[]
  tokenEndpointAuthMethod: TokenEndpointAuthMethod
  applicationType: 'web' | 'native'
  /** Only with private_key_jwt. */
  keys: PublicKeys | undefined
  name: string | undefined
  /** Shown or kept, never fetched; as it is answered. */
  display: Record<string, unknown>
}

export const TOKEN_ENDPOINT_AUTH_METHODS = ['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt'] as const
export type TokenEndpointAuthMethod = (typeof TOKEN_ENDPOINT_AUTH_METHODS)[number]

const MAX_REDIRECT_URIS = 10
const GRANT_TYPES = ['authorization_code', 'refresh_token', 'client_credentials', DEVICE_GRANT, JWT_BEARER_GRANT]
/** OAuth 2.1 has neither; a client that asks for one would use it. Other grants a client may list beside its own are answered without them. */
const REFUSED_GRANT_TYPES = ['password', 'implicit']

/** What is known of who says this, and so may be let in without a user in front of it. */
interface Trust {
  /** It may have client_credentials. */
  actsForItself?: boolean
  /** Its id is its own wherever it goes, so an identity provider can vouch for it (jwt-bearer): what anybody registers is not. */
  isNamed?: boolean
}

const line = (max: number) =>
  z.string().max(max, `is longer than ${max} characters`).regex(PLAIN_LINE, 'has control or text-direction characters')
const names = z.array(z.string().max(200, 'names something longer than 200 characters')).max(20, 'names more than 20')
const publicLink = (max: number) =>
  z
    .string()
    .max(max, `is longer than ${max} characters`)
    .refine((text) => text === '' || isPublicLink(text), 'must be an https URL at a public host name')
    .transform((text) => text || undefined)
    .optional()
const webPage = publicLink(1024)

const registration = z.object({
  redirect_uris: z.array(z.string()).optional(),
  token_endpoint_auth_method: z.string().default('client_secret_basic'),
  grant_types: names.default(['authorization_code']),
  response_types: names.optional(),
  application_type: z.enum(['web', 'native'], { error: 'must be web or native' }).optional(),
  client_name: line(200).optional(),
  client_uri: webPage,
  logo_uri: webPage,
  policy_uri: webPage,
  tos_uri: webPage,
  jwks: z.unknown().optional(),
  jwks_uri: publicLink(2048),
  contacts: z.array(line(320)).max(10, 'names more than 10').optional(),
  scope: z.string().max(1000, 'is longer than 1000 characters').optional(),
  software_id: line(200).optional(),
  software_version: line(200).optional(),
  software_statement: z.unknown().optional(),
})

/**
 * From a registration body (RFC 7591 §3.1). What a caller may not choose (client_id, client_secret) and what we do not know is ignored.
 */
export function parseClientMetadata(body: unknown, trust: Trust = {}): ClientMetadata {
  const parsed = registration.safeParse(withoutNull(body))
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    const member = String(issue?.path[0] ?? '')
    if (member === 'redirect_uris') throw new OAuthError('invalid_redirect_uri', 'redirect_uris must be an array of strings')
    throw new OAuthError('invalid_client_metadata', member ? `${member} ${faultOf(issue)}` : 'the body must be a JSON object')
  }
  const metadata = parsed.data
  must(metadata.software_statement === undefined, 'invalid_software_statement', 'software statements are not verified here')
  const tokenEndpointAuthMethod = checkAuthMethod(metadata.token_endpoint_auth_method)
  const grantTypes = checkGrants(metadata.grant_types, trust, tokenEndpointAuthMethod !== 'none')
  const redirects = grantTypes.includes('authorization_code')
  const redirectUris = redirects ? checkRedirectUris(metadata.redirect_uris) : []
  return {
    redirectUris,
    grantTypes,
    responseTypes: checkResponseTypes(metadata.response_types, redirects),
    tokenEndpointAuthMethod,
    keys: tokenEndpointAuthMethod === 'private_key_jwt' ? parseJwks({ jwks: metadata.jwks, jwksUri: metadata.jwks_uri }) : undefined,
    applicationType: checkApplicationType(metadata.application_type, redirectUris),
    name: metadata.client_name,
    display: {
      client_uri: metadata.client_uri,
      logo_uri: metadata.logo_uri,
      policy_uri: metadata.policy_uri,
      tos_uri: metadata.tos_uri,
      contacts: metadata.contacts,
      scope: metadata.scope?.split(' ').filter(isScope).join(' ') || undefined,
      software_id: metadata.software_id,
      software_version: metadata.software_version,
    },
  }
}

function faultOf(issue: z.core.$ZodIssue | undefined): string {
  if (issue?.code !== 'invalid_type') return issue?.message ?? 'is not acceptable'
  return issue.expected === 'array' || issue.path.length > 1 ? 'must be an array of strings' : 'must be text'
}

/** Serializers of several languages write null for what is not set, which says nothing (RFC 7592 §2.2 has it the same as left out). */
function withoutNull(body: unknown): unknown {
  if (!isRecord(body)) return body
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null))
}

function checkRedirectUris(uris: string[] | undefined): string[] {
  must(uris !== undefined && uris.length > 0, 'invalid_redirect_uri', 'redirect_uris must name at least one')
  must(uris.length <= MAX_REDIRECT_URIS, 'invalid_redirect_uri', `redirect_uris may name at most ${MAX_REDIRECT_URIS}`)
  for (const [index, uri] of uris.entries()) {
    const fault = redirectUriFault(uri)
    must(fault === undefined, 'invalid_redirect_uri', `redirect_uris[${index}] ${fault}`)
  }
  must(uris.some(isUsableRedirectUri), 'invalid_redirect_uri', 'redirect_uris needs one that is https, or http on loopback')
  return [...new Set(uris)]
}

/**
 * A client needs a way to its user: by a browser of its own, by the one on another device, or by the user's identity provider. One that has none acts for
 * itself alone. The last two take a secret or a key (RFC 6749 §4.4, §9 of the ID-JAG draft).
 */
function checkGrants(asked: string[], trust: Trust, isConfidential: boolean): string[] {
  for (const refused of REFUSED_GRANT_TYPES)
    must(!asked.includes(refused), 'invalid_client_metadata', `the grant type ${refused} is not supported`)
  const known = GRANT_TYPES.filter((type) => asked.includes(type))
  const served = known.filter((type) => withheld(type, trust, isConfidential) === undefined)
  if (served.includes('authorization_code') || served.includes(DEVICE_GRANT)) return served
  const withoutUser = served.filter((type) => type !== 'refresh_token')
  if (withoutUser.length > 0) return withoutUser
  const reason = known.map((type) => withheld(type, trust, isConfidential)).find((each) => each !== undefined)
  throw new OAuthError('invalid_client_metadata', reason ?? `grant_types must hold authorization_code or ${DEVICE_GRANT}`)
}

/** Why a client may not have this grant; undefined = it may. */
function withheld(type: string, { actsForItself = false, isNamed = false }: Trust, isConfidential: boolean): string | undefined {
  if (type !== 'client_credentials' && type !== JWT_BEARER_GRANT) return undefined
  if (type === 'client_credentials' && !actsForItself)
    return 'client_credentials is not for apps that make themselves known here: the owner of this server gives such clients out by hand'
  if (type === JWT_BEARER_GRANT && !isNamed)
    return `${type} is for clients with a document, and for those that the owner of this server gives out by hand`
  return isConfidential ? undefined : `${type} needs a token_endpoint_auth_method other than none`
}

/** RFC 7591 §2.1: the response type goes with the grant type, and only authorization_code has one. */
function checkResponseTypes(asked: string[] | undefined, redirects: boolean): string[] {
  if (!redirects) {
    // the default stands for authorization_code, so who only leaves it in says nothing by it
    must(
      (asked ?? []).every((type) => type === 'code'),
      'invalid_client_metadata',
      'response_types must be empty without authorization_code',
    )
    return []
  }
  must(
    asked === undefined || (asked.length === 1 && asked[0] === 'code'),
    'invalid_client_metadata',
    'response_types must be code alone, which is what authorization_code goes with',
  )
  return ['code']
}

function checkAuthMethod(method: string): TokenEndpointAuthMethod {
  const known = TOKEN_ENDPOINT_AUTH_METHODS.find((candidate) => candidate === method)
  must(known, 'invalid_client_metadata', `token_endpoint_auth_method must be one of ${TOKEN_ENDPOINT_AUTH_METHODS.join(', ')}`)
  return known
}

/**
 * OpenID Connect Registration §2: a web client has no loopback callback. Left out, the callbacks decide, since many clients do leave it out; and so they do
 * where one of them is a private-use scheme, which only an app on somebody's machine can have: Cursor has called itself a web client with such a list.
 */
function checkApplicationType(type: 'web' | 'native' | undefined, redirectUris: string[]): 'web' | 'native' {
  if (!redirectUris.every(isUsableRedirectUri)) return 'native'
  const loopback = redirectUris.some(isLoopbackRedirectUri)
  must(
    !(type === 'web' && loopback),
    'invalid_redirect_uri',
    'a web client cannot have a loopback redirect URI; register with application_type native',
  )
  return type ?? (loopback ? 'native' : 'web')
}

/** https on a public name: people may be shown these links, and the platform asked to fetch keys, so none leads into somebody's network. */
function isPublicLink(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, hostname, username, password } = new URL(text)
  return protocol === 'https:' && username === '' && password === '' && isPublicName(hostname)
}
