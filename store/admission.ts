import { and, eq, not, sql, type SQL } from 'drizzle-orm'
import type { SQLiteColumn } from 'drizzle-orm/sqlite-core'
import { tenantIssuer, type Client } from './clients/clients.ts'
import type { Store } from './index.ts'
import { clientApprovals, clients } from './schema/clients.ts'
import { hostedServers } from './schema/servers.ts'
import { members } from './schema/tenants.ts'
import type { ServerKey } from './server-key.ts'

/*
 * Admission of users and clients to a hosted server, by its settings `access` and `clients`. The
 * conditions are SQL for queries that read `hosted_servers`. A condition is true or false and never
 * NULL, so `not(…)` matches every row that the condition does not match.
 *
 * A trusted client needs no approval, but can be refused. The dashboard is trusted, because it does
 * only what its user does. Clients made by hand are trusted, because a member of the tenant made
 * them.
 */

/** True for a hosted server that admits only members of its tenant. */
export const requiresMembership: SQL = eq(hostedServers.access, 'members')

/** True if `access` admits the user. */
export function userIsAdmitted(userId: SQLiteColumn | string): SQL {
  const membership = and(eq(members.tenantId, hostedServers.tenantId), eq(members.userId, userId))
  return sql`(${not(requiresMembership)} OR EXISTS (SELECT 1 FROM ${members} WHERE ${membership}))`
}

/**
 * True if `clients` admits the client: every client, or approved clients and undecided trusted
 * clients.
 */
export function clientIsAdmitted(clientId: SQLiteColumn | string, isTrusted: SQL | boolean): SQL {
  const decision = and(eq(clientApprovals.serverId, hostedServers.id), eq(clientApprovals.clientId, clientId))
  const isApproved = sql`(SELECT ${eq(clientApprovals.state, 'approved')} FROM ${clientApprovals} WHERE ${decision})`
  const undecided = typeof isTrusted === 'boolean' ? sql.raw(isTrusted ? '1' : '0') : isTrusted
  return sql`(${eq(hostedServers.clients, 'any')} OR coalesce(${isApproved}, ${undecided}))`
}

/** True for a client known by its id alone if it is the dashboard or made by hand in the tenant. */
export function isTrustedClient(tenantId: string, clientId: SQLiteColumn, dashboardClientId: string): SQL {
  const madeByHand = and(eq(clients.issuer, tenantIssuer(tenantId)), eq(clients.clientId, clientId))
  return sql`(${eq(clientId, dashboardClientId)} OR EXISTS (SELECT 1 FROM ${clients} WHERE ${madeByHand}))`
}

/** True for a client known by its issuer if it is made by hand in the tenant. */
export function isMadeByHand(tenantId: string, clientIssuer: SQLiteColumn): SQL {
  return eq(clientIssuer, tenantIssuer(tenantId))
}

/**
 * An access key belongs to a client made by hand, or to a member. `clients` does not apply to
 * members.
 */
export const KEY_HOLDERS_ARE_TRUSTED = true

export async function mayUserConnect(store: Store, server: ServerKey, userId: string): Promise<boolean> {
  return isServerWith(store, server, userIsAdmitted(userId))
}

export async function mayClientConnect(
  store: Store,
  server: ServerKey,
  { issuer, clientId, isDashboard }: Pick<Client, 'issuer' | 'clientId' | 'isDashboard'>,
): Promise<boolean> {
  const isTrusted = isDashboard === true || issuer === tenantIssuer(server.tenantId)
  return isServerWith(store, server, clientIsAdmitted(clientId, isTrusted))
}

async function isServerWith(store: Store, { tenantId, serverId }: ServerKey, condition: SQL): Promise<boolean> {
  const at = and(eq(hostedServers.tenantId, tenantId), eq(hostedServers.id, serverId))
  return (await store.$count(hostedServers, and(at, condition))) > 0
}
