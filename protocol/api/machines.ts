import { z } from 'zod'
import { machineScopes, name, tools } from './fields.ts'

/*
 * What clients may do for themselves, and keys for those that can only send a static header.
 */

export const putMachineGrant = z.strictObject({
  /** Empty keeps the client out, also one that registered and would be let in otherwise. */
  scopes: machineScopes,
  tools,
})
export interface MachineGrantBody {
  clientId: string
  clientName: string
  /** Who made the client: the tenant, or itself by registration. */
  madeBy: 'tenant' | 'registration'
  /** As things are now: of a client that registered, no more than the server's machineScopes. */
  scopes: string[]
  tools: string[] | null
  /** A user's id; null where the client got it by the server's machineScopes, or the user is gone. */
  createdBy: string | null
  createdAt: string
  lastUsedAt: string | null
}

export const createAccessKey = z.strictObject({
  name,
  /** A client made by hand that the key acts as; left out, it acts for who makes it. */
  clientId: z.string().min(1).max(200).optional(),
  scopes: machineScopes.refine((scopes) => scopes.length > 0, 'must not be empty'),
  tools,
  expiresInDays: z.int().min(1).max(365).default(90),
})
export interface AccessKeyBody {
  id: string
  name: string
  lastFour: string
  /** Whom it acts for, or as which client: one of the two. */
  userId: string | null
  clientId: string | null
  scopes: string[]
  tools: string[] | null
  /** A user's id; null once they are gone. */
  createdBy: string | null
  createdAt: string
  lastUsedAt: string | null
  expiresAt: string
  /** Only in the answer that made it. */
  key?: string
}
