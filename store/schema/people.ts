import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import { createdAt, timestamp } from './columns.ts'

/*
 * Users and the rows of users outside of any tenant. `users`, `credentials`, `verifications`, and
 * `signIns` of identities.ts are better-auth's tables under our names, mapped by
 * workers/auth/engine.ts.
 */

export const users = sqliteTable('users', {
  id: text().primaryKey(),
  name: text().notNull(),
  email: text().notNull().unique(),
  emailVerified: integer({ mode: 'boolean' }).notNull().default(false),
  image: text(),
  /** True for a user who runs the platform; set by `npm run operator`. */
  operator: integer({ mode: 'boolean' }).notNull().default(false),
  createdAt: createdAt(),
  updatedAt: createdAt(),
})

export const userId = () =>
  text()
    .notNull()
    .references(() => users.id, { onDelete: 'cascade' })

/**
 * Credentials for the whole platform: a password hash, or a subject at the operator's OpenID
 * provider. For a subject, `providerId` is the issuer.
 */
export const credentials = sqliteTable(
  'credentials',
  {
    id: text().primaryKey(),
    userId: userId(),
    accountId: text().notNull(),
    providerId: text().notNull(),
    password: text(),
    accessToken: text(),
    refreshToken: text(),
    idToken: text(),
    accessTokenExpiresAt: timestamp(),
    refreshTokenExpiresAt: timestamp(),
    scope: text(),
    createdAt: createdAt(),
    updatedAt: createdAt(),
  },
  (t) => [index('credentials_user').on(t.userId), uniqueIndex('credentials_provider_account').on(t.providerId, t.accountId)],
)

export const verifications = sqliteTable(
  'verifications',
  {
    id: text().primaryKey(),
    identifier: text().notNull(),
    value: text().notNull(),
    expiresAt: timestamp().notNull(),
    createdAt: createdAt(),
    updatedAt: createdAt(),
  },
  (t) => [index('verifications_identifier').on(t.identifier), index('verifications_expires_at').on(t.expiresAt)],
)

/**
 * Mutations with an Idempotency-Key and their responses (24 h). The batch of the mutation sets
 * `status`, so a retry never runs a mutation that is stored.
 */
export const idempotencyKeys = sqliteTable(
  'idempotency_keys',
  {
    userId: userId(),
    key: text().notNull(),
    requestHash: text().notNull(),
    /** Random id of the run that holds the key. A batch of an earlier run is refused. */
    attempt: text(),
    /** End of the lease in milliseconds, renewed while the run lives. Later a retry takes over. */
    leaseUntil: integer(),
    /** Null until the mutation is stored. */
    status: integer(),
    /** Response, sealed by hosting/vault.ts. Null if the response is too large or not known yet. */
    body: text(),
    createdAt: createdAt(),
    expiresAt: timestamp().notNull(),
  },
  (t) => [primaryKey({ columns: [t.userId, t.key] }), index('idempotency_keys_expires_at').on(t.expiresAt)],
)
