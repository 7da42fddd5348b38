import { and, asc, count, eq, exists, isNull, ne, or, sql, type SQL } from 'drizzle-orm'
import { alias } from 'drizzle-orm/sqlite-core'
import { auditStatement } from '../audit.ts'
import { tenantIssuer, USED_LIFE_SECONDS, type Client } from './clients.ts'
import { guard, isThere, tryCommit } from '../guard.ts'
import type { Store } from '../index.ts'
import { clientApprovals, clients } from '../schema/clients.ts'
import { ofServer, type ServerKey } from '../server-key.ts'

export type ClientApproval = typeof clientApprovals.$inferSelect

/**
 * Maximum number of waiting clients per hosted server. Further requests are not listed until
 * members decide some.
 */
const MAX_WAITING = 100
/**
 * Part of MAX_WAITING open to clients asking for themselves. Any program can ask, and must not
 * crowd out clients requested by users.
 */
const MAX_WAITING_MACHINES = 50
/** Parts of a single user, and of the clients for themselves registered from a single network. */
const MAX_WAITING_OF_USER = 20
const MAX_WAITING_OF_NETWORK = 10
export const MAX_DECIDED = 1000
/** Lifetime of an undecided request. Afterwards the client has to ask again. */
export const WAITING_SECONDS = 30 * 24 * 3600

/**
 * Puts a client on the waiting list, unless it is already listed. A registered client is kept while
 * waiting, because the decision refers to its id. Returns the current state; undefined if the list
 * is full.
 */
export async function askForApproval(
  store: Store,
  server: ServerKey,
  { client, askedBy }: { client: Pick<Client, 'issuer' | 'clientId' | 'name'>; askedBy: string | null },
  now: Date,
): Promise<ClientApproval['state'] | undefined> {
  const isWaiting = and(ofServer(clientApprovals, server), eq(clientApprovals.state, 'waiting'))
  const waiting = sql`(SELECT ${count()} FROM ${clientApprovals} WHERE ${isWaiting})`
  const machines = sql`(SELECT ${count()} FROM ${clientApprovals} WHERE ${and(isWaiting, isNull(clientApprovals.askedBy))})`
  const hasPlace =
    askedBy === null
      ? sql`${machines} < ${MAX_WAITING_MACHINES} AND ${ofSameNetwork(store, isWaiting, client)} < ${MAX_WAITING_OF_NETWORK}`
      : sql`(SELECT ${count()} FROM ${clientApprovals} WHERE ${and(isWaiting, eq(clientApprovals.askedBy, askedBy))}) < ${MAX_WAITING_OF_USER}`
  const seconds = Math.floor(now.getTime() / 1000)
  const asked = store
    .insert(clientApprovals)
    .select(
      store
        .select({
          tenantId: sql`${server.tenantId}`.as('tenant_id'),
          serverId: sql`${server.serverId}`.as('server_id'),
          clientId: sql`${client.clientId}`.as('client_id'),
          state: sql`'waiting'`.as('state'),
          name: sql`${client.name ?? ''}`.as('name'),
          askedBy: sql`${askedBy}`.as('asked_by'),
          decidedBy: sql`NULL`.as('decided_by'),
          decidedAt: sql`NULL`.as('decided_at'),
          createdAt: sql`${seconds}`.as('created_at'),
        })
        .from(sql`(SELECT 1)`)
        .where(and(sql`${waiting} < ${MAX_WAITING}`, hasPlace)),
    )
    .onConflictDoNothing()
  const stands = store
    .select({ state: clientApprovals.state })
    .from(clientApprovals)
    .where(and(ofServer(clientApprovals, server), eq(clientApprovals.clientId, client.clientId)))
  const kept = keepAsked(store, server, { clientId: client.clientId, state: 'waiting' }, seconds + WAITING_SECONDS)
  const [, , [row]] = await store.batch([asked, kept, stands])
  return row?.state
}

/** Number of waiting clients that ask for themselves, from the network of `client`. */
function ofSameNetwork(store: Store, isWaiting: SQL | undefined, { issuer, clientId }: Pick<Client, 'issuer' | 'clientId'>) {
  const own = alias(clients, 'own')
  const isOwn = and(eq(own.issuer, issuer ?? ''), eq(own.clientId, clientId))
  const network = store.select({ network: own.registeredFrom }).from(own).where(isOwn)
  const waiting = store
    .select({ n: count() })
    .from(clientApprovals)
    .innerJoin(clients, eq(clients.clientId, clientApprovals.clientId))
    .where(and(isWaiting, isNull(clientApprovals.askedBy), eq(clients.registeredFrom, network)))
  return sql`${waiting}`
}

/**
 * Extends the expiry of a registered client on the list. A waiting client is kept until the
 * decision, and an approved client for long enough to return.
 */
function keepAsked(
  store: Store,
  server: ServerKey,
  { clientId, state }: { clientId: string; state: 'waiting' | 'approved' },
  until: number,
) {
  const listed = store
    .select({ one: sql`1` })
    .from(clientApprovals)
    .where(and(eq(clientApprovals.serverId, server.serverId), eq(clientApprovals.clientId, clientId), eq(clientApprovals.state, state)))
  return store
    .update(clients)
    .set({ expiresAt: sql`max(${clients.expiresAt}, ${until})` })
    .where(and(eq(clients.clientId, clientId), registeredFor(server), exists(listed)))
}

/**
 * Matches clients registered at the hosted server, or at the root issuer, where clients have no
 * tenant.
 */
function registeredFor(server: ServerKey) {
  return or(ofServer(clients, server), isNull(clients.tenantId))
}

/** Oldest first. */
export async function findClientApprovals(store: Store, server: ServerKey): Promise<ClientApproval[]> {
  return store
    .select()
    .from(clientApprovals)
    .where(ofServer(clientApprovals, server))
    .orderBy(asc(clientApprovals.createdAt), asc(clientApprovals.clientId))
}

/**
 * Records a member's decision and its audit event, also for a client that has not asked yet. Tokens
 * of a refused client stop within 10 s, the cache time of the bearer gate. Returns false if the
 * limit of MAX_DECIDED is reached.
 */
export async function recordDecision(
  store: Store,
  server: ServerKey,
  { clientId, state, decidedBy }: { clientId: string; state: 'approved' | 'refused'; decidedBy: string },
  now: Date,
): Promise<boolean> {
  const decided = { state, decidedBy, decidedAt: now }
  const others = sql`(SELECT ${count()} FROM ${clientApprovals} WHERE ${and(
    eq(clientApprovals.serverId, server.serverId),
    ne(clientApprovals.state, 'waiting'),
    ne(clientApprovals.clientId, clientId),
  )})`
  return tryCommit(store, [
    guard(store, sql`${others} < ${MAX_DECIDED}`),
    store
      .insert(clientApprovals)
      .values({ ...server, clientId, name: knownName(server, clientId), createdAt: now, ...decided })
      .onConflictDoUpdate({ target: [clientApprovals.serverId, clientApprovals.clientId], set: decided }),
    keepAsked(store, server, { clientId, state: 'approved' }, Math.floor(now.getTime() / 1000) + USED_LIFE_SECONDS),
    auditStatement(store, {
      ...server,
      actor: decidedBy,
      action: state === 'approved' ? 'client.approved' : 'client.refused',
      detail: { clientId },
    }),
  ])
}

/** Name from `clients`, for a client decided without a request. */
function knownName(server: ServerKey, clientId: string) {
  const known = and(eq(clients.clientId, clientId), or(registeredFor(server), eq(clients.issuer, tenantIssuer(server.tenantId))))
  return sql<string>`coalesce((SELECT ${clients.name} FROM ${clients} WHERE ${known}), '')`
}

/**
 * Removes the client from the list, whether waiting or decided. Returns false if the client is not
 * on the list.
 */
export async function forgetDecision(store: Store, server: ServerKey, clientId: string, actor: string): Promise<boolean> {
  const at = and(ofServer(clientApprovals, server), eq(clientApprovals.clientId, clientId))
  return tryCommit(store, [
    isThere(store, clientApprovals, at),
    store.delete(clientApprovals).where(at),
    auditStatement(store, { ...server, actor, action: 'client.decision-forgotten', detail: { clientId } }),
  ])
}
