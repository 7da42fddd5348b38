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
 * Whom a tenant's identity provider means by a subject. A link is to a member of that very tenant and goes with the membership; what rests on it (sign-ins,
 * grants) goes with the link and reaches that tenant only. Whoever runs the provider can be nobody anywhere else.
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

/** Counted by the hour, so that a busy link is not a write a request. */
export async function touchIdentityLink(store: Store, { id, tenantId }: IdentityLink, now: Date): Promise<void> {
  const hourAgo = Math.floor(now.getTime() / 1000) - 3600
  await store
    .update(identityLinks)
    .set({ lastUsedAt: now })
    .where(and(eq(identityLinks.tenantId, tenantId), eq(identityLinks.id, id), sql`coalesce(${identityLinks.lastUsedAt}, 0) < ${hourAgo}`))
}

/**
 * The member whose address this is as far as the tenant can know: it invited that address, or it was proven to the platform. An address that somebody
 * merely signed up with is anybody's.
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
  /** As the provider has it. */
  email: string | undefined
  userId: string
  /** The user is made with the link. */
  newcomer?: { name: string; email: string }
  /** The user becomes a member with the link. */
  invitation?: Invitation
}

/** All of it or nothing: undefined where the subject or the user is linked already, the user is no member, or the invitation is not open any more. */
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

/** A person's own, in one tenant or (undefined) in all. */
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

/** Undefined where there is no such link of theirs; else the grants that ended with it. */
export async function deleteIdentityLink(
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
