import { and, count, desc, eq, sql } from 'drizzle-orm'
import type { BatchItem } from 'drizzle-orm/batch'
import type { AuditAction } from '../../protocol/audit.ts'
import { auditStatement } from '../audit.ts'
import { tenantIssuer } from './clients.ts'
import { endedGrant, type EndedGrant } from '../ended-grants.ts'
import { guard, isThere, tryCommit, unlessConflict } from '../guard.ts'
import type { Store } from '../index.ts'
import { clientApprovals, clients } from '../schema/clients.ts'
import { grants } from '../schema/grants.ts'
import { accessKeys, machineGrants } from '../schema/machines.ts'

/** Clients made by hand in a tenant. The rows are in `clients`, under {@link tenantIssuer}. */

export const MAX_CLIENTS = 100 // per tenant

export type TenantClient = typeof clients.$inferSelect

interface TenantClientKey {
  tenantId: string
  clientId: string
}

const at = (tenantId: string, clientId: string) =>
  and(eq(clients.issuer, tenantIssuer(tenantId)), eq(clients.tenantId, tenantId), eq(clients.clientId, clientId))

/** Newest first. */
export async function findTenantClients(store: Store, tenantId: string): Promise<TenantClient[]> {
  return store
    .select()
    .from(clients)
    .where(and(eq(clients.issuer, tenantIssuer(tenantId)), eq(clients.tenantId, tenantId)))
    .orderBy(desc(clients.createdAt), desc(clients.clientId))
}

export async function findTenantClient(store: Store, tenantId: string, clientId: string): Promise<TenantClient | undefined> {
  const [row] = await store.select().from(clients).where(at(tenantId, clientId))
  return row
}

type NewTenantClient = Omit<typeof clients.$inferInsert, 'issuer' | 'tenantId' | 'serverId' | 'metadata' | 'expiresAt'> & {
  createdBy: string
}

/** Returns false if the tenant has MAX_CLIENTS clients. */
export async function addTenantClient(store: Store, tenantId: string, client: NewTenantClient): Promise<boolean> {
  const all = store
    .select({ n: count() })
    .from(clients)
    .where(and(eq(clients.issuer, tenantIssuer(tenantId)), eq(clients.tenantId, tenantId)))
  const { clientId, name, grantTypes, tokenEndpointAuthMethod } = client
  return tryCommit(store, [
    guard(store, sql`${all} < ${MAX_CLIENTS}`),
    store.insert(clients).values({ ...client, issuer: tenantIssuer(tenantId), tenantId, metadata: {} }),
    auditStatement(store, {
      tenantId,
      actor: client.createdBy,
      action: 'client.created',
      detail: { clientId, name, grantTypes, tokenEndpointAuthMethod },
    }),
  ])
}

/**
 * Changeable fields of a client. The authentication method and the grant types are fixed at
 * creation.
 */
export type TenantClientChange = Partial<Pick<typeof clients.$inferInsert, 'name' | 'redirectUris' | 'applicationType' | 'keys'>>

/** Returns false if the tenant has no such client. */
export async function changeTenantClient(
  store: Store,
  client: TenantClientKey,
  change: TenantClientChange,
  actor: string,
): Promise<boolean> {
  return audited(store, client, store.update(clients).set(change).where(at(client.tenantId, client.clientId)), {
    actor,
    action: 'client.changed',
    detail: { name: change.name, redirectUris: change.redirectUris, ...(change.keys === undefined ? {} : { keys: 'changed' }) },
  })
}

/**
 * Replaces the secret. The replaced secret stays valid for `overlapSeconds`, and the secret before
 * it ends at once. A single UPDATE, so two concurrent rotations give out two working secrets.
 */
export async function replaceSecret(
  store: Store,
  client: TenantClientKey,
  { secretHash, secretLastFour, overlapSeconds }: { secretHash: string; secretLastFour: string; overlapSeconds: number },
  { actor, now }: { actor: string; now: Date },
): Promise<boolean> {
  const overlaps = overlapSeconds > 0
  const rotated = store
    .update(clients)
    .set({
      secretHash,
      secretLastFour,
      previousSecretHash: overlaps ? sql`${clients.secretHash}` : null,
      previousSecretExpiresAt: overlaps ? new Date(now.getTime() + overlapSeconds * 1000) : null,
    })
    .where(at(client.tenantId, client.clientId))
  return audited(store, client, rotated, { actor, action: 'client.secret-rotated', detail: { overlapSeconds } })
}

/** Ends the secret before the last rotation. */
export async function dropPreviousSecret(store: Store, client: TenantClientKey, actor: string): Promise<boolean> {
  const { tenantId, clientId } = client
  const ended = store.update(clients).set({ previousSecretHash: null, previousSecretExpiresAt: null }).where(at(tenantId, clientId))
  return audited(store, client, ended, { actor, action: 'client.previous-secret-ended', detail: {} })
}

/**
 * Deletes the client with its user grants, machine grants, access keys, tokens and approvals.
 * Returns the ended grants, because the caller must close their streams; undefined if the tenant
 * has no such client.
 */
export async function removeTenantClient(
  store: Store,
  { tenantId, clientId }: TenantClientKey,
  actor: string,
): Promise<EndedGrant[] | undefined> {
  const issuer = tenantIssuer(tenantId)
  const batch = store.batch([
    isThere(store, clients, at(tenantId, clientId)),
    store
      .select({ id: machineGrants.id, serverId: machineGrants.serverId })
      .from(machineGrants)
      .where(and(eq(machineGrants.tenantId, tenantId), eq(machineGrants.clientIssuer, issuer), eq(machineGrants.clientId, clientId))),
    store
      .select({ id: accessKeys.id, serverId: accessKeys.serverId })
      .from(accessKeys)
      .where(and(eq(accessKeys.tenantId, tenantId), eq(accessKeys.clientIssuer, issuer), eq(accessKeys.clientId, clientId))),
    store
      .delete(grants)
      .where(and(eq(grants.tenantId, tenantId), eq(grants.clientId, clientId)))
      .returning(endedGrant),
    store.delete(clientApprovals).where(and(eq(clientApprovals.tenantId, tenantId), eq(clientApprovals.clientId, clientId))),
    store.delete(clients).where(at(tenantId, clientId)),
    auditStatement(store, { tenantId, actor, action: 'client.deleted', detail: { clientId } }),
  ])
  const results = await unlessConflict(batch)
  if (!results) return undefined
  const [, machines, keys, byUsers] = results
  return [...machines, ...keys, ...byUsers]
}

/** Writes the change with its audit event. Returns false if the tenant has no such client. */
async function audited(
  store: Store,
  { tenantId, clientId }: TenantClientKey,
  change: BatchItem<'sqlite'>,
  { actor, action, detail }: { actor: string; action: AuditAction; detail: Record<string, unknown> },
): Promise<boolean> {
  return tryCommit(store, [
    isThere(store, clients, at(tenantId, clientId)),
    change,
    auditStatement(store, { tenantId, actor, action, detail: { clientId, ...detail } }),
  ])
}
