import { sql } from 'drizzle-orm'
import { check, foreignKey, index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import { AUDIT_ACTIONS } from '../protocol/audit.ts'
import type { PublicKeys } from '../protocol/oauth/json-web-keys.ts'
import type { Scope } from '../protocol/oauth/scope.ts'
import { DEFAULT_LIMITS, type Limits } from '../protocol/limits.ts'
import type { Finding, Surface } from '../protocol/surface.ts'

/*
 * Every table of the platform. Each row has an owner it goes away with, a cap its writer holds, and, where it is not the owner's to delete, an expiry
 * the scheduled sweep finds by index. Times are whole seconds; ids are random and opaque. Secrets appear as SHA-256 hashes only.
 */

const timestamp = () => integer({ mode: 'timestamp' })
const createdAt = () =>
  timestamp()
    .notNull()
    .default(sql`(unixepoch())`)
const tenantId = () =>
  text()
    .notNull()
    .references(() => tenants.id, { onDelete: 'cascade' })
const serverId = () =>
  text()
    .notNull()
    .references(() => hostedServers.id, { onDelete: 'cascade' })
const userId = () =>
  text()
    .notNull()
    .references(() => users.id, { onDelete: 'cascade' })

// People. The first four tables are better-auth's, under our names (workers/auth/engine.ts maps them).

export const users = sqliteTable('users', {
  id: text().primaryKey(),
  name: text().notNull(),
  email: text().notNull().unique(),
  emailVerified: integer({ mode: 'boolean' }).notNull().default(false),
  image: text(),
  /** Runs the platform; made by `npm run operator`. */
  operator: integer({ mode: 'boolean' }).notNull().default(false),
  createdAt: createdAt(),
  updatedAt: createdAt(),
})

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

/** How a person proves who they are to the whole platform: a password hash, or their subject at the operator's OpenID provider, named by its issuer. */
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

export const tenants = sqliteTable('tenants', {
  id: text().primaryKey(),
  slug: text().notNull().unique(),
  name: text().notNull(),
  suspendedAt: timestamp(),
  createdAt: createdAt(),
})

export const ROLES = ['viewer', 'developer', 'admin', 'owner'] as const
export type Role = (typeof ROLES)[number]

export const members = sqliteTable(
  'members',
  {
    tenantId: tenantId(),
    userId: userId(),
    role: text({ enum: ROLES }).notNull(),
    /** The address the tenant invited, lower case; null where its invitation named none. Addresses people sign up with are not proven, this one the tenant chose. */
    invitedAs: text(),
    createdAt: createdAt(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.userId] }), index('members_user').on(t.userId)],
)

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

export const invitations = sqliteTable(
  'invitations',
  {
    id: text().primaryKey(),
    tokenHash: text().notNull().unique(), // the token itself is shown once and never stored
    tenantId: tenantId(),
    role: text({ enum: ROLES }).notNull(),
    /** When set, only the user with this address may accept. */
    email: text(),
    invitedBy: text().references(() => users.id, { onDelete: 'set null' }),
    acceptedAt: timestamp(),
    expiresAt: timestamp().notNull(),
    createdAt: createdAt(),
  },
  (t) => [index('invitations_tenant').on(t.tenantId), index('invitations_expires_at').on(t.expiresAt)],
)

/** For the terminal and continuous integration: at most one's own role, in one tenant. */
export const personalTokens = sqliteTable(
  'personal_tokens',
  {
    id: text().primaryKey(),
    tokenHash: text().notNull().unique(),
    lastFour: text().notNull(),
    name: text().notNull(),
    userId: userId(),
    tenantId: tenantId(),
    role: text({ enum: ROLES }).notNull(),
    lastUsedAt: timestamp(),
    expiresAt: timestamp().notNull(),
    createdAt: createdAt(),
  },
  (t) => [
    index('personal_tokens_user').on(t.userId),
    index('personal_tokens_tenant').on(t.tenantId),
    index('personal_tokens_expires_at').on(t.expiresAt),
  ],
)

/** A mutation's stored answer (24 h), so that a retry with the same Idempotency-Key is answered, not run again. */
export const idempotencyKeys = sqliteTable(
  'idempotency_keys',
  {
    userId: userId(),
    key: text().notNull(),
    requestHash: text().notNull(),
    status: integer(),
    body: text(),
    createdAt: createdAt(),
    expiresAt: timestamp().notNull(),
  },
  (t) => [primaryKey({ columns: [t.userId, t.key] }), index('idempotency_keys_expires_at').on(t.expiresAt)],
)

export const auditEvents = sqliteTable(
  'audit_events',
  {
    id: text().primaryKey(),
    tenantId: tenantId(),
    serverId: text(),
    actor: text().notNull(),
    action: text({ enum: AUDIT_ACTIONS }).notNull(),
    detail: text({ mode: 'json' }).$type<Record<string, unknown>>().notNull(),
    createdAt: createdAt(),
  },
  (t) => [index('audit_events_tenant').on(t.tenantId, t.createdAt), index('audit_events_created_at').on(t.createdAt)],
)

// Hosted servers and what they run.

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

/** Immutable once probed. Its modules are in R2 under `bundles/{tenant id}/{bundle hash}`. */
export const versions = sqliteTable(
  'versions',
  {
    id: text().primaryKey(),
    tenantId: tenantId(),
    serverId: serverId(),
    number: integer().notNull(),
    source: text({ enum: ['code'] }).notNull(),
    /** `refused`: the probe found an error, so it can never become active. */
    state: text({ enum: ['ready', 'refused'] }).notNull(),
    /** SHA-256 of the bundle, hex. */
    bundleHash: text().notNull(),
    bundleBytes: integer().notNull(),
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

// Authorization. `issuer` is in every key: a code, a client or a token of one hosted server is nothing at another.

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

/** What a client that acts for itself (RFC 6749 §4.4) may do at one hosted server: given by a member, or made at its first token where it registered itself. */
export const machineGrants = sqliteTable(
  'machine_grants',
  {
    id: text().primaryKey(),
    tenantId: tenantId(),
    serverId: serverId(),
    /** With `clientId`, the client: see `clients.issuer`. */
    clientIssuer: text().notNull(),
    clientId: text().notNull(),
    /** Empty = the client is kept out. */
    scopes: text({ mode: 'json' }).$type<Scope[]>().notNull(),
    /** Tools it was narrowed to; null = all. */
    tools: text({ mode: 'json' }).$type<string[]>(),
    /** Null where no member gave it. */
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
    // an ended grant takes these along, and none can be written for a grant that has ended meanwhile
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

/** For clients that can only send a static header: good at one hosted server, for a member or for a client made by hand. */
export const accessKeys = sqliteTable(
  'access_keys',
  {
    id: text().primaryKey(),
    keyHash: text().notNull().unique(), // the key itself is shown once and never stored
    lastFour: text().notNull(),
    name: text().notNull(),
    tenantId: tenantId(),
    serverId: serverId(),
    /** The member it acts for; gone with their membership. */
    userId: text(),
    /** Or the client it acts as; gone with it. */
    clientIssuer: text(),
    clientId: text(),
    scopes: text({ mode: 'json' }).$type<Scope[]>().notNull(),
    /** Tools it was narrowed to; null = all. */
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
