import { z } from 'zod'
import { machineScopes, name, time, tools } from './fields.ts'

/* Machine grants, and access keys for clients that can only send a static header. */

export const putMachineGrant = z.strictObject({
  /**
   * An empty list refuses the client, also a registered client that `machineScopes` would admit.
   */
  scopes: machineScopes,
  tools,
})
export const machineGrantBody = z.object({
  clientId: z.string(),
  clientName: z.string(),
  madeBy: z.enum(['tenant', 'registration']).describe('Origin of the client: created by the tenant, or registered by itself.'),
  scopes: z.array(z.string()).describe(`Current scopes. A registered client has at most the server's machineScopes.`),
  tools: z.array(z.string()).nullable(),
  createdBy: z.string().nullable().describe('User id. Null if the grant comes from machineScopes, or after the user is deleted.'),
  createdAt: time,
  lastUsedAt: time.nullable(),
})
export type MachineGrantBody = z.infer<typeof machineGrantBody>

export const createAccessKey = z.strictObject({
  name,
  /** Client that the key acts as. If absent, the key acts for the creating user. */
  clientId: z.string().min(1).max(200).optional(),
  scopes: machineScopes.refine((scopes) => scopes.length > 0, 'must not be empty'),
  tools,
  expiresInDays: z.int().min(1).max(365).default(90),
})
export const accessKeyBody = z.object({
  id: z.string(),
  name: z.string(),
  lastFour: z.string(),
  userId: z.string().nullable().describe('User or client that the key acts as. Exactly one is set.'),
  clientId: z.string().nullable(),
  scopes: z.array(z.string()),
  tools: z.array(z.string()).nullable(),
  createdBy: z.string().nullable().describe('User id, or null after the user is deleted.'),
  createdAt: time,
  lastUsedAt: time.nullable(),
  expiresAt: time,
  key: z.string().optional().describe('Present only in the reply of the creating request.'),
})
export type AccessKeyBody = z.infer<typeof accessKeyBody>
