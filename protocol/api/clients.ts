import { z } from 'zod'
import { TOKEN_ENDPOINT_AUTH_METHODS } from '../oauth/client-metadata/auth-method.ts'
import { JWT_BEARER_GRANT } from '../oauth/identity-assertion.ts'
import { name, time } from './fields.ts'
import { machineGrantBody } from './machines.ts'

/* Apps: requests for approval, clients created by hand, and registration. */

export const decideClient = z.strictObject({
  clientId: z.string().min(1).max(2048),
  /** `undecided` removes the decision and the request. */
  state: z.enum(['approved', 'refused', 'undecided']),
})
export const clientBody = z.object({
  clientId: z.string(),
  name: z.string(),
  state: z.enum(['waiting', 'approved', 'refused']),
  askedBy: z
    .string()
    .nullable()
    .describe('Id of the requesting user. Null if the client asked for itself, or a member decided before any request.'),
  decidedBy: z.string().nullable(),
  decidedAt: time.nullable(),
  createdAt: time,
})
export type ClientBody = z.infer<typeof clientBody>

/** App registered at a hosted server (RFC 7591). */
export const registeredClientBody = z.object({
  clientId: z.string(),
  name: z.string().nullable().describe('Name given by the app, or null.'),
  applicationType: z.string(),
  grantTypes: z.array(z.string()),
  tokenEndpointAuthMethod: z.string(),
  redirectUris: z.array(z.string()),
  createdAt: time,
  lastUsedAt: time.nullable().describe('Last use to the day, for machine clients to the minute. Null before the first token.'),
  expiresAt: time.nullable().describe('Time at which the client is deleted if unused until then and without a grant.'),
  people: z.int().describe('Number of users with an active grant.'),
})
export type RegisteredClientBody = z.infer<typeof registeredClientBody>

/** New client. Authentication method and grant types cannot change later. */
export const createTenantClient = z
  .strictObject({
    name,
    grantTypes: z
      .array(z.enum(['authorization_code', 'refresh_token', 'client_credentials', JWT_BEARER_GRANT]))
      .min(1, 'must not be empty'),
    tokenEndpointAuthMethod: z.enum(TOKEN_ENDPOINT_AUTH_METHODS).default('client_secret_basic'),
    redirectUris: z.array(z.string().max(2048)).max(10).default([]),
    /** Public keys for private_key_jwt, by value or by URL. */
    jwks: z.unknown().optional(),
    jwksUri: z.string().max(2048).optional(),
  })
  .superRefine(({ grantTypes, tokenEndpointAuthMethod, redirectUris, jwks, jwksUri }, context) => {
    const fault = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message })
    const redirects = grantTypes.includes('authorization_code')
    if (redirects && redirectUris.length === 0) fault('redirectUris', 'must have at least one entry with authorization_code')
    if (!redirects && redirectUris.length > 0) fault('redirectUris', 'are allowed only with authorization_code')
    if (!redirects && grantTypes.includes('refresh_token')) fault('grantTypes', 'must not have refresh_token without authorization_code')
    const proven = grantTypes.find((type) => type === 'client_credentials' || type === JWT_BEARER_GRANT)
    if (proven && tokenEndpointAuthMethod === 'none') fault('tokenEndpointAuthMethod', `must not be none with ${proven}`)
    if (tokenEndpointAuthMethod !== 'private_key_jwt' && (jwks !== undefined || jwksUri !== undefined))
      fault(jwks === undefined ? 'jwksUri' : 'jwks', 'is allowed only with private_key_jwt')
    if (tokenEndpointAuthMethod === 'private_key_jwt' && (jwks === undefined) === (jwksUri === undefined))
      fault('jwks', 'or jwksUri is required with private_key_jwt, but not both')
  })
export const updateTenantClient = z.strictObject({
  name: name.optional(),
  redirectUris: z.array(z.string().max(2048)).max(10).optional(),
  jwks: z.unknown().optional(),
  jwksUri: z.string().max(2048).optional(),
})
export const rotateSecret = z.strictObject({
  /** Time until the previous secret expires, at most a week. */
  overlapHours: z
    .number()
    .min(0)
    .max(7 * 24)
    .default(24),
})
export const tenantClientBody = z.object({
  clientId: z.string(),
  name: z.string(),
  grantTypes: z.array(z.string()),
  tokenEndpointAuthMethod: z.string(),
  redirectUris: z.array(z.string()),
  jwks: z.unknown(),
  jwksUri: z.string().nullable(),
  secretLastFour: z.string().nullable().describe('Null for a client without a secret.'),
  previousSecretExpiresAt: time.nullable().describe('Expiry of the previous secret.'),
  createdBy: z.string().nullable().describe('User id, or null after the user is deleted.'),
  createdAt: time,
  lastUsedAt: time.nullable(),
  secret: z.string().optional().describe('Present only in the reply of the creating request.'),
})
export type TenantClientBody = z.infer<typeof tenantClientBody>

/** Client with its machine grants at the tenant's servers. */
export const tenantClientDetailBody = tenantClientBody.extend({
  machineGrants: z.array(
    machineGrantBody
      .pick({ scopes: true, tools: true, createdBy: true, createdAt: true, lastUsedAt: true })
      .extend({ server: z.string().describe('Slug of the server.') }),
  ),
})
export type TenantClientDetailBody = z.infer<typeof tenantClientDetailBody>

export const createInitialAccessToken = z.strictObject({
  name,
  expiresInDays: z.int().min(1).max(365).default(30),
  /** Limit of registrations with the token. Absent or null means no limit. */
  maxUses: z.int().min(1).max(10_000).nullable().default(null),
})
export const initialAccessTokenBody = z.object({
  id: z.string(),
  name: z.string(),
  lastFour: z.string(),
  uses: z.int().describe('Number of clients registered with the token.'),
  maxUses: z.int().nullable(),
  createdBy: z.string().nullable().describe('User id, or null after the user is deleted.'),
  lastUsedAt: time.nullable(),
  expiresAt: time,
  createdAt: time,
  token: z.string().optional().describe('Present only in the reply of the creating request.'),
})
export type InitialAccessTokenBody = z.infer<typeof initialAccessTokenBody>
