import { z } from 'zod'
import type { AuditAction } from '../audit.ts'
import { isReservedSlug } from '../reserved-slugs.ts'
import { ROLE, type RoleName, name, slug } from './fields.ts'

/* Tenants, members and invitations. */

export const createTenant = z.strictObject({
  slug: slug.refine((value) => !isReservedSlug(value), 'is reserved for the platform'),
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
  /** Present only in the reply of the creating request. The inviting user passes the link on. */
  url?: string
}

export interface AuditBody {
  id: string
  serverId: string | null
  /** Slug of the server, while the server exists. */
  server: string | null
  actor: string
  action: AuditAction
  detail: Record<string, unknown>
  createdAt: string
}
