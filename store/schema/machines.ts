import { sql } from 'drizzle-orm'
import { check, foreignKey, index, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import type { Scope } from '../../protocol/oauth/scope.ts'
import { clients } from './clients.ts'
import { createdAt, timestamp } from './columns.ts'
import { users } from './people.ts'
import { serverId } from './servers.ts'
import { members, tenantId } from './tenants.ts'

/*
 * Rights of clients acting for themselves or sending a static header.
 */

/**
 * Rights of a client acting for itself (RFC 6749 §4.4) at one hosted server. A grant is made by a
 * member, or at the first token of a self-registered client.
 */
export const machineGrants = sqliteTable(
  'machine_grants',
  {
    id: text().primaryKey(),
    tenantId: tenantId(),
    serverId: serverId(),
    /** Identifies the client together with `clientId`; see `clients.issuer`. */
    clientIssuer: text().notNull(),
    clientId: text().notNull(),
    /** Empty = the client is refused. */
    scopes: text({ mode: 'json' }).$type<Scope[]>().notNull(),
    /** Allowed tools; null = all. */
    tools: text({ mode: 'json' }).$type<string[]>(),
    /** Null if no member made the grant. */
    createdBy: text().references(() => users.id, { onDelete: 'set null' }),
    createdAt: createdAt(),
    lastUsedAt: timestamp(),
  },
  (t) => [
    foreignKey({ columns: [t.clientIssuer, t.clientId], foreignColumns: [clients.issuer, clients.clientId] }).onDelete('cascade'),
    uniqueIndex('machine_grants_client').on(t.clientIssuer, t.clientId, t.serverId),
    index('machine_grants_server').on(t.serverId),
    index('machine_grants_tenant').on(t.tenantId),
  ],
)

export const machineTokens = sqliteTable(
  'machine_tokens',
  {
    issuer: text().notNull(),
    /** SHA-256 of the access token, hex. */
    hash: text().notNull(),
    tenantId: tenantId(),
    serverId: serverId(),
    // deletes tokens with the grant, and refuses a token if the grant has ended meanwhile
    grantId: text()
      .notNull()
      .references(() => machineGrants.id, { onDelete: 'cascade' }),
    scopes: text({ mode: 'json' }).$type<Scope[]>().notNull(),
    audience: text().notNull(),
    createdAt: createdAt(),
    expiresAt: timestamp().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.issuer, t.hash] }),
    index('machine_tokens_grant').on(t.grantId),
    index('machine_tokens_server').on(t.serverId),
    index('machine_tokens_tenant').on(t.tenantId),
    index('machine_tokens_expires_at').on(t.expiresAt),
  ],
)

/**
 * Keys for clients limited to a static header. A key is valid at one hosted server, for a member or
 * for a client made by hand.
 */
export const accessKeys = sqliteTable(
  'access_keys',
  {
    id: text().primaryKey(),
    keyHash: text().notNull().unique(), // the key itself is shown once and never stored
    lastFour: text().notNull(),
    name: text().notNull(),
    tenantId: tenantId(),
    serverId: serverId(),
    /** Member represented by the key; the key is deleted with the membership. */
    userId: text(),
    /**
     * Client represented by the key, set if `userId` is null; the key is deleted with the client.
     */
    clientIssuer: text(),
    clientId: text(),
    scopes: text({ mode: 'json' }).$type<Scope[]>().notNull(),
    /** Allowed tools; null = all. */
    tools: text({ mode: 'json' }).$type<string[]>(),
    createdBy: text().references(() => users.id, { onDelete: 'set null' }),
    createdAt: createdAt(),
    lastUsedAt: timestamp(),
    expiresAt: timestamp().notNull(),
  },
  (t) => [
    foreignKey({ columns: [t.tenantId, t.userId], foreignColumns: [members.tenantId, members.userId] }).onDelete('cascade'),
    foreignKey({ columns: [t.clientIssuer, t.clientId], foreignColumns: [clients.issuer, clients.clientId] }).onDelete('cascade'),
    check('access_keys_holder', sql`(${t.userId} IS NULL) <> (${t.clientId} IS NULL)`),
    index('access_keys_server').on(t.serverId),
    index('access_keys_member').on(t.tenantId, t.userId),
    index('access_keys_client').on(t.clientIssuer, t.clientId),
    index('access_keys_expires_at').on(t.expiresAt),
  ],
)
