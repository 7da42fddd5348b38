import { and, eq, gt, inArray, sql, type SQL } from 'drizzle-orm'
import type { Store } from './index.ts'
import { NO_LIMIT } from './paging.ts'
import { retiredServers } from './schema/servers.ts'
import { members, retiredTenants, tenants } from './schema/tenants.ts'
import type { ServerKey } from './server-key.ts'

/*
 * Slugs of deleted tenants and hosted servers rest, because apps and people still know the URLs. A
 * stranger with the slug would get their requests. The former owners may take a slug back.
 */

/** Longest rest. Later the row is deleted. */
export const MAX_REST_DAYS = 90

/** Limit of resting slugs per user (tenants) or per tenant (servers). The oldest end early. */
const MAX_RESTING = 200

/** A slug deleted after `since` rests. */
export interface Rest {
  since: Date
}

const restingTenant = (store: Store, slug: string, userId: string, { since }: Rest) => {
  const isOwner = sql`EXISTS (SELECT 1 FROM json_each(${retiredTenants.owners}) WHERE value = ${userId})`
  return store
    .select({ retiredAt: retiredTenants.retiredAt })
    .from(retiredTenants)
    .where(and(eq(retiredTenants.slug, slug), gt(retiredTenants.retiredAt, since), sql`NOT ${isOwner}`))
}

/** True if the slug of a tenant rests, and the user was no owner of the deleted tenant. */
export function tenantSlugRests(store: Store, slug: string, userId: string, rest: Rest): SQL {
  return sql`EXISTS ${restingTenant(store, slug, userId, rest)}`
}

/** Returns the time of the deletion if the slug rests for the user. */
export async function findTenantRest(store: Store, slug: string, userId: string, rest: Rest): Promise<Date | undefined> {
  const [row] = await restingTenant(store, slug, userId, rest)
  return row?.retiredAt
}

/** Statements before the deletion of a tenant, for its batch. */
export function retireTenant(store: Store, tenantId: string, actor: string, now: Date) {
  const slug = store.select({ slug: tenants.slug }).from(tenants).where(eq(tenants.id, tenantId))
  const owners = sql`(SELECT json_group_array(user_id) FROM ${members} WHERE tenant_id = ${tenantId} AND role = 'owner')`
  const surplus = store
    .select({ slug: retiredTenants.slug })
    .from(retiredTenants)
    .where(eq(retiredTenants.retiredBy, actor))
    .orderBy(sql`${retiredTenants.retiredAt} DESC, rowid DESC`)
    .limit(NO_LIMIT)
    .offset(MAX_RESTING)
  return [
    store.delete(retiredTenants).where(inArray(retiredTenants.slug, slug)),
    store
      .insert(retiredTenants)
      .select(sql`SELECT slug, id, ${owners}, ${actor}, ${Math.floor(now.getTime() / 1000)} FROM ${tenants} WHERE id = ${tenantId}`),
    store.delete(retiredTenants).where(inArray(retiredTenants.slug, surplus)),
  ]
}

/** Statement that ends the rest of a slug, for the batch that takes the slug. */
export function takeTenantSlug(store: Store, slug: string) {
  return store.delete(retiredTenants).where(eq(retiredTenants.slug, slug))
}

const serverAt = (tenantId: string, slug: string) => and(eq(retiredServers.tenantId, tenantId), eq(retiredServers.slug, slug))

const restingServer = (store: Store, tenantId: string, slug: string, { since }: Rest) =>
  store
    .select({ retiredAt: retiredServers.retiredAt })
    .from(retiredServers)
    .where(and(serverAt(tenantId, slug), gt(retiredServers.retiredAt, since)))

/** True if the slug of a hosted server rests in the tenant. */
export function serverSlugRests(store: Store, tenantId: string, slug: string, rest: Rest): SQL {
  return sql`EXISTS ${restingServer(store, tenantId, slug, rest)}`
}

export async function findServerRest(store: Store, tenantId: string, slug: string, rest: Rest): Promise<Date | undefined> {
  const [row] = await restingServer(store, tenantId, slug, rest)
  return row?.retiredAt
}

/** Statements of the deletion of a hosted server, for its batch. */
export function retireServer(store: Store, { tenantId, serverId }: ServerKey, slug: string, now: Date) {
  const surplus = store
    .select({ slug: retiredServers.slug })
    .from(retiredServers)
    .where(eq(retiredServers.tenantId, tenantId))
    .orderBy(sql`${retiredServers.retiredAt} DESC, rowid DESC`)
    .limit(NO_LIMIT)
    .offset(MAX_RESTING)
  return [
    store
      .insert(retiredServers)
      .values({ tenantId, slug, serverId, retiredAt: now })
      .onConflictDoUpdate({ target: [retiredServers.tenantId, retiredServers.slug], set: { serverId, retiredAt: now } }),
    store.delete(retiredServers).where(and(eq(retiredServers.tenantId, tenantId), inArray(retiredServers.slug, surplus))),
  ]
}

/** Statement that ends the rest of a slug, for the batch that takes the slug. */
export function takeServerSlug(store: Store, tenantId: string, slug: string) {
  return store.delete(retiredServers).where(serverAt(tenantId, slug))
}
