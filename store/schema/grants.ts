import { foreignKey, index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { Scope } from '../../protocol/oauth/scope.ts'
import { createdAt, timestamp } from './columns.ts'
import { identityLinks } from './identities.ts'
import { userId, users } from './people.ts'
import { serverId } from './servers.ts'
import { tenantId } from './tenants.ts'

/*
 * What people let clients do. `issuer` is in every key: a code or a token of one hosted server is nothing at another.
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
    /** Shown to the person who approved; a snapshot, so that a client's later renaming does not rewrite history. */
    clientName: text().notNull().default(''),
    scopes: text({ mode: 'json' }).$type<Scope[]>().notNull(),
    /** Tools its user narrowed it to; null = all. */
    tools: text({ mode: 'json' }).$type<string[]>(),
    /** Tools the tenant leaves of those; null = all of them. */
    toolLimit: text({ mode: 'json' }).$type<string[]>(),
    resource: text().notNull(),
    redirectUri: text().notNull().default(''),
    /** What it rests on where no person was asked: the member an identity provider named (ID-JAG). Without the link it is over. */
    identityLinkId: text().references(() => identityLinks.id, { onDelete: 'cascade' }),
    /** The engine's record, whole; the columns beside it are what we ask by. */
    record: text().notNull(),
    /** Counts writes: the guard of every commit on this row. */
    rowVersion: integer().notNull().default(1),
    createdAt: createdAt(),
    lastUsedAt: timestamp(),
    /** Null = until ended. Seconds matter: a code's grant lives 60 s until it is exchanged. */
    expiresAt: timestamp(),
  },
  (t) => [
    primaryKey({ columns: [t.issuer, t.userId, t.id] }),
    index('grants_id').on(t.id),
    index('grants_client').on(t.serverId, t.userId, t.clientId),
    index('grants_client_id').on(t.clientId),
    // both lists come newest first, a page at a time
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
    // an ended grant takes these along, and none can be written for a grant that has ended meanwhile
    foreignKey({ columns: [t.issuer, t.userId, t.grantId], foreignColumns: [grants.issuer, grants.userId, grants.id] }).onDelete('cascade'),
    index('tokens_grant').on(t.issuer, t.userId, t.grantId),
    index('tokens_expires_at').on(t.expiresAt),
  ],
)

/** Every refresh token a grant ever had and its successor: a retry within 30 s gets the same answer again, a later reuse ends the family. */
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
    /** Orders a family: clocks do not. */
    generation: integer().notNull(),
    successorHash: text(),
    /** The token response given for this refresh token, sealed with a key derived from the token itself. */
    sealedResponse: text(),
    rotatedAt: timestamp(),
    createdAt: createdAt(),
    expiresAt: timestamp(),
  },
  (t) => [
    primaryKey({ columns: [t.issuer, t.hash] }),
    // an ended grant takes these along, and none can be written for a grant that has ended meanwhile
    foreignKey({ columns: [t.issuer, t.userId, t.grantId], foreignColumns: [grants.issuer, grants.userId, grants.id] }).onDelete('cascade'),
    index('refresh_tokens_grant').on(t.issuer, t.userId, t.grantId),
    index('refresh_tokens_expires_at').on(t.expiresAt),
  ],
)

/** Consent handles: single use by a delete that must hit one row. */
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

/** A device's request for access (RFC 8628), until it has its tokens. */
export const deviceAuthorizations = sqliteTable(
  'device_authorizations',
  {
    issuer: text().notNull(),
    /** SHA-256 of the device code, hex. */
    deviceCodeHash: text().notNull(),
    /** HMAC of what people type, under AUTH_SECRET: it is short. */
    userCodeHash: text().notNull().unique(),
    tenantId: tenantId(),
    serverId: serverId(),
    /** Which of the hosted server's issuers it is. */
    form: text({ enum: ['path', 'host'] }).notNull(),
    clientId: text().notNull(),
    /** Of the client's document as it was then; null for a client in our table. */
    documentHash: text(),
    scopes: text({ mode: 'json' }).$type<Scope[]>().notNull(),
    /** Of a verifier that only the device code gives. */
    codeChallenge: text().notNull(),
    /** The device's address, for its user to know it by; null where none was told. */
    requestedFrom: text(),
    state: text({ enum: ['waiting', 'approved', 'denied'] })
      .notNull()
      .default('waiting'),
    /** The authorization code of the approval, sealed. */
    sealedCode: text(),
    /** Who approved. */
    userId: text().references(() => users.id, { onDelete: 'cascade' }),
    /** Seconds between polls. */
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
