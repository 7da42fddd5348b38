import { foreignKey, index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { Scope } from '../../protocol/oauth/scope.ts'
import { createdAt, timestamp } from './columns.ts'
import { identityLinks } from './identities.ts'
import { userId, users } from './people.ts'
import { serverId } from './servers.ts'
import { tenantId } from './tenants.ts'

/*
 * Grants of users to clients. `issuer` is in every key, because a code or token is valid at its own
 * issuer only.
 */

export const grants = sqliteTable(
  'grants',
  {
    issuer: text().notNull(),
    id: text().notNull(),
    tenantId: tenantId(),
    serverId: serverId(),
    userId: userId(),
    clientId: text().notNull(),
    /**
     * Client name shown at approval. Later renames by the client do not change the name the user
     * approved.
     */
    clientName: text().notNull().default(''),
    scopes: text({ mode: 'json' }).$type<Scope[]>().notNull(),
    /** Tools chosen by the user; null = all. */
    tools: text({ mode: 'json' }).$type<string[]>(),
    /** Tools allowed by the tenant out of `tools`; null = all. */
    toolLimit: text({ mode: 'json' }).$type<string[]>(),
    resource: text().notNull(),
    redirectUri: text().notNull().default(''),
    /**
     * Identity link of a grant made by an identity assertion (ID-JAG) without asking the user.
     * Deleting the link deletes the grant.
     */
    identityLinkId: text().references(() => identityLinks.id, { onDelete: 'cascade' }),
    /**
     * Complete record of the OAuth engine as JSON. The other columns repeat the values needed in
     * queries.
     */
    record: text().notNull(),
    /**
     * Incremented by every write. A commit fails if the version has changed since the row was read.
     */
    rowVersion: integer().notNull().default(1),
    createdAt: createdAt(),
    lastUsedAt: timestamp(),
    /**
     * Null = until the grant is ended. Seconds matter, because the grant behind a code lives 60 s
     * until the exchange.
     */
    expiresAt: timestamp(),
  },
  (t) => [
    primaryKey({ columns: [t.issuer, t.userId, t.id] }),
    index('grants_id').on(t.id),
    index('grants_client').on(t.serverId, t.userId, t.clientId),
    index('grants_client_id').on(t.clientId),
    // the lists by server and by user are paged, newest first
    index('grants_server').on(t.serverId, t.createdAt, t.id),
    index('grants_user').on(t.userId, t.createdAt, t.id),
    index('grants_identity_link').on(t.identityLinkId),
    index('grants_expires_at').on(t.expiresAt),
  ],
)

export const tokens = sqliteTable(
  'tokens',
  {
    issuer: text().notNull(),
    /** SHA-256 of the access token, hex. */
    hash: text().notNull(),
    tenantId: tenantId(),
    serverId: serverId(),
    userId: userId(),
    grantId: text().notNull(),
    scopes: text({ mode: 'json' }).$type<Scope[]>().notNull(),
    audience: text().notNull(),
    record: text().notNull(),
    createdAt: createdAt(),
    expiresAt: timestamp().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.issuer, t.hash] }),
    // deletes tokens with the grant, and refuses a token if the grant has ended meanwhile
    foreignKey({ columns: [t.issuer, t.userId, t.grantId], foreignColumns: [grants.issuer, grants.userId, grants.id] }).onDelete('cascade'),
    index('tokens_grant').on(t.issuer, t.userId, t.grantId),
    index('tokens_expires_at').on(t.expiresAt),
  ],
)

/**
 * Refresh tokens of a grant, each with its successor. A retry within 30 s gets the stored response
 * again; later reuse ends the grant.
 */
export const refreshTokens = sqliteTable(
  'refresh_tokens',
  {
    issuer: text().notNull(),
    hash: text().notNull(),
    tenantId: tenantId(),
    serverId: serverId(),
    userId: userId(),
    grantId: text().notNull(),
    clientId: text().notNull(),
    /**
     * Position in the grant's sequence of refresh tokens, because timestamps cannot order
     * rotations.
     */
    generation: integer().notNull(),
    successorHash: text(),
    /**
     * Token response to the use of the refresh token, sealed with a key derived from the token
     * itself.
     */
    sealedResponse: text(),
    rotatedAt: timestamp(),
    createdAt: createdAt(),
    expiresAt: timestamp(),
  },
  (t) => [
    primaryKey({ columns: [t.issuer, t.hash] }),
    // deletes tokens with the grant, and refuses a token if the grant has ended meanwhile
    foreignKey({ columns: [t.issuer, t.userId, t.grantId], foreignColumns: [grants.issuer, grants.userId, grants.id] }).onDelete('cascade'),
    index('refresh_tokens_grant').on(t.issuer, t.userId, t.grantId),
    index('refresh_tokens_expires_at').on(t.expiresAt),
  ],
)

/**
 * Consent handles. A handle works once, because the consuming delete must remove exactly one row.
 */
export const oauthTransactions = sqliteTable(
  'oauth_transactions',
  {
    issuer: text().notNull(),
    hash: text().notNull(),
    tenantId: tenantId(),
    serverId: serverId(),
    record: text().notNull(),
    createdAt: createdAt(),
    expiresAt: timestamp().notNull(),
  },
  (t) => [primaryKey({ columns: [t.issuer, t.hash] }), index('oauth_transactions_expires_at').on(t.expiresAt)],
)

/** Device authorization requests (RFC 8628), kept until the device has tokens. */
export const deviceAuthorizations = sqliteTable(
  'device_authorizations',
  {
    issuer: text().notNull(),
    /** SHA-256 of the device code, hex. */
    deviceCodeHash: text().notNull(),
    /**
     * HMAC of the user code under AUTH_SECRET, because a plain hash of a short code can be guessed.
     */
    userCodeHash: text().notNull().unique(),
    tenantId: tenantId(),
    serverId: serverId(),
    /** Issuer form of the hosted server: by path or by host. */
    form: text({ enum: ['path', 'host'] }).notNull(),
    clientId: text().notNull(),
    /** Hash of the client document at the time of the request; null for a client in `clients`. */
    documentHash: text(),
    scopes: text({ mode: 'json' }).$type<Scope[]>().notNull(),
    /** Challenge for the PKCE verifier derived from the device code. */
    codeChallenge: text().notNull(),
    /** IP address of the device, shown to the user as a check; null if unknown. */
    requestedFrom: text(),
    /** Network of the device, because open requests are limited by network. */
    network: text(),
    state: text({ enum: ['waiting', 'approved', 'denied'] })
      .notNull()
      .default('waiting'),
    /** Authorization code of the approval, sealed. */
    sealedCode: text(),
    /** User who approved the request. */
    userId: text().references(() => users.id, { onDelete: 'cascade' }),
    /** Minimum seconds between polls. */
    interval: integer().notNull(),
    polledAt: integer({ mode: 'timestamp_ms' }),
    createdAt: createdAt(),
    expiresAt: timestamp().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.issuer, t.deviceCodeHash] }),
    index('device_authorizations_server').on(t.serverId, t.createdAt),
    index('device_authorizations_expires_at').on(t.expiresAt),
  ],
)
