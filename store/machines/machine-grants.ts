import { and, asc, eq, not, sql } from 'drizzle-orm'
import { MACHINE_SCOPES, narrow, type Scope } from '../../protocol/oauth/scope.ts'
import { newId } from '../../protocol/random.ts'
import { clientIsAdmitted, isMadeByHand, KEY_HOLDERS_ARE_TRUSTED } from '../admission.ts'
import { auditStatement } from '../audit.ts'
import { tenantIssuer } from '../clients/clients.ts'
import type { EndedGrant } from '../ended-grants.ts'
import { commit, isThere, unlessConflict } from '../guard.ts'
import type { Store } from '../index.ts'
import { clients } from '../schema/clients.ts'
import { accessKeys, machineGrants } from '../schema/machines.ts'
import { hostedServers } from '../schema/servers.ts'
import { ofServer, type ServerKey } from '../server-key.ts'
import type { HostedServer } from '../servers/servers.ts'

/** Key of a client in the table `clients`. */
export interface ClientKey {
  issuer: string
  clientId: string
}

/** Rights of a client acting for itself at one hosted server. */
export interface MachineGrant {
  id: string
  clientIssuer: string
  clientId: string
  scopes: Scope[]
  tools: string[] | null
}

export const machineGrantAt = (server: ServerKey, { issuer, clientId }: ClientKey) =>
  and(ofServer(machineGrants, server), eq(machineGrants.clientIssuer, issuer), eq(machineGrants.clientId, clientId))

/**
 * Returns the current scopes of a machine grant. A self-registered client gets at most the
 * `machineScopes` of the hosted server.
 */
export function scopesNow(
  { clientIssuer, scopes }: Pick<MachineGrant, 'clientIssuer' | 'scopes'>,
  { tenantId, machineScopes }: Pick<HostedServer, 'tenantId' | 'machineScopes'>,
): Scope[] {
  return clientIssuer === tenantIssuer(tenantId) ? scopes : narrow(machineScopes, scopes)
}

export async function findMachineGrant(store: Store, server: ServerKey, client: ClientKey): Promise<MachineGrant | undefined> {
  const { id, clientIssuer, clientId, scopes, tools } = machineGrants
  const [row] = await store.select({ id, clientIssuer, clientId, scopes, tools }).from(machineGrants).where(machineGrantAt(server, client))
  return row
}

/** Lists the grants with client names, oldest first. */
export async function findMachineGrants(store: Store, server: ServerKey) {
  return store
    .select({ grant: machineGrants, clientName: clients.name })
    .from(machineGrants)
    .innerJoin(clients, and(eq(clients.issuer, machineGrants.clientIssuer), eq(clients.clientId, machineGrants.clientId)))
    .where(ofServer(machineGrants, server))
    .orderBy(asc(machineGrants.createdAt), asc(machineGrants.id))
}

/** Lists the client's grants at all servers of the tenant, ordered by slug. */
export async function findMachineGrantsOf(store: Store, tenantId: string, { issuer, clientId }: ClientKey) {
  const { scopes, tools, createdBy, createdAt, lastUsedAt } = machineGrants
  return store
    .select({ server: hostedServers.slug, scopes, tools, createdBy, createdAt, lastUsedAt })
    .from(machineGrants)
    .innerJoin(hostedServers, and(eq(hostedServers.id, machineGrants.serverId), eq(hostedServers.tenantId, tenantId)))
    .where(and(eq(machineGrants.tenantId, tenantId), eq(machineGrants.clientIssuer, issuer), eq(machineGrants.clientId, clientId)))
    .orderBy(asc(hostedServers.slug))
}

/**
 * Returns the client if it can have a machine grant at the hosted server: made by hand in the
 * tenant, or registered at the server. Grant types are not checked.
 */
export async function findGrantableClient(store: Store, { tenantId, serverId }: ServerKey, clientId: string) {
  const { issuer, name, grantTypes } = clients
  const [row] = await store
    .select({ issuer, clientId: clients.clientId, name, grantTypes })
    .from(clients)
    .where(
      and(
        eq(clients.tenantId, tenantId),
        eq(clients.clientId, clientId),
        sql`(${clients.issuer} = ${tenantIssuer(tenantId)} OR ${clients.serverId} = ${serverId})`,
      ),
    )
  return row
}

/**
 * Creates or replaces the grant. Issued tokens follow within 10 s, the cache time of the bearer
 * gate. Throws Conflict if the client no longer exists.
 */
export async function setMachineGrant(
  store: Store,
  server: ServerKey,
  { issuer, clientId }: ClientKey,
  { scopes, tools, actor }: { scopes: Scope[]; tools: string[] | null; actor: string },
): Promise<void> {
  await commit(store, [
    store
      .insert(machineGrants)
      .values({ ...server, id: newId(), clientIssuer: issuer, clientId, scopes, tools, createdBy: actor, createdAt: new Date() })
      .onConflictDoUpdate({ target: [machineGrants.clientIssuer, machineGrants.clientId, machineGrants.serverId], set: { scopes, tools } }),
    auditStatement(store, { ...server, actor, action: 'machine-grant.set', detail: { clientId, scopes, tools } }),
  ])
}

/**
 * Deletes the grant; a foreign key deletes its tokens in the same statement. Returns undefined if
 * there is no grant.
 */
export async function removeMachineGrant(
  store: Store,
  server: ServerKey,
  client: ClientKey,
  actor: string,
): Promise<EndedGrant | undefined> {
  const at = machineGrantAt(server, client)
  const batch = store.batch([
    isThere(store, machineGrants, at),
    store.delete(machineGrants).where(at).returning({ id: machineGrants.id, serverId: machineGrants.serverId }),
    auditStatement(store, { ...server, actor, action: 'machine-grant.ended', detail: { clientId: client.clientId } }),
  ])
  const [, ended] = (await unlessConflict(batch)) ?? []
  return ended?.[0]
}

/**
 * Lists machine grants and access keys excluded by the current settings of the hosted server:
 * machine grants without any remaining scope, and grants and keys of clients not admitted by
 * `clients`.
 */
export async function findExcludedMachines(store: Store, server: ServerKey): Promise<EndedGrant[]> {
  const { id, clientIssuer, scopes } = machineGrants
  const { machineScopes } = hostedServers
  const isAdmitted = sql<number>`${clientIsAdmitted(machineGrants.clientId, isMadeByHand(server.tenantId, clientIssuer))}`
  const [machines, keys] = await store.batch([
    store
      .select({ id, serverId: machineGrants.serverId, clientIssuer, scopes, machineScopes, isAdmitted: isAdmitted.as('is_admitted') })
      .from(machineGrants)
      .innerJoin(hostedServers, eq(hostedServers.id, machineGrants.serverId))
      .where(ofServer(machineGrants, server)),
    store
      .select({ id: accessKeys.id, serverId: accessKeys.serverId })
      .from(accessKeys)
      .innerJoin(hostedServers, eq(hostedServers.id, accessKeys.serverId))
      .where(and(ofServer(accessKeys, server), not(clientIsAdmitted(accessKeys.clientId, KEY_HOLDERS_ARE_TRUSTED)))),
  ])
  const isUsable = ({ machineScopes, ...grant }: (typeof machines)[number]) =>
    grant.isAdmitted === 1 && scopesNow(grant, { tenantId: server.tenantId, machineScopes }).length > 0
  return [...machines.filter((grant) => !isUsable(grant)).map((grant) => ({ id: grant.id, serverId: grant.serverId })), ...keys]
}

/**
 * Statement for the batch of a first token: grants MACHINE_SCOPES to a self-registered client,
 * limited by `machineScopes` at use. An existing grant is kept.
 */
export function firstMachineGrant(store: Store, server: ServerKey, { issuer, clientId }: ClientKey, now: Date) {
  return store
    .insert(machineGrants)
    .values({ ...server, id: newId(), clientIssuer: issuer, clientId, scopes: [...MACHINE_SCOPES], createdAt: now })
    .onConflictDoNothing()
}
