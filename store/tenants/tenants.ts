import { and, asc, count, eq, sql } from 'drizzle-orm'
import type { Suspension } from '../../protocol/suspension.ts'
import { auditStatement } from '../audit.ts'
import { commit, Conflict, guard, isThere } from '../guard.ts'
import type { Store } from '../index.ts'
import { findTenantRest, retireTenant, takeTenantSlug, tenantSlugRests, type Rest } from '../retired-slugs.ts'
import { members, type Role, tenants } from '../schema/tenants.ts'
import { suspensionColumns, toSuspension } from './suspensions.ts'

export type Tenant = typeof tenants.$inferSelect
/** A tenant as seen by a member. */
export type OwnTenant = Pick<Tenant, 'id' | 'slug' | 'name' | 'createdAt'> & {
  role: Role
  /** Set while the tenant is suspended. Members can read, and change nothing. */
  suspension: Suspension | undefined
}

export const MAX_TENANTS = 20 // memberships of one user

const own = {
  id: tenants.id,
  slug: tenants.slug,
  name: tenants.name,
  createdAt: tenants.createdAt,
  role: members.role,
  ...suspensionColumns,
}

function toOwnTenant({
  suspendedAt,
  suspendedBecause,
  ...tenant
}: Omit<OwnTenant, 'suspension'> & Parameters<typeof toSuspension>[0]): OwnTenant {
  return { ...tenant, suspension: toSuspension({ suspendedAt, suspendedBecause }) }
}

/** Lists the user's tenants, suspended tenants included. */
export async function findTenants(store: Store, userId: string): Promise<OwnTenant[]> {
  const rows = await store
    .select(own)
    .from(members)
    .innerJoin(tenants, eq(tenants.id, members.tenantId))
    .where(eq(members.userId, userId))
    .orderBy(asc(tenants.slug))
  return rows.map(toOwnTenant)
}

/**
 * Returns the tenant if the user is a member; undefined for non-members, as for an unknown slug.
 */
export async function findTenant(store: Store, slug: string, userId: string): Promise<OwnTenant | undefined> {
  const [row] = await store
    .select(own)
    .from(tenants)
    .innerJoin(members, and(eq(members.tenantId, tenants.id), eq(members.userId, userId)))
    .where(eq(tenants.slug, slug))
  return row && toOwnTenant(row)
}

/**
 * Creates a tenant with its first owner. If callers race for a slug, the first caller gets the
 * slug.
 */
export async function createTenant(
  store: Store,
  tenant: { id: string; slug: string; name: string },
  userId: string,
  rest: Rest,
): Promise<'created' | 'slug-taken' | 'slug-rests' | 'too-many'> {
  const mine = store.select({ n: count() }).from(members).where(eq(members.userId, userId))
  const taken = store
    .select({ one: sql`1` })
    .from(tenants)
    .where(eq(tenants.slug, tenant.slug))
  try {
    await commit(store, [
      guard(store, sql`${mine} < ${MAX_TENANTS} AND NOT EXISTS ${taken} AND NOT ${tenantSlugRests(store, tenant.slug, userId, rest)}`),
      takeTenantSlug(store, tenant.slug),
      store.insert(tenants).values(tenant),
      store.insert(members).values({ tenantId: tenant.id, userId, role: 'owner' }),
      auditStatement(store, { tenantId: tenant.id, actor: userId, action: 'tenant.created', detail: { slug: tenant.slug } }),
    ])
    return 'created'
  } catch (error) {
    if (!(error instanceof Conflict)) throw error
    if ((await taken).length > 0) return 'slug-taken'
    return (await findTenantRest(store, tenant.slug, userId, rest)) ? 'slug-rests' : 'too-many'
  }
}

export async function renameTenant(store: Store, tenantId: string, name: string, actor: string): Promise<void> {
  await store.batch([
    store.update(tenants).set({ name }).where(eq(tenants.id, tenantId)),
    auditStatement(store, { tenantId, actor, action: 'tenant.renamed', detail: { name } }),
  ])
}

/**
 * Deletes the tenant. Foreign keys delete all rows of the tenant in D1, and the slug rests. Throws
 * Conflict if the tenant no longer exists.
 */
export async function deleteTenant(store: Store, tenantId: string, actor: string): Promise<void> {
  const at = eq(tenants.id, tenantId)
  await commit(store, [isThere(store, tenants, at), ...retireTenant(store, tenantId, actor, new Date()), store.delete(tenants).where(at)])
}
