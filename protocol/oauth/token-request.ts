import { z } from 'zod'
import { DEVICE_GRANT } from './device-authorization.ts'
import { must, OAuthError } from './errors.ts'
import { JWT_BEARER_GRANT } from './identity-assertion.ts'

/** Code verifier (RFC 7636 §4.1). */
const codeVerifier = z.string().regex(/^[A-Za-z0-9._~-]{43,128}$/)

const parameter = z.string().min(1)
const common = { resource: z.array(z.string()), scope: z.string().optional() }

/**
 * Authorization code (RFC 6749 §4.1.3). redirect_uri is optional (OAuth 2.1 §4.1.3), and must match
 * if sent.
 */
const authorizationCode = z.object({
  ...common,
  grant_type: z.literal('authorization_code'),
  code: parameter,
  redirect_uri: parameter.optional(),
  code_verifier: codeVerifier,
})

/** Refresh token (RFC 6749 §6). */
const refreshToken = z.object({ ...common, grant_type: z.literal('refresh_token'), refresh_token: parameter })

/** Client credentials (RFC 6749 §4.4.2). */
const clientCredentials = z.object({ ...common, grant_type: z.literal('client_credentials') })

/** Device code (RFC 8628 §3.4). */
const deviceCode = z.object({ ...common, grant_type: z.literal(DEVICE_GRANT), device_code: parameter })

/** JWT bearer (RFC 7523 §2.1). */
const jwtBearer = z.object({ ...common, grant_type: z.literal(JWT_BEARER_GRANT), assertion: parameter })

const tokenRequest = z.discriminatedUnion('grant_type', [authorizationCode, refreshToken, clientCredentials, deviceCode, jwtBearer])

export type GrantType = z.infer<typeof tokenRequest>['grant_type']
export type TokenRequest<G extends GrantType = GrantType> = Extract<z.infer<typeof tokenRequest>, { grant_type: G }>

/** Grant types of `/token`, as listed in the metadata. */
export const GRANT_TYPES: readonly GrantType[] = tokenRequest.options.map(({ shape }) => shape.grant_type.value)

/** Grant types of the root issuer, which serves clients of revision 2025-03-26. */
export const ROOT_GRANT_TYPES = ['authorization_code', 'refresh_token'] as const satisfies GrantType[]

/**
 * Parses a form without repeated parameters. A parameter without a value counts as absent (RFC 6749
 * §3.2).
 */
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
