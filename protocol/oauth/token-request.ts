import { z } from 'zod'
import { DEVICE_GRANT } from './device-authorization.ts'
import { must, OAuthError } from './errors.ts'
import { JWT_BEARER_GRANT } from './identity-assertion.ts'

/** RFC 7636 §4.1. */
const codeVerifier = z.string().regex(/^[A-Za-z0-9._~-]{43,128}$/)

const parameter = z.string().min(1)
const common = { resource: z.array(z.string()), scope: z.string().optional() }

/** RFC 6749 §4.1.3. OAuth 2.1 §4.1.3 no longer asks for redirect_uri; sent, it must be the one the code was asked with. */
const authorizationCode = z.object({
  ...common,
  grant_type: z.literal('authorization_code'),
  code: parameter,
  redirect_uri: parameter.optional(),
  code_verifier: codeVerifier,
})

/** RFC 6749 §6. */
const refreshToken = z.object({ ...common, grant_type: z.literal('refresh_token'), refresh_token: parameter })

/** RFC 6749 §4.4.2. */
const clientCredentials = z.object({ ...common, grant_type: z.literal('client_credentials') })

/** RFC 8628 §3.4. */
const deviceCode = z.object({ ...common, grant_type: z.literal(DEVICE_GRANT), device_code: parameter })

/** RFC 7523 §2.1. */
const jwtBearer = z.object({ ...common, grant_type: z.literal(JWT_BEARER_GRANT), assertion: parameter })

const tokenRequest = z.discriminatedUnion('grant_type', [authorizationCode, refreshToken, clientCredentials, deviceCode, jwtBearer])

export type GrantType = z.infer<typeof tokenRequest>['grant_type']
export type TokenRequest<G extends GrantType = GrantType> = Extract<z.infer<typeof tokenRequest>, { grant_type: G }>

/** What `/token` answers, and the metadata says it does. */
export const GRANT_TYPES: readonly GrantType[] = tokenRequest.options.map(({ shape }) => shape.grant_type.value)

/** The same at the root issuer: what a client of revision 2025-03-26 knows. */
export const ROOT_GRANT_TYPES = ['authorization_code', 'refresh_token'] as const satisfies GrantType[]

/** From a form whose parameters were seen to be there once, `resource` apart. One without a value counts as left out (RFC 6749 §3.2). */
export function parseTokenRequest(form: URLSearchParams): TokenRequest {
  const grantType = form.get('grant_type')
  must(grantType, 'invalid_request', 'grant_type is required')
  must(
    (GRANT_TYPES as readonly string[]).includes(grantType),
    'unsupported_grant_type',
    `grant_type must be one of ${GRANT_TYPES.join(', ')}`,
  )
  const given = Object.fromEntries([...form].filter(([, value]) => value !== ''))
  const parsed = tokenRequest.safeParse({ ...given, resource: form.getAll('resource') })
  if (!parsed.success) {
    const name = String(parsed.error.issues[0]?.path[0] ?? 'grant_type')
    throw new OAuthError('invalid_request', `${name} is missing or malformed`)
  }
  return parsed.data
}
