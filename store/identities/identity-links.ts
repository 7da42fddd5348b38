import { and, asc, eq, or, sql } from 'drizzle-orm'
import { newId } from '../../protocol/random.ts'
import { auditStatement } from '../audit.ts'
import { endedGrant, type EndedGrant } from '../ended-grants.ts'
import { isThere, tryCommit, unlessConflict } from '../guard.ts'
import type { IdentityProvider } from './identity-providers.ts'
import type { Store } from '../index.ts'
import { acceptanceStatements, type Invitation } from '../tenants/invitations.ts'
import { grants } from '../schema/grants.ts'
import { identityLinks, identityProviders } from '../schema/identities.ts'
import { users } from '../schema/people.ts'
import { members, tenants } from '../schema/tenants.ts'

/*
 * Links from a subject at a tenant's identity provider to a member of the tenant. Ending the
 * membership deletes the link, and deleting the link ends its sign-ins and grants. A link is valid
 * in its own tenant only, because the operator of the provider can impersonate any linked member.
 */

type Provider = Pick<IdentityProvider, 'id' | 'tenantId'>

export interface IdentityLink {
  id: string
  tenantId: string
  userId: string
}

const link = { id: identityLinks.id, tenantId: identityLinks.tenantId, userId: identityLinks.userId }

const ofProvider = ({ id, tenantId }: Provider) => and(eq(identityLinks.providerId, id), eq(identityLinks.tenantId, tenantId))

export async function findIdentityLink(store: Store, provider: Provider, subject: string): Promise<IdentityLink | undefined> {
  const [row] = await store
    .select(link)
    .from(identityLinks)
    .where(and(ofProvider(provider), eq(identityLinks.subject, subject)))
  return row
}

/** Writes at most once an hour, so a busy link does not cost a write per request. */
export async function touchIdentityLink(store: Store, { id, tenantId }: IdentityLink, now: Date): Promise<void> {
  const hourAgo = Math.floor(now.getTime() / 1000) - 3600
  await store
    .update(identityLinks)
    .set({ lastUsedAt: now })
    .where(and(eq(identityLinks.tenantId, tenantId), eq(identityLinks.id, id), sql`coalesce(${identityLinks.lastUsedAt}, 0) < ${hourAgo}`))
}

/**
 * Returns the member with the address, if the tenant invited the address or the platform verified
 * it. An address given at sign-up alone is unproven.
 */
export async function findMemberByAddress(store: Store, tenantId: string, email: string): Promise<{ userId: string } | undefined> {
  const address = email.toLowerCase()
  const [row] = await store
    .select({ userId: members.userId })
    .from(members)
    .innerJoin(users, eq(users.id, members.userId))
    .where(and(eq(members.tenantId, tenantId), eq(users.email, address), or(eq(members.invitedAs, address), eq(users.emailVerified, true))))
  return row
}

interface NewLink {
  provider: IdentityProvider
  subject: string
  /** Address reported by the provider. */
  email: string | undefined
  userId: string
  /** Set to create the user together with the link. */
  newcomer?: { name: string; email: string }
  /** Set to make the user a member together with the link. */
  invitation?: Invitation
}

/**
 * Writes everything or nothing. Returns undefined if the subject or the user is already linked, the
 * user is not a member, or the invitation is not open.
 */
export async function addIdentityLink(
  store: Store,
  { provider, subject, email, userId, newcomer, invitation }: NewLink,
  actor: string,
  now: Date,
): Promise<IdentityLink | undefined> {
  const { id: providerId, tenantId } = provider
  const id = newId()
  const isAdded = await tryCommit(store, [
    ...(newcomer ? [store.insert(users).values({ id: userId, ...newcomer, createdAt: now, updatedAt: now })] : []),
    ...(invitation ? acceptanceStatements(store, invitation, userId, now) : []),
    store
      .insert(identityLinks)
      .values({ id, providerId, subject, tenantId, userId, email: email ?? null, createdBy: actor, createdAt: now }),
    auditStatement(store, { tenantId, actor, action: 'identity-link.created', detail: { linkId: id, providerId, subject, userId } }),
  ])
  return isAdded ? { id, tenantId, userId } : undefined
}

/** Oldest first. */
export async function findIdentityLinks(store: Store, provider: Provider) {
  return store
    .select({ link: identityLinks, user: { id: users.id, name: users.name, email: users.email } })
    .from(identityLinks)
    .innerJoin(users, eq(users.id, identityLinks.userId))
    .where(ofProvider(provider))
    .orderBy(asc(identityLinks.createdAt), asc(identityLinks.id))
}

/** A user's own links, in one tenant or (undefined) in every tenant. */
export interface LinkedPerson {
  userId: string
  tenantId: string | undefined
}

const ofPerson = ({ userId, tenantId }: LinkedPerson) =>
  and(eq(identityLinks.userId, userId), tenantId === undefined ? undefined : eq(identityLinks.tenantId, tenantId))

export async function findPersonLinks(store: Store, person: LinkedPerson) {
  return store
    .select({
      link: identityLinks,
      provider: { name: identityProviders.name, issuer: identityProviders.issuer },
      tenant: tenants.slug,
    })
    .from(identityLinks)
    .innerJoin(identityProviders, eq(identityProviders.id, identityLinks.providerId))
    .innerJoin(tenants, eq(tenants.id, identityLinks.tenantId))
    .where(ofPerson(person))
    .orderBy(asc(identityLinks.createdAt), asc(identityLinks.id))
}

/**
 * Deletes the link. Returns the grants that ended with the link; undefined if the owner has no such
 * link.
 */
export async function removeIdentityLink(
  store: Store,
  owner: Provider | LinkedPerson,
  id: string,
  actor: string,
): Promise<EndedGrant[] | undefined> {
  const [found] = await store
    .select({ tenantId: identityLinks.tenantId, userId: identityLinks.userId, providerId: identityLinks.providerId })
    .from(identityLinks)
    .where(and('id' in owner ? ofProvider(owner) : ofPerson(owner), eq(identityLinks.id, id)))
  if (!found) return undefined
  const { tenantId, userId, providerId } = found
  const at = and(eq(identityLinks.tenantId, tenantId), eq(identityLinks.id, id))
  const batch = store.batch([
    isThere(store, identityLinks, at),
    store
      .select(endedGrant)
      .from(grants)
      .where(and(eq(grants.tenantId, tenantId), eq(grants.identityLinkId, id))),
    store.delete(identityLinks).where(at),
    auditStatement(store, { tenantId, actor, action: 'identity-link.deleted', detail: { linkId: id, providerId, userId } }),
  ])
  const [, ended] = (await unlessConflict(batch)) ?? []
  return ended
}
