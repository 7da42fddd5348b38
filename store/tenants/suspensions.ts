import { and, eq, isNotNull, isNull, type SQL } from 'drizzle-orm'
import type { ServerName } from '../../protocol/location.ts'
import { suspensionText, type Suspension } from '../../protocol/suspension.ts'
import { isThere } from '../guard.ts'
import type { Store } from '../index.ts'
import { hostedServers } from '../schema/servers.ts'
import { tenants } from '../schema/tenants.ts'

/*
 * Suspended tenants. Queries for calls, tokens and sign-in leave suspended tenants out. The queries
 * here find the reason, for a request that found nothing.
 */

type SuspensionRow = Pick<typeof tenants.$inferSelect, 'suspendedAt' | 'suspendedBecause'>

/** Columns of a {@link Suspension}; {@link toSuspension} reads a row of them. */
export const suspensionColumns = { suspendedAt: tenants.suspendedAt, suspendedBecause: tenants.suspendedBecause }

export function toSuspension({ suspendedAt, suspendedBecause }: SuspensionRow): Suspension | undefined {
  return suspendedAt === null ? undefined : { since: suspendedAt, why: suspendedBecause ?? 'no reason was given' }
}

const shown = { slug: tenants.slug, ...suspensionColumns }

function toText(row: (SuspensionRow & { slug: string }) | undefined): string | undefined {
  const suspension = row && toSuspension(row)
  return suspension && suspensionText(row.slug, suspension)
}

/** Returns the text for clients if the hosted server exists and its tenant is suspended. */
export async function findSuspensionOfServer(store: Store, { tenant, server }: ServerName): Promise<string | undefined> {
  const [row] = await store
    .select(shown)
    .from(tenants)
    .innerJoin(hostedServers, and(eq(hostedServers.tenantId, tenants.id), eq(hostedServers.slug, server)))
    .where(and(eq(tenants.slug, tenant), isNotNull(tenants.suspendedAt)))
  return toText(row)
}

/** Returns the text for clients if the tenant is suspended. */
export function findSuspensionOfTenant(store: Store, tenantId: string): Promise<string | undefined> {
  return findText(store, eq(tenants.id, tenantId))
}

/** Returns the text for the sign-in page if the tenant is suspended. */
export function findSuspensionBySlug(store: Store, slug: string): Promise<string | undefined> {
  return findText(store, eq(tenants.slug, slug))
}

async function findText(store: Store, tenant: SQL): Promise<string | undefined> {
  const [row] = await store
    .select(shown)
    .from(tenants)
    .where(and(tenant, isNotNull(tenants.suspendedAt)))
  return toText(row)
}

/** Guards that the tenant is not suspended, for a change that started earlier. */
export function isNotSuspended(store: Store, tenantId: string) {
  return isThere(store, tenants, and(eq(tenants.id, tenantId), isNull(tenants.suspendedAt)))
}
