import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import { DEFAULT_LIMITS, type Limits } from '../../protocol/limits.ts'
import type { Scope } from '../../protocol/oauth/scope.ts'
import type { SourceName } from '../../protocol/versions/content.ts'
import type { Finding, Surface } from '../../protocol/versions/surface.ts'
import { createdAt, timestamp } from './columns.ts'
import { users } from './people.ts'
import { tenantId } from './tenants.ts'

/*
 * Hosted servers and what they run.
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
    /** Which people may connect. */
    access: text({ enum: ACCESS }).notNull().default('members'),
    /** Which apps may connect. */
    clients: text({ enum: CLIENTS }).notNull().default('any'),
    /** Who may register an app (RFC 7591): anyone, who holds an initial access token, or nobody. */
    registration: text({ enum: REGISTRATION }).notNull().default('open'),
    /** What an app that registered may be given when it acts for itself (RFC 6749 §4.4); empty = such apps act for people only. */
    machineScopes: text({ mode: 'json' }).$type<Scope[]>().notNull().default([]),
    /** `full`: the 401 also names mcp:write when a tool needs it. `least`: only mcp:read, for clients that step up. */
    challenge: text({ enum: ['full', 'least'] })
      .notNull()
      .default('full'),
    /** Browser origins beside the platform's own. */
    origins: text({ mode: 'json' }).$type<string[]>().notNull().default([]),
    /** Hosts its code may reach: `api.example.com` or `*.example.com`. */
    egress: text({ mode: 'json' }).$type<string[]>().notNull().default([]),
    /** What one call, and all of them at once, may take. */
    limits: text({ mode: 'json' }).$type<Limits>().notNull().default(DEFAULT_LIMITS),
    /** Environment values, sealed by hosting/vault.ts as one envelope; null = none. */
    environment: text(),
    /** Counts changes of the environment: part of the isolate's name, so an old value cannot live on in a warm one. */
    environmentEpoch: integer().notNull().default(0),
    activeVersionId: text(),
    lastVersion: integer().notNull().default(0),
    createdAt: createdAt(),
    updatedAt: createdAt(),
  },
  (t) => [uniqueIndex('hosted_servers_slug').on(t.tenantId, t.slug)],
)

export const serverId = () =>
  text()
    .notNull()
    .references(() => hostedServers.id, { onDelete: 'cascade' })

/** Immutable once probed. The uploaded files are in R2 under `bundles/{tenant id}/{bundle hash}`. */
export const versions = sqliteTable(
  'versions',
  {
    id: text().primaryKey(),
    tenantId: tenantId(),
    serverId: serverId(),
    number: integer().notNull(),
    source: text().$type<SourceName>().notNull(),
    /** Parsed by store/servers/version-content.ts. Null in rows made before the column existed; those have the source `code`. */
    content: text({ mode: 'json' }).$type<unknown>(),
    /** `refused`: the probe found an error, so it can never become active. */
    state: text({ enum: ['ready', 'refused'] }).notNull(),
    /** SHA-256 (hex) of the R2 object; kept as a column of its own to find bundles that no version uses. */
    bundleHash: text().notNull(),
    bundleBytes: integer().notNull(),
    /** Empty unless the source is `code`. `content` has the value too; this column stays for rows without `content`. */
    mainModule: text().notNull(),
    /** What the probe saw; null when discovery itself failed. */
    surface: text({ mode: 'json' }).$type<Surface>(),
    findings: text({ mode: 'json' }).$type<Finding[]>().notNull(),
    note: text().notNull().default(''),
    createdBy: text().references(() => users.id, { onDelete: 'set null' }),
    createdAt: createdAt(),
  },
  (t) => [uniqueIndex('versions_number').on(t.serverId, t.number), index('versions_tenant').on(t.tenantId)],
)

/** States of questions (2026-07-28, `requestState`) already used: inserted if absent, so that an answer counts once. */
export const usedRequestStates = sqliteTable(
  'used_request_states',
  {
    tenantId: tenantId(),
    serverId: serverId(),
    /** The sealed state's nonce, random and nobody's secret. */
    id: text().notNull(),
    expiresAt: timestamp().notNull(),
  },
  (t) => [primaryKey({ columns: [t.serverId, t.id] }), index('used_request_states_expires_at').on(t.expiresAt)],
)
