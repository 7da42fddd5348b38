import { and, desc, eq, inArray, isNotNull, isNull, lt, not, or, sql } from 'drizzle-orm'
import { z } from 'zod'
import { leftTools, type Rights } from '../../protocol/oauth/consent-offer.ts'
import { intersectScopes, isScope, type Scope } from '../../protocol/oauth/scope.ts'
import { clientIsAdmitted, isTrustedClient, requiresMembership, userIsAdmitted } from '../admission.ts'
import { auditEach, auditStatement } from '../audit.ts'
import { endedGrant, type EndedGrant } from '../ended-grants.ts'
import { commit, isThere, retryOnConflict, rowVersionIs, tryCommit } from '../guard.ts'
import type { Store } from '../index.ts'
import { isLive } from '../not-expired.ts'
import { NO_LIMIT, olderThan, type PageRequest } from '../paging.ts'
import { clients } from '../schema/clients.ts'
import { grants } from '../schema/grants.ts'
import { users } from '../schema/people.ts'
import { hostedServers } from '../schema/servers.ts'
import { tenants } from '../schema/tenants.ts'
import { ofServer, type ServerKey } from '../server-key.ts'

/** A grant as people look at it: without the engine's record. */
export interface GrantSummary {
  id: string
  tenantId: string
  tenant: string
  server: string
  serverId: string
  userId: string
  userName: string
  userEmail: string
  clientId: string
  clientName: string
  /** Of what its user was shown of the client's document; null for a client in our table. */
  documentHash: string | null
  /** When the client registered or was made; null for a document, and for a client that is gone. */
  clientCreatedAt: Date | null
  redirectUri: string
  scopes: Scope[]
  tools: string[] | null
  toolLimit: string[] | null
  createdAt: Date
  lastUsedAt: Date | null
  expiresAt: Date | null
}

const summary = {
  id: grants.id,
  tenantId: grants.tenantId,
  tenant: tenants.slug,
  server: hostedServers.slug,
  serverId: grants.serverId,
  userId: grants.userId,
  userName: users.name,
  userEmail: users.email,
  clientId: grants.clientId,
  clientName: grants.clientName,
  documentHash: sql<string | null>`json_extract(${grants.record}, '$.metadata.documentHash')`,
  clientCreatedAt: clients.createdAt,
  redirectUri: grants.redirectUri,
  scopes: grants.scopes,
  tools: grants.tools,
  toolLimit: grants.toolLimit,
  createdAt: grants.createdAt,
  lastUsedAt: grants.lastUsedAt,
  expiresAt: grants.expiresAt,
}

function findSummaries(store: Store) {
  return (
    store
      .select(summary)
      .from(grants)
      .innerJoin(hostedServers, eq(hostedServers.id, grants.serverId))
      .innerJoin(tenants, eq(tenants.id, grants.tenantId))
      .innerJoin(users, eq(users.id, grants.userId))
      // what registered at the root belongs to no tenant; ids are random, so there is one client of an id
      .leftJoin(clients, and(eq(clients.clientId, grants.clientId), or(eq(clients.tenantId, grants.tenantId), isNull(clients.tenantId))))
      .$dynamic()
  )
}

/** Newest first: of a person, at every tenant's servers since their grants are theirs wherever they lie, or at one tenant's; or all at one hosted server. */
export async function findGrants(store: Store, owner: GrantOwner, now: Date, { before, limit }: PageRequest): Promise<GrantSummary[]> {
  return findSummaries(store)
    .where(and(ownedBy(owner), isLive(grants, now), olderThan(grants, before)))
    .orderBy(desc(grants.createdAt), desc(grants.id))
    .limit(limit)
}

/** A person, in one tenant or (undefined) in all. */
interface Person {
  userId: string
  tenantId: string | undefined
}

/** Whose grants may be seen, changed or ended: a person's own, or all at a server of the tenant. */
export type GrantOwner = Person | ServerKey

function ownedBy(owner: GrantOwner) {
  const ofTenant = owner.tenantId === undefined ? undefined : eq(grants.tenantId, owner.tenantId)
  return and('userId' in owner ? eq(grants.userId, owner.userId) : eq(grants.serverId, owner.serverId), ofTenant)
}

/** Undefined where there is none or it is not this owner's. */
export async function findGrant(store: Store, owner: GrantOwner, grantId: string, now: Date): Promise<GrantSummary | undefined> {
  const [found] = await findSummaries(store).where(and(eq(grants.id, grantId), ownedBy(owner), isLive(grants, now)))
  return found
}

/** What this user lets this client do at a hosted server by the grants that live and were taken up, the one used last first. */
export async function findHeldRights(
  store: Store,
  server: ServerKey,
  { userId, clientId }: { userId: string; clientId: string },
  now: Date,
): Promise<Rights[]> {
  const found = await store
    .select({ scopes: grants.scopes, tools: grants.tools, toolLimit: grants.toolLimit })
    .from(grants)
    .where(
      and(
        ofServer(grants, server),
        eq(grants.userId, userId),
        eq(grants.clientId, clientId),
        isLive(grants, now),
        isNotNull(grants.lastUsedAt),
      ),
    )
    .orderBy(desc(grants.lastUsedAt), desc(grants.createdAt))
  return found.map(({ scopes, tools, toolLimit }) => ({ scopes, tools: leftTools(tools, toolLimit) }))
}

/** What of a grant can be changed while it lives. */
export interface GrantTerms extends Rights {
  toolLimit: string[] | null
}

const ATTEMPTS = 5

/** The engine's record, as far as its scope goes: what a refresh gives. */
const scopedRecord = z.looseObject({ scope: z.array(z.string()).default([]) })

/**
 * Changes a grant in place, so that its client need not come again: its tokens are judged by the new terms from their next look-up on, and a refresh gives no
 * more, since the engine's record changes with them. `change` is asked again where a refresh came between. Undefined where this owner has no such grant.
 */
export async function updateGrantTerms(
  store: Store,
  owner: GrantOwner,
  { grantId, actor, change }: { grantId: string; actor: string; change: (grant: GrantSummary) => GrantTerms | Promise<GrantTerms> },
  now: Date,
): Promise<GrantSummary | undefined> {
  const at = and(eq(grants.id, grantId), ownedBy(owner))
  return retryOnConflict(ATTEMPTS, async () => {
    // reads the version first, so that a change after this read makes the guard fail
    const [row] = await store.select({ record: grants.record, rowVersion: grants.rowVersion }).from(grants).where(at)
    const found = row && (await findGrant(store, owner, grantId, now))
    if (!found) return undefined
    const { scopes, tools, toolLimit } = await change(found)
    const { tenantId, serverId, clientId, userId } = found
    const record = scopedRecord.parse(JSON.parse(row.record))
    const detail = { grantId, clientId, userId, before: termsTold(found), after: termsTold({ scopes, tools, toolLimit }) }
    await commit(store, [
      rowVersionIs(store, grants.rowVersion, at, row.rowVersion),
      store
        .update(grants)
        .set({
          scopes,
          tools,
          toolLimit,
          record: JSON.stringify({ ...record, scope: intersectScopes(record.scope.filter(isScope), scopes) }),
          rowVersion: row.rowVersion + 1,
        })
        .where(at),
      auditStatement(store, { tenantId, serverId, actor, action: 'grant.changed', detail }),
    ])
    return { ...found, scopes, tools, toolLimit }
  })
}

/** For an audit event: tools by number, since there can be a thousand. */
function termsTold({ scopes, tools, toolLimit }: GrantTerms) {
  return { scopes, tools: leftTools(tools, toolLimit)?.length ?? 'all' }
}

/** How fresh a grant's last use is kept. */
const USE_GRAIN_MS = 5 * 60_000

/** One statement may have 100 parameters. */
const CHUNK = 50

/** Notes that tokens of these grants were used, by tenant. No part of what a grant is: its row version stays. */
export async function touchGrants(store: Store, used: Map<string, Set<string>>, now: Date): Promise<void> {
  const before = new Date(now.getTime() - USE_GRAIN_MS)
  const chunks = [...used].flatMap(([tenantId, ids]) => {
    const all = [...ids]
    return Array.from({ length: Math.ceil(all.length / CHUNK) }, (_, n) => ({ tenantId, ids: all.slice(n * CHUNK, (n + 1) * CHUNK) }))
  })
  const [first, ...rest] = chunks.map(({ tenantId, ids }) =>
    store
      .update(grants)
      .set({ lastUsedAt: now })
      .where(and(eq(grants.tenantId, tenantId), inArray(grants.id, ids), lt(grants.lastUsedAt, before))),
  )
  if (first) await store.batch([first, ...rest])
}

const MAX_GRANTS = 20
/** Of one user at one server, whatever the clients: anyone can register as many as they like. */
const MAX_USER_GRANTS = 200

/**
 * Behind a new grant, in its batch: at most so many of one user at one server, and fewer by one client; the oldest end, and the tenant can read of those that
 * were good still.
 */
export function endSurplusGrants(
  store: Store,
  { tenantId, serverId, userId, clientId }: ServerKey & { userId: string; clientId: string },
  { actor, now }: { actor: string; now: Date },
) {
  const ofUser = and(ofServer(grants, { tenantId, serverId }), eq(grants.userId, userId))
  const surplus = store
    .select({ id: grants.id })
    .from(grants)
    // there is one a client by an identity provider's word, and people do not end it by connecting the app elsewhere
    .where(and(ofUser, eq(grants.clientId, clientId), isNull(grants.identityLinkId)))
    .orderBy(sql`${grants.createdAt} DESC, rowid DESC`)
    .limit(NO_LIMIT)
    .offset(MAX_GRANTS)
  const surplusOfUser = store
    .select({ id: grants.id })
    .from(grants)
    .where(ofUser)
    .orderBy(sql`coalesce(${grants.lastUsedAt}, ${grants.createdAt}) DESC, rowid DESC`)
    .limit(NO_LIMIT)
    .offset(MAX_USER_GRANTS)
  const where = and(ofUser, or(inArray(grants.id, surplus), inArray(grants.id, surplusOfUser)))
  const detail = sql`json_object('grantId', ${grants.id}, 'clientId', ${grants.clientId}, 'userId', ${grants.userId}, 'because', 'too many')`
  return {
    telling: auditEach(
      store,
      { tenantId, serverId, actor, action: 'grant.ended', detail },
      { table: grants, where: and(where, isLive(grants, now)) },
    ),
    ending: store.delete(grants).where(where).returning(endedGrant),
  }
}

/**
 * Its tokens and refresh tokens go with it, in the same statement (foreign keys), and the tenant can read who ended it. Undefined where there is none or it is
 * not this owner's.
 */
export async function deleteGrant(store: Store, owner: GrantOwner, grantId: string, actor: string): Promise<EndedGrant | undefined> {
  const at = and(eq(grants.id, grantId), ownedBy(owner))
  const [found] = await store
    .select({ ...endedGrant, tenantId: grants.tenantId, clientId: grants.clientId, userId: grants.userId })
    .from(grants)
    .where(at)
  if (!found) return undefined
  const { id, serverId, tenantId, clientId, userId } = found
  const isEnded = await tryCommit(store, [
    isThere(store, grants, at),
    store.delete(grants).where(and(at, eq(grants.tenantId, tenantId))),
    auditStatement(store, { tenantId, serverId, actor, action: 'grant.ended', detail: { grantId, clientId, userId } }),
  ])
  return isEnded ? { id, serverId } : undefined
}

/** A person's grants at a tenant that end with their membership: at its servers for members only, and what its identity providers made. */
export async function findMemberGrants(store: Store, { tenantId, userId }: { tenantId: string; userId: string }): Promise<EndedGrant[]> {
  return store
    .select(endedGrant)
    .from(grants)
    .innerJoin(hostedServers, eq(hostedServers.id, grants.serverId))
    .where(and(eq(grants.tenantId, tenantId), eq(grants.userId, userId), or(requiresMembership, isNotNull(grants.identityLinkId))))
}

/** Grants at a hosted server whose user or client its settings no longer admit. */
export async function findExcludedGrants(
  store: Store,
  { dashboardClientId, ...server }: ServerKey & { dashboardClientId: string },
): Promise<EndedGrant[]> {
  const trusted = isTrustedClient(server.tenantId, grants.clientId, dashboardClientId)
  return store
    .select(endedGrant)
    .from(grants)
    .innerJoin(hostedServers, eq(hostedServers.id, grants.serverId))
    .where(and(ofServer(grants, server), or(not(userIsAdmitted(grants.userId)), not(clientIsAdmitted(grants.clientId, trusted)))))
}
