import { z } from 'zod'
import { ROLE, type RoleName, name } from './fields.ts'
import type { TenantBody } from './tenants.ts'

/*
 * Oneself.
 */

export interface Me {
  user: { id: string; name: string; email: string; operator: boolean }
  tenants: TenantBody[]
}

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
