import { z } from 'zod'
import { MAX_PASSWORD, MIN_PASSWORD } from '../password.ts'
import { ROLE, type RoleName, name } from './fields.ts'
import type { TenantBody } from './tenants.ts'

/*
 * Oneself.
 */

export interface Me {
  user: { id: string; name: string; email: string; operator: boolean }
  /** False for who has only ever been signed in by an identity provider. */
  hasPassword: boolean
  /** False where a tenant's own identity provider signed one in: what is of no one tenant is out of reach then. */
  wholeAccount: boolean
  tenants: TenantBody[]
}

export const changeMe = z.strictObject({ name })
export const changePassword = z.strictObject({
  /** Left out by who has none yet. */
  currentPassword: z.string().max(MAX_PASSWORD, 'is not your password').optional(),
  newPassword: z
    .string()
    .min(MIN_PASSWORD, `needs at least ${MIN_PASSWORD} characters`)
    .max(MAX_PASSWORD, `may have at most ${MAX_PASSWORD} characters`),
})

export const createToken = z.strictObject({
  name,
  /** Of which tenant: a token reaches one. */
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
  /** Only in the answer that made it. */
  token?: string
}
