import { z } from 'zod'
import { MAX_PASSWORD, MIN_PASSWORD } from '../password.ts'
import { ROLE, type RoleName, name } from './fields.ts'
import type { TenantBody } from './tenants.ts'

/* Account of the signed-in user. */

export interface Me {
  user: { id: string; name: string; email: string; operator: boolean }
  /** False if the user signs in only through identity providers. */
  hasPassword: boolean
  /**
   * False if the user signed in through the provider of a tenant, which limits the sign-in to that
   * tenant.
   */
  wholeAccount: boolean
  tenants: TenantBody[]
}

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
export interface TokenBody {
  id: string
  name: string
  tenant: string
  role: RoleName
  lastFour: string
  lastUsedAt: string | null
  expiresAt: string
  createdAt: string
  /** Present only in the reply of the creating request. */
  token?: string
}
