import { z } from 'zod'
import { TOKEN_ENDPOINT_AUTH_METHODS } from '../oauth/client-metadata/auth-method.ts'
import { JWT_BEARER_GRANT } from '../oauth/identity-assertion.ts'
import { name } from './fields.ts'
import type { MachineGrantBody } from './machines.ts'

/* Apps: requests for approval, clients created by hand, and registration. */

export const decideClient = z.strictObject({
  clientId: z.string().min(1).max(2048),
  /** `undecided` removes the decision and the request. */
  state: z.enum(['approved', 'refused', 'undecided']),
})
export interface ClientBody {
  clientId: string
  name: string
  state: 'waiting' | 'approved' | 'refused'
  /**
   * Id of the requesting user. Null if the client asked for itself, or a member decided before any
   * request.
   */
  askedBy: string | null
  decidedBy: string | null
  decidedAt: string | null
  createdAt: string
}

/** App registered at a hosted server (RFC 7591). */
export interface RegisteredClientBody {
  clientId: string
  /** Name given by the app, or null. */
  name: string | null
  applicationType: string
  grantTypes: string[]
  tokenEndpointAuthMethod: string
  redirectUris: string[]
  createdAt: string
  /** Last use to the day, for machine clients to the minute. Null before the first token. */
  lastUsedAt: string | null
  /** Time at which the client is deleted if unused until then and without a grant. */
  expiresAt: string | null
  /** Number of users with an active grant. */
  people: number
}

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
export interface TenantClientBody {
  clientId: string
  name: string
  grantTypes: string[]
  tokenEndpointAuthMethod: string
  redirectUris: string[]
  jwks: unknown
  jwksUri: string | null
  /** Null for a client without a secret. */
  secretLastFour: string | null
  /** Expiry of the previous secret. */
  previousSecretExpiresAt: string | null
  /** User id, or null after the user is deleted. */
  createdBy: string | null
  createdAt: string
  lastUsedAt: string | null
  /** Present only in the reply of the creating request. */
  secret?: string
}

/** Client with its machine grants at the tenant's servers. */
export interface TenantClientDetailBody extends TenantClientBody {
  machineGrants: (Pick<MachineGrantBody, 'scopes' | 'tools' | 'createdBy' | 'createdAt' | 'lastUsedAt'> & {
    /** Slug of the server. */
    server: string
  })[]
}

export const createInitialAccessToken = z.strictObject({
  name,
  expiresInDays: z.int().min(1).max(365).default(30),
  /** Limit of registrations with the token. Absent or null means no limit. */
  maxUses: z.int().min(1).max(10_000).nullable().default(null),
})
export interface InitialAccessTokenBody {
  id: string
  name: string
  lastFour: string
  /** Number of clients registered with the token. */
  uses: number
  maxUses: number | null
  /** User id, or null after the user is deleted. */
  createdBy: string | null
  lastUsedAt: string | null
  expiresAt: string
  createdAt: string
  /** Present only in the reply of the creating request. */
  token?: string
}
