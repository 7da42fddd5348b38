import { z } from 'zod'
import { AUDIT_ACTIONS, AUDIT_SUBJECTS } from '../audit.ts'
import { isReservedSlug } from '../reserved-slugs.ts'
import { ROLE, name, slug, time } from './fields.ts'

/* Tenants, members and invitations. */

export const createTenant = z.strictObject({
  slug: slug.refine((value) => !isReservedSlug(value), 'is reserved for the platform'),
  name,
})
export const updateTenant = z.strictObject({ name })
export const tenantBody = z.object({
  slug: z.string(),
  name: z.string(),
  role: ROLE,
  createdAt: time,
  suspended: z
    .object({ since: time, why: z.string() })
    .nullable()
    .describe('Set while the operator has suspended the tenant. Members can read, and change nothing.'),
})
export type TenantBody = z.infer<typeof tenantBody>

export const changeMember = z.strictObject({ role: ROLE })
export const memberBody = z.object({
  userId: z.string(),
  name: z.string(),
  email: z.string(),
  role: ROLE,
  createdAt: time,
})
export type MemberBody = z.infer<typeof memberBody>

export const createInvitation = z.strictObject({ role: ROLE, email: z.email().max(320).optional() })
export const invitationBody = z.object({
  id: z.string(),
  role: ROLE,
  email: z.string().nullable(),
  expiresAt: time,
  createdAt: time,
  url: z.string().optional().describe('Present only in the reply of the creating request. The inviting user passes the link on.'),
})
export type InvitationBody = z.infer<typeof invitationBody>

export const auditBody = z.object({
  id: z.string(),
  serverId: z.string().nullable(),
  server: z.string().nullable().describe('Slug of the server, while the server exists.'),
  actor: z.string(),
  action: z.enum(AUDIT_ACTIONS),
  detail: z.record(z.string(), z.unknown()),
  names: z
    .record(z.string(), z.string())
    .describe('Names of the ids in `actor`, `serverId` and `detail`. A deleted object has the name of its creation, if known.'),
  createdAt: time,
})
const AUDIT_NAMES: ReadonlySet<string> = new Set([...AUDIT_ACTIONS, ...AUDIT_SUBJECTS])

/** Filters of the audit log. */
export const AUDIT_FILTERS = {
  action: z
    .string()
    .max(400)
    .refine((list) => list.split(',').every((each) => AUDIT_NAMES.has(each)))
    .describe('Actions such as `client.created`, or subjects such as `client` for all of their actions, separated by commas.'),
  actor: z.string().min(1).max(300).describe('The `actor` of events.'),
  server: slug.describe('Slug of a server.'),
  from: time.describe('Earliest time.'),
  to: time.describe('Latest time.'),
  search: z.string().trim().min(1).max(100).describe('Text in the action, the detail or a name.'),
}
export const auditFilter = z.object(AUDIT_FILTERS).partial()
export type AuditFilter = z.infer<typeof auditFilter>
export const AUDIT_FORMAT = z.enum(['json', 'csv'])

export type AuditBody = z.infer<typeof auditBody>
