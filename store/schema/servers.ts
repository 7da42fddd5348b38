import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import { FIRST_LIMITS, type StoredLimits } from '../../protocol/limits.ts'
import type { Scope } from '../../protocol/oauth/scope.ts'
import type { SourceName } from '../../protocol/versions/content.ts'
import type { Finding, Surface } from '../../protocol/versions/surface.ts'
import { createdAt, timestamp } from './columns.ts'
import { users } from './people.ts'
import { tenantId } from './tenants.ts'

/*
 * Hosted servers and their versions.
 */

export const ACCESS = ['members', 'signed-in', 'public'] as const
export const CLIENTS = ['any', 'approved'] as const
export const REGISTRATION = ['open', 'protected', 'closed'] as const

export const hostedServers = sqliteTable(
  'hosted_servers',
  {
    id: text().primaryKey(),
    tenantId: tenantId(),
    slug: text().notNull(),
    name: text().notNull(),
    description: text().notNull().default(''),
    icon: text(),
    /** Users allowed to connect. */
    access: text({ enum: ACCESS }).notNull().default('members'),
    /** Clients allowed to connect. */
    clients: text({ enum: CLIENTS }).notNull().default('any'),
    /**
     * Permission to register clients (RFC 7591): everyone, holders of an initial access token, or
     * closed.
     */
    registration: text({ enum: REGISTRATION }).notNull().default('open'),
    /**
     * Maximum scopes of a self-registered client acting for itself (RFC 6749 §4.4). Empty = such
     * clients act for users only.
     */
    machineScopes: text({ mode: 'json' }).$type<Scope[]>().notNull().default([]),
    /**
     * `full`: the 401 also names mcp:write if a tool needs the scope. `least`: only mcp:read, for
     * clients that step up.
     */
    challenge: text({ enum: ['full', 'least'] })
      .notNull()
      .default('full'),
    /** Allowed browser origins, in addition to the platform's own. */
    origins: text({ mode: 'json' }).$type<string[]>().notNull().default([]),
    /** Hosts the server's code may reach: `api.example.com` or `*.example.com`. */
    egress: text({ mode: 'json' }).$type<string[]>().notNull().default([]),
    /** Limits of a single call and of all concurrent calls. */
    limits: text({ mode: 'json' }).$type<StoredLimits>().notNull().default(FIRST_LIMITS),
    /** Environment values, sealed together by hosting/vault.ts; null = empty. */
    environment: text(),
    /**
     * Number of changes to the environment. The isolate's name includes the number, because a warm
     * isolate keeps old values.
     */
    environmentEpoch: integer().notNull().default(0),
    activeVersionId: text(),
    lastVersion: integer().notNull().default(0),
    createdAt: createdAt(),
    updatedAt: createdAt(),
  },
  (t) => [uniqueIndex('hosted_servers_slug').on(t.tenantId, t.slug)],
)

/** Slugs of deleted hosted servers, which rest like the slugs of tenants. */
export const retiredServers = sqliteTable(
  'retired_servers',
  {
    tenantId: tenantId(),
    slug: text().notNull(),
    serverId: text().notNull(),
    retiredAt: timestamp().notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.slug] }), index('retired_servers_retired_at').on(t.retiredAt)],
)

export const serverId = () =>
  text()
    .notNull()
    .references(() => hostedServers.id, { onDelete: 'cascade' })

/**
 * Versions, immutable after the probe. The uploaded files are in R2 under
 * `bundles/{tenant id}/{bundle hash}`.
 */
export const versions = sqliteTable(
  'versions',
  {
    id: text().primaryKey(),
    tenantId: tenantId(),
    serverId: serverId(),
    number: integer().notNull(),
    source: text().$type<SourceName>().notNull(),
    /**
     * Parsed by store/servers/version-content.ts. Null in rows older than the column, all with the
     * source `code`.
     */
    content: text({ mode: 'json' }).$type<unknown>(),
    /** `refused`: the probe found an error, so the version can never become active. */
    state: text({ enum: ['ready', 'refused'] }).notNull(),
    /**
     * SHA-256 (hex) of the R2 object; a column of its own, for finding bundles without a version.
     */
    bundleHash: text().notNull(),
    bundleBytes: integer().notNull(),
    /**
     * Empty unless the source is `code`. `content` repeats the value; the column serves rows
     * without `content`.
     */
    mainModule: text().notNull(),
    /** Surface found by the probe; null if discovery failed. */
    surface: text({ mode: 'json' }).$type<Surface>(),
    findings: text({ mode: 'json' }).$type<Finding[]>().notNull(),
    note: text().notNull().default(''),
    createdBy: text().references(() => users.id, { onDelete: 'set null' }),
    createdAt: createdAt(),
  },
  (t) => [uniqueIndex('versions_number').on(t.serverId, t.number), index('versions_tenant').on(t.tenantId)],
)

/**
 * Used values of `requestState` (2026-07-28). The insert adds a row only if the id is absent, so an
 * answer counts once.
 */
export const usedRequestStates = sqliteTable(
  'used_request_states',
  {
    tenantId: tenantId(),
    serverId: serverId(),
    /** Random nonce of the sealed state; not a secret. */
    id: text().notNull(),
    expiresAt: timestamp().notNull(),
  },
  (t) => [primaryKey({ columns: [t.serverId, t.id] }), index('used_request_states_expires_at').on(t.expiresAt)],
)
