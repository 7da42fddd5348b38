import { foreignKey, index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import { createdAt, timestamp } from './columns.ts'
import { userId, users } from './people.ts'
import { members, tenantId, tenants } from './tenants.ts'

/*
 * Identity providers of tenants, links from provider subjects to members, and sign-ins.
 */

/**
 * OpenID providers trusted by a tenant: for sign-in, for identity assertions (ID-JAG), or for
 * sign-in and assertions.
 */
export const identityProviders = sqliteTable(
  'identity_providers',
  {
    id: text().primaryKey(),
    tenantId: tenantId(),
    name: text().notNull(),
    /** Immutable, because the linked subjects belong to the issuer. */
    issuer: text().notNull(),
    /** URL of the provider's keys; null = taken from the configuration document. */
    jwksUri: text(),
    /** Value required in the `tenant` claim, for an issuer with several tenants. */
    issuerTenant: text(),
    /** True if the provider's addresses count as verified even without `email_verified`. */
    trustsEmails: integer({ mode: 'boolean' }).notNull().default(false),
    /**
     * True if the provider's assertions are exchanged for tokens at the tenant's hosted servers.
     */
    assertions: integer({ mode: 'boolean' }).notNull().default(false),
    /** Client id of the platform at the provider; null = no sign-in through the provider. */
    clientId: text(),
    /** Sealed by hosting/vault.ts. */
    clientSecret: text(),
    clientSecretLastFour: text(),
    createdBy: text().references(() => users.id, { onDelete: 'set null' }),
    createdAt: createdAt(),
    updatedAt: createdAt(),
  },
  (t) => [uniqueIndex('identity_providers_issuer').on(t.tenantId, t.issuer)],
)

/** Links from a provider's subject to a member of the tenant, valid in the tenant only. */
export const identityLinks = sqliteTable(
  'identity_links',
  {
    id: text().primaryKey(),
    providerId: text()
      .notNull()
      .references(() => identityProviders.id, { onDelete: 'cascade' }),
    subject: text().notNull(),
    tenantId: tenantId(),
    userId: userId(),
    /** Address reported by the provider when the link was made, shown to identify the link. */
    email: text(),
    /** Creator of the link: the linked member or an administrator of the tenant. */
    createdBy: text().references(() => users.id, { onDelete: 'set null' }),
    createdAt: createdAt(),
    lastUsedAt: timestamp(),
  },
  (t) => [
    uniqueIndex('identity_links_subject').on(t.providerId, t.subject),
    uniqueIndex('identity_links_user').on(t.providerId, t.userId),
    // ending a membership deletes the member's links
    foreignKey({ columns: [t.tenantId, t.userId], foreignColumns: [members.tenantId, members.userId] }).onDelete('cascade'),
    index('identity_links_member').on(t.tenantId, t.userId),
    index('identity_links_person').on(t.userId),
  ],
)

/**
 * Dashboard session of a user. The cookie carries the token with a MAC under AUTH_SECRET, so a
 * leaked row is not enough to sign in.
 */
export const signIns = sqliteTable(
  'sign_ins',
  {
    id: text().primaryKey(),
    userId: userId(),
    token: text().notNull().unique(),
    /**
     * Tenant of the identity provider used to sign in, and the only tenant reached by the sign-in.
     * Null = every tenant of the user.
     */
    tenantId: text().references(() => tenants.id, { onDelete: 'cascade' }),
    /** Identity link used to sign in. Deleting the link ends the sign-in. */
    identityLinkId: text().references(() => identityLinks.id, { onDelete: 'cascade' }),
    ipAddress: text(),
    userAgent: text(),
    expiresAt: timestamp().notNull(),
    createdAt: createdAt(),
    updatedAt: createdAt(),
  },
  (t) => [
    index('sign_ins_user').on(t.userId),
    index('sign_ins_expires_at').on(t.expiresAt),
    index('sign_ins_identity_link').on(t.identityLinkId),
  ],
)
