import { z } from 'zod'
import { TOKEN_ENDPOINT_AUTH_METHODS } from '../oauth/client-metadata/auth-method.ts'
import { JWT_BEARER_GRANT } from '../oauth/identity-assertion.ts'
import { name } from './fields.ts'
import type { MachineGrantBody } from './machines.ts'

/*
 * Which apps may connect: those that asked, those made by hand, and who may register more.
 */

export const decideClient = z.strictObject({
  clientId: z.string().min(1).max(2048),
  /** `undecided`: as if nothing had been decided, or asked. */
  state: z.enum(['approved', 'refused', 'undecided']),
})
export interface ClientBody {
  clientId: string
  name: string
  state: 'waiting' | 'approved' | 'refused'
  /** A user's id; null where the client asked for itself, or was decided about before it asked. */
  askedBy: string | null
  decidedBy: string | null
  decidedAt: string | null
  createdAt: string
}

/** An app that made itself known at a hosted server, by RFC 7591. */
export interface RegisteredClientBody {
  clientId: string
  /** What it calls itself; null where it does not. */
  name: string | null
  applicationType: string
  grantTypes: string[]
  tokenEndpointAuthMethod: string
  redirectUris: string[]
  createdAt: string
  /** To the day, but for one that acts for itself; null before its first token. */
  lastUsedAt: string | null
  /** When it is forgotten, if it has no grant then and is not used before. */
  expiresAt: string | null
  /** How many let it in at present. */
  people: number
}

/** How a client that was made by hand proves itself, and which grants it is for, stay as they were made. */
export const createTenantClient = z
  .strictObject({
    name,
    grantTypes: z
      .array(z.enum(['authorization_code', 'refresh_token', 'client_credentials', JWT_BEARER_GRANT]))
      .min(1, 'must not be empty'),
    tokenEndpointAuthMethod: z.enum(TOKEN_ENDPOINT_AUTH_METHODS).default('client_secret_basic'),
    redirectUris: z.array(z.string().max(2048)).max(10).default([]),
    /** Its public keys, by value or by URL, with private_key_jwt. */
    jwks: z.unknown().optional(),
    jwksUri: z.string().max(2048).optional(),
  })
  .superRefine(({ grantTypes, tokenEndpointAuthMethod, redirectUris, jwks, jwksUri }, context) => {
    const fault = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message })
    const redirects = grantTypes.includes('authorization_code')
    if (redirects && redirectUris.length === 0)
      fault('redirectUris', 'must name one at least, where authorization_code sends people back to')
    if (!redirects && redirectUris.length > 0) fault('redirectUris', 'are for clients with authorization_code')
    if (!redirects && grantTypes.includes('refresh_token')) fault('grantTypes', 'have refresh_token only beside authorization_code')
    const proven = grantTypes.find((type) => type === 'client_credentials' || type === JWT_BEARER_GRANT)
    if (proven && tokenEndpointAuthMethod === 'none')
      fault('tokenEndpointAuthMethod', `must not be none with ${proven}: the client has to prove itself`)
    if (tokenEndpointAuthMethod !== 'private_key_jwt' && (jwks !== undefined || jwksUri !== undefined))
      fault(jwks === undefined ? 'jwksUri' : 'jwks', 'is for clients with private_key_jwt')
    if (tokenEndpointAuthMethod === 'private_key_jwt' && (jwks === undefined) === (jwksUri === undefined))
      fault('jwks', 'or jwksUri is needed with private_key_jwt, and not both')
  })
export const updateTenantClient = z.strictObject({
  name: name.optional(),
  redirectUris: z.array(z.string().max(2048)).max(10).optional(),
  jwks: z.unknown().optional(),
  jwksUri: z.string().max(2048).optional(),
})
export const rotateSecret = z.strictObject({
  /** How long the secret before stays good: at most a week. */
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
  /** Null for a client that has none. */
  secretLastFour: string | null
  /** Until when the secret before this one is good too. */
  previousSecretExpiresAt: string | null
  /** A user's id; null once they are gone. */
  createdBy: string | null
  createdAt: string
  lastUsedAt: string | null
  /** Only in the answer that made it. */
  secret?: string
}

/** One client, with what it may do for itself at each of the tenant's servers. */
export interface TenantClientDetailBody extends TenantClientBody {
  machineGrants: (Pick<MachineGrantBody, 'scopes' | 'tools' | 'createdBy' | 'createdAt' | 'lastUsedAt'> & {
    /** The server's slug. */
    server: string
  })[]
}

export const createInitialAccessToken = z.strictObject({
  name,
  expiresInDays: z.int().min(1).max(365).default(30),
  /** How many clients may be registered with it; left out or null: any number until it expires. */
  maxUses: z.int().min(1).max(10_000).nullable().default(null),
})
export interface InitialAccessTokenBody {
  id: string
  name: string
  lastFour: string
  /** Clients registered with it so far. */
  uses: number
  maxUses: number | null
  /** A user's id; null once they are gone. */
  createdBy: string | null
  lastUsedAt: string | null
  expiresAt: string
  createdAt: string
  /** Only in the answer that made it. */
  token?: string
}
