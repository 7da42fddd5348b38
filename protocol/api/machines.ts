import { z } from 'zod'
import { machineScopes, name, tools } from './fields.ts'

/* Machine grants, and access keys for clients that can only send a static header. */

export const putMachineGrant = z.strictObject({
  /**
   * An empty list refuses the client, also a registered client that `machineScopes` would admit.
   */
  scopes: machineScopes,
  tools,
})
export interface MachineGrantBody {
  clientId: string
  clientName: string
  /** Origin of the client: created by the tenant, or registered by itself. */
  madeBy: 'tenant' | 'registration'
  /** Current scopes. A registered client has at most the server's machineScopes. */
  scopes: string[]
  tools: string[] | null
  /** User id. Null if the grant comes from machineScopes, or after the user is deleted. */
  createdBy: string | null
  createdAt: string
  lastUsedAt: string | null
}

export const createAccessKey = z.strictObject({
  name,
  /** Client that the key acts as. If absent, the key acts for the creating user. */
  clientId: z.string().min(1).max(200).optional(),
  scopes: machineScopes.refine((scopes) => scopes.length > 0, 'must not be empty'),
  tools,
  expiresInDays: z.int().min(1).max(365).default(90),
})
export interface AccessKeyBody {
  id: string
  name: string
  lastFour: string
  /** User or client that the key acts as. Exactly one is set. */
  userId: string | null
  clientId: string | null
  scopes: string[]
  tools: string[] | null
  /** User id, or null after the user is deleted. */
  createdBy: string | null
  createdAt: string
  lastUsedAt: string | null
  expiresAt: string
  /** Present only in the reply of the creating request. */
  key?: string
}
