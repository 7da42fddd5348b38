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

/** A grant as shown to users and tenants, without the record of the engine. */
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
  /** Hash of the document fields shown at consent; null for a client in `clients`. */
  documentHash: string | null
  /**
   * Time of registration or creation of the client; null for a document and for a deleted client.
   */
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
      // clients of the root issuer have no tenant; ids are random, so an id identifies one client
      .leftJoin(clients, and(eq(clients.clientId, grants.clientId), or(eq(clients.tenantId, grants.tenantId), isNull(clients.tenantId))))
      .$dynamic()
  )
}

/**
 * Lists grants, newest first: the grants of a user in one tenant or all tenants, or all grants at a
 * hosted server.
 */
export async function findGrants(store: Store, owner: GrantOwner, now: Date, { before, limit }: PageRequest): Promise<GrantSummary[]> {
  return findSummaries(store)
    .where(and(ownedBy(owner), isLive(grants, now), olderThan(grants, before)))
    .orderBy(desc(grants.createdAt), desc(grants.id))
    .limit(limit)
}

/** A user, in one tenant or (undefined) in all tenants. */
interface Person {
  userId: string
  tenantId: string | undefined
}

/**
 * Grants that a caller may see, change or end: the user's own, or all at a hosted server of the
 * tenant.
 */
export type GrantOwner = Person | ServerKey

function ownedBy(owner: GrantOwner) {
  const ofTenant = owner.tenantId === undefined ? undefined : eq(grants.tenantId, owner.tenantId)
  return and('userId' in owner ? eq(grants.userId, owner.userId) : eq(grants.serverId, owner.serverId), ofTenant)
}

/** Finds a grant of the owner. */
export async function findGrant(store: Store, owner: GrantOwner, grantId: string, now: Date): Promise<GrantSummary | undefined> {
  const [found] = await findSummaries(store).where(and(eq(grants.id, grantId), ownedBy(owner), isLive(grants, now)))
  return found
}

/**
 * Returns the rights of the active grants of a user to a client at a hosted server, last used
 * first. Grants whose code was never exchanged are left out.
 */
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

/** Changeable fields of an active grant. */
export interface GrantTerms extends Rights {
  toolLimit: string[] | null
}

const ATTEMPTS = 5

/** Scopes in the record of the engine, which a refresh grants. */
const scopedRecord = z.looseObject({ scope: z.array(z.string()).default([]) })

/**
 * Changes a grant without a new authorization. Existing tokens follow at the next lookup, and
 * refreshes follow because the record of the engine changes too. `change` is called again if a
 * refresh changed the row meanwhile. Returns undefined if the owner has no such grant.
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

/**
 * Returns the detail of an audit event. Contains the number of tools, because a grant can list a
 * thousand.
 */
function termsTold({ scopes, tools, toolLimit }: GrantTerms) {
  return { scopes, tools: leftTools(tools, toolLimit)?.length ?? 'all' }
}

/** Resolution of the last use of a grant. */
const USE_GRAIN_MS = 5 * 60_000

/** Ids per statement. D1 allows 100 parameters. */
const CHUNK = 50

/**
 * Records the last use of grants, by tenant. The row version stays, because a use changes no right.
 */
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
/**
 * Limit of the grants of a user at a hosted server for all clients together, because anyone can
 * register clients.
 */
const MAX_USER_GRANTS = 200

/**
 * Statements after a new grant in its batch. End the oldest grants beyond the limits per user and
 * per client, and audit those that were still active.
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
    // a grant by identity assertion is unique per client and must not end when the user connects
    // the app again
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
 * Ends a grant with an audit event. Foreign keys delete the tokens in the same statement. Returns
 * undefined if the owner has no such grant.
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

/**
 * Returns the grants of a user that end with the membership: grants at members-only servers, and
 * grants made by the identity providers of the tenant.
 */
export async function findMemberGrants(store: Store, { tenantId, userId }: { tenantId: string; userId: string }): Promise<EndedGrant[]> {
  return store
    .select(endedGrant)
    .from(grants)
    .innerJoin(hostedServers, eq(hostedServers.id, grants.serverId))
    .where(and(eq(grants.tenantId, tenantId), eq(grants.userId, userId), or(requiresMembership, isNotNull(grants.identityLinkId))))
}

/** Returns the grants at a hosted server whose user or client the settings no longer admit. */
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
