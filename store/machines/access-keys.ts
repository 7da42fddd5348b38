import { and, count, desc, eq, gt, isNotNull, isNull, or, sql } from 'drizzle-orm'
import type { GrantedPrincipal } from '../../protocol/principal.ts'
import { clientIsAdmitted, KEY_HOLDERS_ARE_TRUSTED } from '../admission.ts'
import { auditStatement } from '../audit.ts'
import { tenantIssuer } from '../clients/clients.ts'
import type { EndedGrant } from '../ended-grants.ts'
import { commit, Conflict, guard, isThere, tryCommit } from '../guard.ts'
import type { Store } from '../index.ts'
import { TOUCHED_SECONDS } from './machine-tokens.ts'
import { clients } from '../schema/clients.ts'
import { accessKeys } from '../schema/machines.ts'
import { hostedServers } from '../schema/servers.ts'
import { members, tenants } from '../schema/tenants.ts'
import { ofServer, type ServerKey } from '../server-key.ts'

/**
 * Pattern of access keys. The prefix `wharf_key_` identifies a key to the platform and to scanners
 * for leaked secrets.
 */
export const ACCESS_KEY = /^wharf_key_[\w-]{43}$/

export const MAX_ACCESS_KEYS = 100 // per hosted server

/** An access key as shown to members. */
export type AccessKey = Omit<typeof accessKeys.$inferSelect, 'keyHash' | 'clientIssuer' | 'tenantId' | 'serverId'>

const summary = {
  id: accessKeys.id,
  lastFour: accessKeys.lastFour,
  name: accessKeys.name,
  userId: accessKeys.userId,
  clientId: accessKeys.clientId,
  scopes: accessKeys.scopes,
  tools: accessKeys.tools,
  createdBy: accessKeys.createdBy,
  createdAt: accessKeys.createdAt,
  lastUsedAt: accessKeys.lastUsedAt,
  expiresAt: accessKeys.expiresAt,
}

/** Newest first. */
export async function findAccessKeys(store: Store, server: ServerKey, now: Date): Promise<AccessKey[]> {
  return store
    .select(summary)
    .from(accessKeys)
    .where(and(ofServer(accessKeys, server), gt(accessKeys.expiresAt, now)))
    .orderBy(desc(accessKeys.createdAt), desc(accessKeys.id))
}

export async function findAccessKey(store: Store, server: ServerKey, id: string, now: Date): Promise<AccessKey | undefined> {
  const [row] = await store
    .select(summary)
    .from(accessKeys)
    .where(and(ofServer(accessKeys, server), eq(accessKeys.id, id), gt(accessKeys.expiresAt, now)))
  return row
}

/**
 * Returns false if the hosted server has MAX_ACCESS_KEYS keys. Throws Conflict if the member or
 * client of the key no longer exists.
 */
export async function addAccessKey(store: Store, key: typeof accessKeys.$inferInsert & { createdBy: string }, now: Date): Promise<boolean> {
  const { id, tenantId, serverId, name, userId, clientId, scopes, tools, expiresAt, createdBy } = key
  const live = store
    .select({ n: count() })
    .from(accessKeys)
    .where(and(ofServer(accessKeys, key), gt(accessKeys.expiresAt, now)))
  try {
    await commit(store, [
      guard(store, sql`${live} < ${MAX_ACCESS_KEYS}`),
      store.insert(accessKeys).values(key),
      auditStatement(store, {
        tenantId,
        serverId,
        actor: createdBy,
        action: 'access-key.created',
        detail: {
          keyId: id,
          name,
          ...(userId ? { userId } : { clientId }),
          scopes,
          tools: tools ?? null,
          expiresAt: expiresAt.toISOString(),
        },
      }),
    ])
    return true
  } catch (error) {
    if (error instanceof Conflict && ((await live)[0]?.n ?? 0) >= MAX_ACCESS_KEYS) return false
    throw error
  }
}

/** Returns false if the hosted server has no such key. */
export async function removeAccessKey(store: Store, server: ServerKey, id: string, actor: string): Promise<boolean> {
  const at = and(ofServer(accessKeys, server), eq(accessKeys.id, id))
  return tryCommit(store, [
    isThere(store, accessKeys, at),
    store.delete(accessKeys).where(at),
    auditStatement(store, { ...server, actor, action: 'access-key.deleted', detail: { keyId: id } }),
  ])
}

/**
 * Lists the member's keys at every server of the tenant. The keys end with the membership, and the
 * caller must close their streams.
 */
export async function findKeysOfMember(store: Store, { tenantId, userId }: { tenantId: string; userId: string }): Promise<EndedGrant[]> {
  return store
    .select({ id: accessKeys.id, serverId: accessKeys.serverId })
    .from(accessKeys)
    .where(and(eq(accessKeys.tenantId, tenantId), eq(accessKeys.userId, userId)))
}

/**
 * Returns the principal of a valid key, in one statement. A key is valid if it has not expired, its
 * tenant is not suspended and its holder still exists. The holder is a member, regardless of
 * `access`, or a client admitted by `clients`.
 */
export async function findKeyPrincipal(
  store: Store,
  server: ServerKey,
  keyHash: string,
  now: Date,
): Promise<{ principal: GrantedPrincipal; lastUsedAt: Date | null } | undefined> {
  const { tenantId } = server
  const [row] = await store
    .select(summary)
    .from(accessKeys)
    .innerJoin(hostedServers, and(eq(hostedServers.id, accessKeys.serverId), eq(hostedServers.tenantId, accessKeys.tenantId)))
    .innerJoin(tenants, and(eq(tenants.id, accessKeys.tenantId), isNull(tenants.suspendedAt)))
    .leftJoin(members, and(eq(members.tenantId, accessKeys.tenantId), eq(members.userId, accessKeys.userId)))
    .leftJoin(clients, and(eq(clients.issuer, tenantIssuer(tenantId)), eq(clients.clientId, accessKeys.clientId)))
    .where(
      and(
        ofServer(accessKeys, server),
        eq(accessKeys.keyHash, keyHash),
        gt(accessKeys.expiresAt, now),
        or(isNotNull(members.userId), isNotNull(clients.clientId)),
        clientIsAdmitted(accessKeys.clientId, KEY_HOLDERS_ARE_TRUSTED),
      ),
    )
  if (!row) return undefined
  const principal: GrantedPrincipal = {
    kind: 'granted',
    grantId: row.id,
    clientId: row.clientId ?? `access-key:${row.id}`,
    userId: row.userId ?? undefined,
    accessKeyId: row.id,
    scopes: row.scopes,
    tools: row.tools ?? undefined,
    expiresAt: row.expiresAt.getTime(),
  }
  return { principal, lastUsedAt: row.lastUsedAt }
}

/** Writes at most once a minute across all isolates. */
export async function touchAccessKey(store: Store, tenantId: string, id: string, now: Date): Promise<void> {
  const before = Math.floor(now.getTime() / 1000) - TOUCHED_SECONDS
  await store
    .update(accessKeys)
    .set({ lastUsedAt: now })
    .where(and(eq(accessKeys.tenantId, tenantId), eq(accessKeys.id, id), sql`coalesce(${accessKeys.lastUsedAt}, 0) <= ${before}`))
}
