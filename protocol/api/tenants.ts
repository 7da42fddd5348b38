import { z } from 'zod'
import type { AuditAction } from '../audit.ts'
import { RESERVED_SLUGS } from '../location.ts'
import { ROLE, type RoleName, name, slug } from './fields.ts'

/*
 * Tenants and their people.
 */

export const createTenant = z.strictObject({
  slug: slug.refine((value) => !RESERVED_SLUGS.has(value), 'is a word of the platform'),
  name,
})
export const updateTenant = z.strictObject({ name })
export interface TenantBody {
  slug: string
  name: string
  role: RoleName
  createdAt: string
}

export const changeMember = z.strictObject({ role: ROLE })
export interface MemberBody {
  userId: string
  name: string
  email: string
  role: RoleName
  createdAt: string
}

export const createInvitation = z.strictObject({ role: ROLE, email: z.email().max(320).optional() })
export interface InvitationBody {
  id: string
  role: RoleName
  email: string | null
  expiresAt: string
  createdAt: string
  /** Only in the answer that made it: to hand to whom it is for. */
  url?: string
}

export interface AuditBody {
  id: string
  serverId: string | null
  /** Its slug, while it is there. */
  server: string | null
  actor: string
  action: AuditAction
  detail: Record<string, unknown>
  createdAt: string
}
