import { index, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { AUDIT_ACTIONS } from '../../protocol/audit.ts'
import { createdAt, timestamp } from './columns.ts'
import { userId, users } from './people.ts'

/*
 * Tenants, members, invitations, personal tokens and audit events.
 */

export const tenants = sqliteTable('tenants', {
  id: text().primaryKey(),
  slug: text().notNull().unique(),
  name: text().notNull(),
  suspendedAt: timestamp(),
  /** Reason that members and clients read; set together with `suspendedAt` by the operator. */
  suspendedBecause: text(),
  createdAt: createdAt(),
})

export const tenantId = () =>
  text()
    .notNull()
    .references(() => tenants.id, { onDelete: 'cascade' })

/**
 * Slugs of deleted tenants. A slug rests before a stranger can have it, because apps and people
 * still know the URLs of the deleted tenant. The row outlives the tenant, so it has no foreign key.
 */
export const retiredTenants = sqliteTable(
  'retired_tenants',
  {
    slug: text().primaryKey(),
    tenantId: text().notNull(),
    /** Owners at the deletion, who may take the slug back. */
    owners: text({ mode: 'json' }).$type<string[]>().notNull(),
    retiredBy: text().notNull(),
    retiredAt: timestamp().notNull(),
  },
  (t) => [index('retired_tenants_retired_by').on(t.retiredBy, t.retiredAt), index('retired_tenants_retired_at').on(t.retiredAt)],
)

export const ROLES = ['viewer', 'developer', 'admin', 'owner'] as const
export type Role = (typeof ROLES)[number]

export const members = sqliteTable(
  'members',
  {
    tenantId: tenantId(),
    userId: userId(),
    role: text({ enum: ROLES }).notNull(),
    /**
     * Invited address, in lower case; null if the invitation named no address. The tenant chose the
     * address, so it is trusted; the address of a sign-up is unproven.
     */
    invitedAs: text(),
    createdAt: createdAt(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.userId] }), index('members_user').on(t.userId)],
)

export const invitations = sqliteTable(
  'invitations',
  {
    id: text().primaryKey(),
    tokenHash: text().notNull().unique(), // the token itself is shown once and never stored
    tenantId: tenantId(),
    role: text({ enum: ROLES }).notNull(),
    /** If set, only the user with the address may accept. */
    email: text(),
    invitedBy: text().references(() => users.id, { onDelete: 'set null' }),
    acceptedAt: timestamp(),
    expiresAt: timestamp().notNull(),
    createdAt: createdAt(),
  },
  (t) => [index('invitations_tenant').on(t.tenantId), index('invitations_expires_at').on(t.expiresAt)],
)

/**
 * Tokens for the terminal and continuous integration, valid in one tenant with at most the user's
 * own role.
 */
export const personalTokens = sqliteTable(
  'personal_tokens',
  {
    id: text().primaryKey(),
    tokenHash: text().notNull().unique(),
    lastFour: text().notNull(),
    name: text().notNull(),
    userId: userId(),
    tenantId: tenantId(),
    role: text({ enum: ROLES }).notNull(),
    lastUsedAt: timestamp(),
    expiresAt: timestamp().notNull(),
    createdAt: createdAt(),
  },
  (t) => [
    index('personal_tokens_user').on(t.userId),
    index('personal_tokens_tenant').on(t.tenantId),
    index('personal_tokens_expires_at').on(t.expiresAt),
  ],
)

export const auditEvents = sqliteTable(
  'audit_events',
  {
    id: text().primaryKey(),
    tenantId: tenantId(),
    serverId: text(),
    actor: text().notNull(),
    action: text({ enum: AUDIT_ACTIONS }).notNull(),
    detail: text({ mode: 'json' }).$type<Record<string, unknown>>().notNull(),
    createdAt: createdAt(),
  },
  (t) => [index('audit_events_tenant').on(t.tenantId, t.createdAt), index('audit_events_created_at').on(t.createdAt)],
)
