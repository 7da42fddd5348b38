import type { BatchItem } from 'drizzle-orm/batch'
import { and, eq, gt, inArray, isNotNull, isNull, ne, notExists, sql } from 'drizzle-orm'
import { narrow, type Scope } from '../../protocol/oauth/scope.ts'
import type { GrantedPrincipal } from '../../protocol/principal.ts'
import { clientIsAdmitted, isMadeByHand } from '../admission.ts'
import { auditEach } from '../audit.ts'
import { placeInNetwork, tenantIssuer, USED_LIFE_SECONDS } from '../clients/clients.ts'
import { endedGrants, type EndedGrant } from '../ended-grants.ts'
import { commit, isThere } from '../guard.ts'
import type { Store } from '../index.ts'
import { firstMachineGrant, machineGrantAt, scopesNow, type ClientKey } from './machine-grants.ts'
import { NO_LIMIT } from '../paging.ts'
import { clients } from '../schema/clients.ts'
import { grants } from '../schema/grants.ts'
import { machineGrants, machineTokens } from '../schema/machines.ts'
import { hostedServers } from '../schema/servers.ts'
import { tenants } from '../schema/tenants.ts'
import { ofServer, type ServerKey } from '../server-key.ts'
import type { Audience, TokenRealm } from '../grants/tokens.ts'

/**
 * Pattern of access tokens of clients acting for themselves. The prefix `wharf_machine_` limits the
 * lookup to one table.
 */
export const MACHINE_TOKEN = /^wharf_machine_[\w-]{43}$/

/** Maximum number of tokens per grant. A client may run in many places, with a token in each. */
const MAX_TOKENS = 100
/**
 * Maximum number of self-registered clients with a machine grant per hosted server. Beyond the
 * limit, the client unused for longest of the network with most of them has to register again.
 */
const MAX_REGISTERED = 500
/** Minimum seconds between two writes of `lastUsedAt`. */
export const TOUCHED_SECONDS = 60

interface Issuance extends TokenRealm, ServerKey {
  resource: string
  client: ClientKey
}

export interface NewMachineToken {
  hash: string
  scopes: Scope[]
  expiresAt: Date
  /**
   * True for the first token of a self-registered client; the batch then also creates the grant.
   */
  isFirst: boolean
}

/**
 * Writes the token, and marks the grant and the client as used, in one batch. Throws Conflict if
 * the grant no longer exists. Returns the grants ended to make room.
 */
export async function issueMachineToken(
  store: Store,
  { issuer, tenantId, serverId, resource, client }: Issuance,
  { hash, scopes, expiresAt, isFirst }: NewMachineToken,
  now: Date,
): Promise<EndedGrant[]> {
  const server = { tenantId, serverId }
  const grantAt = machineGrantAt(server, client)
  const grantId = sql<string>`(SELECT ${machineGrants.id} FROM ${machineGrants} WHERE ${grantAt})`
  const surplus = store
    .select({ hash: machineTokens.hash })
    .from(machineTokens)
    .where(eq(machineTokens.grantId, grantId))
    .orderBy(sql`${machineTokens.createdAt} DESC, rowid DESC`)
    .limit(NO_LIMIT)
    .offset(MAX_TOKENS)
  const keptUntil = Math.floor(now.getTime() / 1000) + USED_LIFE_SECONDS
  const room = isFirst ? makeRoom(store, server, client) : undefined
  const statements: BatchItem<'sqlite'>[] = [
    ...(isFirst ? [firstMachineGrant(store, server, client, now)] : []),
    isThere(store, machineGrants, grantAt),
    store
      .insert(machineTokens)
      .values({ issuer, hash, tenantId, serverId, grantId, scopes, audience: resource, createdAt: now, expiresAt }),
    store
      .delete(machineTokens)
      .where(and(eq(machineTokens.tenantId, tenantId), eq(machineTokens.grantId, grantId), inArray(machineTokens.hash, surplus))),
    store.update(machineGrants).set({ lastUsedAt: now }).where(grantAt),
    store
      .update(clients)
      .set({ lastUsedAt: now, expiresAt: sql`IIF(${clients.expiresAt} IS NULL, NULL, ${keptUntil})` })
      .where(and(eq(clients.tenantId, tenantId), eq(clients.issuer, client.issuer), eq(clients.clientId, client.clientId))),
    ...(room ? [room.ending, ...room.statements] : []),
  ]
  const results = await commit(store, statements)
  return room ? endedGrants.parse(results[statements.indexOf(room.ending)]) : []
}

/**
 * Ends the grants of self-registered clients beyond MAX_REGISTERED, and deletes the clients without
 * grants of users. The end of a grant made by a member is audited.
 */
function makeRoom(store: Store, server: ServerKey, { clientId }: ClientKey) {
  const lastUse = sql`coalesce(${machineGrants.lastUsedAt}, ${machineGrants.createdAt})`
  const registered = store
    .select({ id: machineGrants.id, lastUse: lastUse.as('last_use'), place: placeInNetwork(lastUse) })
    .from(machineGrants)
    .leftJoin(clients, and(eq(clients.issuer, machineGrants.clientIssuer), eq(clients.clientId, machineGrants.clientId)))
    .where(and(ofServer(machineGrants, server), ne(machineGrants.clientIssuer, tenantIssuer(server.tenantId))))
    .as('registered')
  const surplus = store
    .select({ id: registered.id })
    .from(registered)
    .orderBy(sql`${registered.place}`, sql`${registered.lastUse} DESC`)
    .limit(NO_LIMIT)
    .offset(MAX_REGISTERED)
  const isSurplus = inArray(machineGrants.id, surplus)
  const byPeople = store
    .select({ id: grants.id })
    .from(grants)
    .where(and(eq(grants.issuer, clients.issuer), eq(grants.clientId, clients.clientId)))
  return {
    ending: store.select({ id: machineGrants.id, serverId: machineGrants.serverId }).from(machineGrants).where(isSurplus),
    statements: [
      auditEach(
        store,
        {
          ...server,
          actor: `client:${clientId}`,
          action: 'machine-grant.ended',
          detail: sql`json_object('clientId', ${machineGrants.clientId}, 'because', 'too many')`,
        },
        { table: machineGrants, where: and(isSurplus, isNotNull(machineGrants.createdBy)) },
      ),
      store
        .delete(clients)
        .where(
          and(
            ofServer(clients, server),
            inArray(clients.clientId, store.select({ clientId: machineGrants.clientId }).from(machineGrants).where(isSurplus)),
            notExists(byPeople),
          ),
        ),
      store.delete(machineGrants).where(isSurplus),
    ],
  }
}

/**
 * Returns the principal of a valid machine token, in one statement. A token is valid for the
 * resource if the token has not expired, its grant still has a scope, the tenant is not suspended
 * and `clients` admits the client.
 */
export async function findMachinePrincipal(
  store: Store,
  { issuers, tenantId, serverId, resource }: Omit<Audience, 'dashboardClientId'>,
  hash: string,
  now: Date,
): Promise<{ principal: GrantedPrincipal; lastUsedAt: Date | null } | undefined> {
  const [row] = await store
    .select({ token: machineTokens, grant: machineGrants, machineScopes: hostedServers.machineScopes })
    .from(machineTokens)
    .innerJoin(machineGrants, and(eq(machineGrants.id, machineTokens.grantId), eq(machineGrants.tenantId, machineTokens.tenantId)))
    .innerJoin(hostedServers, and(eq(hostedServers.id, machineTokens.serverId), eq(hostedServers.tenantId, machineTokens.tenantId)))
    .innerJoin(tenants, and(eq(tenants.id, machineTokens.tenantId), isNull(tenants.suspendedAt)))
    .where(
      and(
        inArray(machineTokens.issuer, issuers),
        eq(machineTokens.hash, hash),
        ofServer(machineTokens, { tenantId, serverId }),
        eq(machineTokens.audience, resource),
        gt(machineTokens.expiresAt, now),
        clientIsAdmitted(machineGrants.clientId, isMadeByHand(tenantId, machineGrants.clientIssuer)),
      ),
    )
  if (!row) return undefined
  const { token, grant, machineScopes } = row
  const scopes = narrow(scopesNow(grant, { tenantId, machineScopes }), token.scopes)
  if (scopes.length === 0) return undefined
  const principal: GrantedPrincipal = {
    kind: 'granted',
    grantId: grant.id,
    clientId: grant.clientId,
    userId: undefined,
    scopes,
    tools: grant.tools ?? undefined,
    expiresAt: token.expiresAt.getTime(),
  }
  return { principal, lastUsedAt: grant.lastUsedAt }
}

/** RFC 7009 §2.1: ends a token of the client. Returns false if the client has no such token. */
export async function deleteMachineToken(
  store: Store,
  { issuer, tenantId }: TokenRealm,
  hash: string,
  client: ClientKey,
): Promise<boolean> {
  const own = store
    .select({ id: machineGrants.id })
    .from(machineGrants)
    .where(
      and(eq(machineGrants.tenantId, tenantId), eq(machineGrants.clientIssuer, client.issuer), eq(machineGrants.clientId, client.clientId)),
    )
  const gone = await store
    .delete(machineTokens)
    .where(
      and(
        eq(machineTokens.issuer, issuer),
        eq(machineTokens.hash, hash),
        eq(machineTokens.tenantId, tenantId),
        inArray(machineTokens.grantId, own),
      ),
    )
    .returning({ hash: machineTokens.hash })
  return gone.length === 1
}

/** Writes at most once a minute across all isolates. */
export async function touchMachineGrant(store: Store, tenantId: string, id: string, now: Date): Promise<void> {
  const before = Math.floor(now.getTime() / 1000) - TOUCHED_SECONDS
  await store
    .update(machineGrants)
    .set({ lastUsedAt: now })
    .where(and(eq(machineGrants.tenantId, tenantId), eq(machineGrants.id, id), sql`coalesce(${machineGrants.lastUsedAt}, 0) <= ${before}`))
}
