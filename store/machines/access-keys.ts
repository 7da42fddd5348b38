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

/** `wharf_key_` in front says what it is, to us and to those who look for leaked secrets. */
export const ACCESS_KEY = /^wharf_key_[\w-]{43}$/

export const MAX_ACCESS_KEYS = 100 // of one hosted server

/** A key as people look at it. */
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

/** False where the hosted server has as many as it may. Throws Conflict where the member or client it is for is gone meanwhile. */
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

/** False where there is none such. */
export async function deleteAccessKey(store: Store, server: ServerKey, id: string, actor: string): Promise<boolean> {
  const at = and(ofServer(accessKeys, server), eq(accessKeys.id, id))
  return tryCommit(store, [
    isThere(store, accessKeys, at),
    store.delete(accessKeys).where(at),
    auditStatement(store, { ...server, actor, action: 'access-key.deleted', detail: { keyId: id } }),
  ])
}

/** A member's, at every server of the tenant: they go when the membership does, and somebody must close what is open under them. */
export async function findKeysOfMember(store: Store, { tenantId, userId }: { tenantId: string; userId: string }): Promise<EndedGrant[]> {
  return store
    .select({ id: accessKeys.id, serverId: accessKeys.serverId })
    .from(accessKeys)
    .where(and(eq(accessKeys.tenantId, tenantId), eq(accessKeys.userId, userId)))
}

/**
 * Whom the key with this hash acts for, if it is good at this hosted server now: not expired, its tenant not suspended, its person still a member, whatever
 * `access` says; or its client still there and let in by `clients`. One statement.
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

/** At most once a minute, however many isolates see it used. */
export async function touchAccessKey(store: Store, tenantId: string, id: string, now: Date): Promise<void> {
  const before = Math.floor(now.getTime() / 1000) - TOUCHED_SECONDS
  await store
    .update(accessKeys)
    .set({ lastUsedAt: now })
    .where(and(eq(accessKeys.tenantId, tenantId), eq(accessKeys.id, id), sql`coalesce(${accessKeys.lastUsedAt}, 0) <= ${before}`))
}
