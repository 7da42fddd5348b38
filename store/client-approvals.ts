import { and, asc, count, eq, sql } from 'drizzle-orm'
import type { Store } from './index.ts'
import { clientApprovals } from './schema.ts'

/** Names a hosted server's rows. */
interface Owner {
  tenantId: string
  serverId: string
}

export type ClientApproval = typeof clientApprovals.$inferSelect

/** More than anybody would look through; what asks beyond it is not listed until some are decided. */
const MAX_WAITING = 100

/** Puts a client on the waiting list, once; one already decided keeps its decision. */
export async function askForApproval(
  store: Store,
  { tenantId, serverId }: Owner,
  client: { clientId: string; name: string },
): Promise<void> {
  const waiting = sql`(SELECT ${count()} FROM ${clientApprovals} WHERE ${clientApprovals.serverId} = ${serverId} AND ${clientApprovals.state} = 'waiting')`
  await store
    .insert(clientApprovals)
    .select(
      store
        .select({
          tenantId: sql`${tenantId}`.as('tenant_id'),
          serverId: sql`${serverId}`.as('server_id'),
          clientId: sql`${client.clientId}`.as('client_id'),
          state: sql`'waiting'`.as('state'),
          name: sql`${client.name}`.as('name'),
          decidedBy: sql`NULL`.as('decided_by'),
          decidedAt: sql`NULL`.as('decided_at'),
          createdAt: sql`unixepoch()`.as('created_at'),
        })
        .from(sql`(SELECT 1)`)
        .where(sql`${waiting} < ${MAX_WAITING}`),
    )
    .onConflictDoNothing()
}

export async function findClientApprovals(store: Store, { tenantId, serverId }: Owner): Promise<ClientApproval[]> {
  return store
    .select()
    .from(clientApprovals)
    .where(and(eq(clientApprovals.tenantId, tenantId), eq(clientApprovals.serverId, serverId)))
    .orderBy(asc(clientApprovals.createdAt), asc(clientApprovals.clientId))
}

/** A member's decision, also about a client that has not asked yet. Tokens of a refused client stop within the bearer gate's 10 s. */
export async function decideClient(
  store: Store,
  { tenantId, serverId }: Owner,
  decision: { clientId: string; state: 'approved' | 'refused'; decidedBy: string },
  now: Date,
): Promise<void> {
  const decided = { state: decision.state, decidedBy: decision.decidedBy, decidedAt: now }
  await store
    .insert(clientApprovals)
    .values({ tenantId, serverId, clientId: decision.clientId, ...decided })
    .onConflictDoUpdate({ target: [clientApprovals.serverId, clientApprovals.clientId], set: decided })
}
