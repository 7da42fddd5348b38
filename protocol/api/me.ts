import { z } from 'zod'
import { MAX_PASSWORD, MIN_PASSWORD } from '../password.ts'
import { ROLE, name, time } from './fields.ts'
import { tenantBody } from './tenants.ts'

/* Account of the signed-in user. */

export const meBody = z.object({
  user: z.object({ id: z.string(), name: z.string(), email: z.string(), operator: z.boolean() }),
  hasPassword: z.boolean().describe('False if the user signs in only through identity providers.'),
  wholeAccount: z
    .boolean()
    .describe('False if the user signed in through the provider of a tenant, which limits the sign-in to that tenant.'),
  tenants: z.array(tenantBody),
})
export type Me = z.infer<typeof meBody>

export const changeMe = z.strictObject({ name })
export const changePassword = z.strictObject({
  /** Absent if the user has no password yet. */
  currentPassword: z.string().max(MAX_PASSWORD, 'is not your password').optional(),
  newPassword: z
    .string()
    .min(MIN_PASSWORD, `must have at least ${MIN_PASSWORD} characters`)
    .max(MAX_PASSWORD, `must have at most ${MAX_PASSWORD} characters`),
})

export const createToken = z.strictObject({
  name,
  /** Slug of the tenant that the token is valid for. */
  tenant: z.string(),
  role: ROLE,
  expiresInDays: z.int().min(1).max(365).default(90),
})
export const tokenBody = z.object({
  id: z.string(),
  name: z.string(),
  tenant: z.string(),
  role: ROLE,
  lastFour: z.string(),
  lastUsedAt: time.nullable(),
  expiresAt: time,
  createdAt: time,
  token: z.string().optional().describe('Present only in the reply of the creating request.'),
})
export type TokenBody = z.infer<typeof tokenBody>
