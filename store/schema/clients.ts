import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import type { PublicKeys } from '../../protocol/oauth/json-web-keys.ts'
import { createdAt, timestamp } from './columns.ts'
import { users } from './people.ts'
import { hostedServers, serverId } from './servers.ts'
import { tenantId, tenants } from './tenants.ts'

/*
 * Agentic apps as OAuth clients. `issuer` is in every key, because a client is known at its own
 * issuer only.
 */

export const clients = sqliteTable(
  'clients',
  {
    /**
     * Issuer of the registration (a hosted server or the root), or `tenant:{id}` for a client made
     * by hand.
     */
    issuer: text().notNull(),
    clientId: text().notNull(),
    /** Null for a client registered at the root issuer, because the root belongs to no tenant. */
    tenantId: text().references(() => tenants.id, { onDelete: 'cascade' }),
    /**
     * Hosted server of the registration; deleting the server deletes the client. Null for clients
     * made by hand or registered at the root.
     */
    serverId: text().references(() => hostedServers.id, { onDelete: 'cascade' }),
    secretHash: text(),
    /** Set for clients made by hand, so that members can tell secrets apart. */
    secretLastFour: text(),
    /** Secret before the last rotation, valid until `previousSecretExpiresAt`. */
    previousSecretHash: text(),
    previousSecretExpiresAt: timestamp(),
    /** Public keys for authentication by private_key_jwt. */
    keys: text({ mode: 'json' }).$type<PublicKeys>(),
    /**
     * SHA-256 of the metadata of a client registered without a secret. A repeated registration
     * finds the existing client by the hash.
     */
    metadataHash: text(),
    name: text(),
    redirectUris: text({ mode: 'json' }).$type<string[]>().notNull(),
    grantTypes: text({ mode: 'json' }).$type<string[]>().notNull(),
    responseTypes: text({ mode: 'json' }).$type<string[]>().notNull(),
    tokenEndpointAuthMethod: text().notNull(),
    applicationType: text().notNull().default('web'),
    /**
     * Remaining registered metadata (client_uri, logo_uri, contacts, software_id …), repeated in
     * the registration response.
     */
    metadata: text({ mode: 'json' }).$type<Record<string, unknown>>().notNull(),
    /**
     * Network of the registration, because a network must not use up the places of others. Null for
     * clients made by hand, and for clients registered before the column existed.
     */
    registeredFrom: text(),
    /** Member who made the client by hand. */
    createdBy: text().references(() => users.id, { onDelete: 'set null' }),
    createdAt: createdAt(),
    lastUsedAt: timestamp(),
    /** Null = no expiry. A dynamic client without a grant expires after 24 h. */
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

/**
 * Tokens for registration (RFC 7591 §3). The holder may register clients at a hosted server with
 * `registration: protected`.
 */
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
    /** Number of clients registered with the token. */
    uses: integer().notNull().default(0),
    /** Null = unlimited until the token expires. */
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

/**
 * Waiting and decided clients of a hosted server with `clients: approved`. The key has no issuer,
 * because a client identified by a client document has no row in `clients`.
 */
export const clientApprovals = sqliteTable(
  'client_approvals',
  {
    tenantId: tenantId(),
    serverId: serverId(),
    clientId: text().notNull(),
    state: text({ enum: ['waiting', 'approved', 'refused'] }).notNull(),
    name: text().notNull().default(''),
    /**
     * User who wanted to use the client. Null if the client asked for itself, or if the decision
     * came first.
     */
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

/**
 * Hashes of used assertions (RFC 7523 §3) and further single-use values. The insert adds a row only
 * if the hash is absent.
 */
export const assertionIds = sqliteTable(
  'assertion_ids',
  {
    issuer: text().notNull(),
    hash: text().notNull(),
    expiresAt: timestamp().notNull(),
  },
  (t) => [primaryKey({ columns: [t.issuer, t.hash] }), index('assertion_ids_expires_at').on(t.expiresAt)],
)
