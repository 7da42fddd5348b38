import { foreignKey, index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import { createdAt, timestamp } from './columns.ts'
import { userId, users } from './people.ts'
import { members, tenantId, tenants } from './tenants.ts'

/*
 * Who says who a person is, where it is not a password, and how long it holds.
 */

/** OpenID providers a tenant trusts to say who its members are: to sign them in, by identity assertions (ID-JAG), or both. */
export const identityProviders = sqliteTable(
  'identity_providers',
  {
    id: text().primaryKey(),
    tenantId: tenantId(),
    name: text().notNull(),
    /** Never changes: the subjects linked below are this issuer's. */
    issuer: text().notNull(),
    /** Where its keys are; null = as its configuration document says. */
    jwksUri: text(),
    /** The tenant of an issuer that serves several: what its tokens must name as `tenant`. */
    issuerTenant: text(),
    /** Its word for an address counts also where it does not say `email_verified`. */
    trustsEmails: integer({ mode: 'boolean' }).notNull().default(false),
    /** Its assertions are exchanged for tokens at the tenant's hosted servers. */
    assertions: integer({ mode: 'boolean' }).notNull().default(false),
    /** What the platform is there; null = nobody signs in through it. */
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

/** Whom a tenant's provider means by a subject: a member of that tenant, and in that tenant only. */
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
    /** As the provider had it when the link was made, for people to know it by. */
    email: text(),
    /** The member, or who linked them. */
    createdBy: text().references(() => users.id, { onDelete: 'set null' }),
    createdAt: createdAt(),
    lastUsedAt: timestamp(),
  },
  (t) => [
    uniqueIndex('identity_links_subject').on(t.providerId, t.subject),
    uniqueIndex('identity_links_user').on(t.providerId, t.userId),
    // who is no member any more is nobody to the tenant's providers
    foreignKey({ columns: [t.tenantId, t.userId], foreignColumns: [members.tenantId, members.userId] }).onDelete('cascade'),
    index('identity_links_member').on(t.tenantId, t.userId),
    index('identity_links_person').on(t.userId),
  ],
)

/** A person's dashboard session. The cookie carries the token with a MAC under AUTH_SECRET, so a row read from a dump signs nobody in. */
export const signIns = sqliteTable(
  'sign_ins',
  {
    id: text().primaryKey(),
    userId: userId(),
    token: text().notNull().unique(),
    /** The one tenant it reaches, where that tenant's own identity provider said who this is; null = all of the person's. */
    tenantId: text().references(() => tenants.id, { onDelete: 'cascade' }),
    /** What it rests on then: without the link it is over. */
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
