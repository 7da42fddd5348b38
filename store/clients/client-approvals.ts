import { and, asc, count, eq, exists, isNull, ne, or, sql } from 'drizzle-orm'
import { auditStatement } from '../audit.ts'
import { tenantIssuer, USED_LIFE_SECONDS, type Client } from './clients.ts'
import { guard, isThere, tryCommit } from '../guard.ts'
import type { Store } from '../index.ts'
import { clientApprovals, clients } from '../schema/clients.ts'
import { ofServer, type ServerKey } from '../server-key.ts'

export type ClientApproval = typeof clientApprovals.$inferSelect

/** More than anybody would look through; what asks beyond it is not listed until some are decided. */
const MAX_WAITING = 100
/** Of these, clients that ask for themselves: anybody's program may, and people's apps must not be crowded out. */
const MAX_WAITING_MACHINES = 50
export const MAX_DECIDED = 1000
/** A question nobody answered for so long is asked again or was none. */
export const WAITING_SECONDS = 30 * 24 * 3600

/**
 * Puts a client on the waiting list, once; one already decided keeps its decision. A client that registered is kept for as long as it waits, since the answer
 * is to its id. Answers how it stands; undefined where the list is full.
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
        .where(and(sql`${waiting} < ${MAX_WAITING}`, askedBy === null ? sql`${machines} < ${MAX_WAITING_MACHINES}` : undefined)),
    )
    .onConflictDoNothing()
  const stands = store
    .select({ state: clientApprovals.state })
    .from(clientApprovals)
    .where(and(ofServer(clientApprovals, server), eq(clientApprovals.clientId, client.clientId)))
  const kept = keepAsked(store, server, client.clientId, 'waiting', seconds + WAITING_SECONDS)
  const [, , [row]] = await store.batch([asked, kept, stands])
  return row?.state
}

/** What registered and is on the list is not forgotten for being unused: not while it waits, and not before it had the time to come back. */
function keepAsked(store: Store, server: ServerKey, clientId: string, state: 'waiting' | 'approved', until: number) {
  const listed = store
    .select({ one: sql`1` })
    .from(clientApprovals)
    .where(and(eq(clientApprovals.serverId, server.serverId), eq(clientApprovals.clientId, clientId), eq(clientApprovals.state, state)))
  return store
    .update(clients)
    .set({ expiresAt: sql`max(${clients.expiresAt}, ${until})` })
    .where(and(eq(clients.clientId, clientId), registeredFor(server), exists(listed)))
}

/** At this hosted server, or at the root, where a client belongs to no tenant. */
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
 * A member's decision, also about a client that has not asked yet, with its audit event. Tokens of a refused client stop within the bearer gate's 10 s. False
 * where as many are decided as may be.
 */
export async function decideClient(
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
    keepAsked(store, server, clientId, 'approved', Math.floor(now.getTime() / 1000) + USED_LIFE_SECONDS),
    auditStatement(store, {
      ...server,
      actor: decidedBy,
      action: state === 'approved' ? 'client.approved' : 'client.refused',
      detail: { clientId },
    }),
  ])
}

/** What a client of ours that has not asked yet calls itself. */
function knownName(server: ServerKey, clientId: string) {
  const known = and(eq(clients.clientId, clientId), or(registeredFor(server), eq(clients.issuer, tenantIssuer(server.tenantId))))
  return sql<string>`coalesce((SELECT ${clients.name} FROM ${clients} WHERE ${known}), '')`
}

/** As if nothing had been decided, or asked. False where the client is not on the list. */
export async function forgetDecision(store: Store, server: ServerKey, clientId: string, actor: string): Promise<boolean> {
  const at = and(ofServer(clientApprovals, server), eq(clientApprovals.clientId, clientId))
  return tryCommit(store, [
    isThere(store, clientApprovals, at),
    store.delete(clientApprovals).where(at),
    auditStatement(store, { ...server, actor, action: 'client.decision-forgotten', detail: { clientId } }),
  ])
}
