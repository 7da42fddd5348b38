import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import type { PublicKeys } from '../../protocol/oauth/json-web-keys.ts'
import { createdAt, timestamp } from './columns.ts'
import { users } from './people.ts'
import { hostedServers, serverId } from './servers.ts'
import { tenantId, tenants } from './tenants.ts'

/*
 * Agentic apps as OAuth knows them. `issuer` is in every key: a client of one hosted server is nothing at another.
 */

export const clients = sqliteTable(
  'clients',
  {
    /** The issuer a dynamic client registered at (a hosted server's or the root), or `tenant:{id}` for one made by hand. */
    issuer: text().notNull(),
    clientId: text().notNull(),
    /** Null for one that registered at the root issuer, which belongs to no tenant. */
    tenantId: text().references(() => tenants.id, { onDelete: 'cascade' }),
    /** Gone with the hosted server it registered at; null for one made by hand, and at the root. */
    serverId: text().references(() => hostedServers.id, { onDelete: 'cascade' }),
    secretHash: text(),
    /** Of one made by hand, whose people must tell its secrets apart. */
    secretLastFour: text(),
    /** The secret before the last rotation, good until its time is over. */
    previousSecretHash: text(),
    previousSecretExpiresAt: timestamp(),
    /** Public keys of a client that authenticates by private_key_jwt. */
    keys: text({ mode: 'json' }).$type<PublicKeys>(),
    /** The same public metadata registered again is the same client. */
    metadataHash: text(),
    name: text(),
    redirectUris: text({ mode: 'json' }).$type<string[]>().notNull(),
    grantTypes: text({ mode: 'json' }).$type<string[]>().notNull(),
    responseTypes: text({ mode: 'json' }).$type<string[]>().notNull(),
    tokenEndpointAuthMethod: text().notNull(),
    applicationType: text().notNull().default('web'),
    /** The rest of the registered metadata (client_uri, logo_uri, contacts, software_id …), as answered at registration. */
    metadata: text({ mode: 'json' }).$type<Record<string, unknown>>().notNull(),
    /** Who made it by hand. */
    createdBy: text().references(() => users.id, { onDelete: 'set null' }),
    createdAt: createdAt(),
    lastUsedAt: timestamp(),
    /** Null = kept. A dynamic client without a grant goes after 24 h. */
    expiresAt: timestamp(),
  },
  (t) => [
    primaryKey({ columns: [t.issuer, t.clientId] }),
    uniqueIndex('clients_metadata').on(t.issuer, t.metadataHash),
    index('clients_expires_at').on(t.expiresAt),
    index('clients_unused').on(t.issuer, t.lastUsedAt, t.createdAt),
    index('clients_tenant').on(t.tenantId),
    index('clients_client_id').on(t.clientId),
  ],
)

/** RFC 7591 §3: lets its holder register clients at a hosted server whose registration is `protected`. */
export const initialAccessTokens = sqliteTable(
  'initial_access_tokens',
  {
    id: text().primaryKey(),
    tokenHash: text().notNull().unique(), // the token itself is shown once and never stored
    lastFour: text().notNull(),
    name: text().notNull(),
    tenantId: tenantId(),
    serverId: serverId(),
    createdBy: text().references(() => users.id, { onDelete: 'set null' }),
    /** Clients registered with it so far. */
    uses: integer().notNull().default(0),
    /** Null = any number until it expires. */
    maxUses: integer(),
    lastUsedAt: timestamp(),
    expiresAt: timestamp().notNull(),
    createdAt: createdAt(),
  },
  (t) => [
    index('initial_access_tokens_server').on(t.serverId),
    index('initial_access_tokens_tenant').on(t.tenantId),
    index('initial_access_tokens_expires_at').on(t.expiresAt),
  ],
)

/** Which apps a hosted server with `clients: approved` lets in, and which asked. Keyed by client id alone, since a client document's id is no row of ours. */
export const clientApprovals = sqliteTable(
  'client_approvals',
  {
    tenantId: tenantId(),
    serverId: serverId(),
    clientId: text().notNull(),
    state: text({ enum: ['waiting', 'approved', 'refused'] }).notNull(),
    name: text().notNull().default(''),
    /** Who wanted to use it; null for one that asked for itself, and for one decided about before it asked. */
    askedBy: text().references(() => users.id, { onDelete: 'set null' }),
    decidedBy: text().references(() => users.id, { onDelete: 'set null' }),
    decidedAt: timestamp(),
    createdAt: createdAt(),
  },
  (t) => [
    primaryKey({ columns: [t.serverId, t.clientId] }),
    index('client_approvals_tenant').on(t.tenantId),
    index('client_approvals_waiting').on(t.state, t.createdAt),
  ],
)

/** Assertions already used (RFC 7523 §3): inserted if absent. */
export const assertionIds = sqliteTable(
  'assertion_ids',
  {
    issuer: text().notNull(),
    hash: text().notNull(),
    expiresAt: timestamp().notNull(),
  },
  (t) => [primaryKey({ columns: [t.issuer, t.hash] }), index('assertion_ids_expires_at').on(t.expiresAt)],
)
