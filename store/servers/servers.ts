import { and, asc, count, eq, isNull, sql } from 'drizzle-orm'
import { DEFAULT_LIMITS, type Limits } from '../../protocol/limits.ts'
import type { ServerName } from '../../protocol/location.ts'
import type { VersionContent } from '../../protocol/versions/content.ts'
import { auditStatement } from '../audit.ts'
import { commit, Conflict, guard, isThere, rowVersionIs } from '../guard.ts'
import type { Store } from '../index.ts'
import { findServerRest, retireServer, serverSlugRests, takeServerSlug, type Rest } from '../retired-slugs.ts'
import { hostedServers, versions } from '../schema/servers.ts'
import { tenants } from '../schema/tenants.ts'
import type { ServerKey } from '../server-key.ts'
import { contentColumns, toContent } from './version-content.ts'

/**
 * A hosted server with its settings and its active version. Plain data, because it is sent to
 * Durable Objects.
 */
export interface HostedServer extends ServerName {
  id: string
  tenantId: string
  /** Both ids under the names of the columns. */
  key: ServerKey
  name: string
  description: string
  icon: string | null
  access: (typeof hostedServers.$inferSelect)['access']
  clients: (typeof hostedServers.$inferSelect)['clients']
  registration: (typeof hostedServers.$inferSelect)['registration']
  machineScopes: (typeof hostedServers.$inferSelect)['machineScopes']
  challenge: (typeof hostedServers.$inferSelect)['challenge']
  origins: string[]
  egress: string[]
  limits: Limits
  environment: string | null
  environmentEpoch: number
  /** Undefined until a version is activated. */
  active: VersionReference | undefined
}

/**
 * Everything needed to run a version except its surface, which is large and cached by
 * `findSurface`.
 */
export interface VersionReference<C extends VersionContent = VersionContent> {
  id: string
  number: number
  content: C
}

/** Columns of a {@link VersionReference}; {@link toVersionReference} reads a row of them. */
export const versionReferenceColumns = { id: versions.id, number: versions.number, ...contentColumns }

type VersionRow = Pick<typeof versions.$inferSelect, keyof typeof versionReferenceColumns>

export function toVersionReference({ id, number, ...row }: VersionRow): VersionReference {
  return { id, number, content: toContent(row) }
}

/**
 * Finds a hosted server by the slugs of tenant and server. Undefined if the server is unknown or
 * the tenant is suspended.
 */
export async function findHostedServer(store: Store, { tenant, server }: ServerName): Promise<HostedServer | undefined> {
  const [row] = await store
    .select({ server: hostedServers, version: versionReferenceColumns })
    .from(hostedServers)
    .innerJoin(tenants, eq(tenants.id, hostedServers.tenantId))
    .leftJoin(versions, and(eq(versions.id, hostedServers.activeVersionId), eq(versions.serverId, hostedServers.id)))
    .where(and(eq(tenants.slug, tenant), eq(hostedServers.slug, server), isNull(tenants.suspendedAt)))
  if (!row) return undefined
  return toHostedServer({ tenant, server }, row.server, row.version)
}

/** Finds a hosted server of a member's tenant, also while the tenant is suspended. */
export async function findServerOfTenant(
  store: Store,
  { tenantId, tenant, server }: OfTenant & { server: string },
): Promise<HostedServer | undefined> {
  const [row] = await store
    .select({ server: hostedServers, version: versionReferenceColumns })
    .from(hostedServers)
    .leftJoin(versions, and(eq(versions.id, hostedServers.activeVersionId), eq(versions.serverId, hostedServers.id)))
    .where(and(eq(hostedServers.tenantId, tenantId), eq(hostedServers.slug, server)))
  return row && toHostedServer({ tenant, server }, row.server, row.version)
}

/** Converts a row to a hosted server. */
export function toHostedServer(name: ServerName, row: typeof hostedServers.$inferSelect, version: VersionRow | null): HostedServer {
  return {
    ...name,
    id: row.id,
    tenantId: row.tenantId,
    key: { tenantId: row.tenantId, serverId: row.id },
    name: row.name,
    description: row.description,
    icon: row.icon,
    access: row.access,
    clients: row.clients,
    registration: row.registration,
    machineScopes: row.machineScopes,
    challenge: row.challenge,
    origins: row.origins,
    egress: row.egress,
    limits: { ...DEFAULT_LIMITS, ...row.limits },
    environment: row.environment,
    environmentEpoch: row.environmentEpoch,
    active: version ? toVersionReference(version) : undefined,
  }
}

export const MAX_SERVERS = 100 // of one tenant

interface OfTenant {
  tenantId: string
  /** Slug of the tenant. */
  tenant: string
}

export async function findHostedServers(
  store: Store,
  { tenantId, tenant }: OfTenant,
): Promise<(HostedServer & { createdAt: Date; updatedAt: Date })[]> {
  const rows = await store
    .select({ server: hostedServers, version: versionReferenceColumns })
    .from(hostedServers)
    .leftJoin(versions, and(eq(versions.id, hostedServers.activeVersionId), eq(versions.serverId, hostedServers.id)))
    .where(eq(hostedServers.tenantId, tenantId))
    .orderBy(asc(hostedServers.slug))
  return rows.map(({ server, version }) => ({
    ...toHostedServer({ tenant, server: server.slug }, server, version),
    createdAt: server.createdAt,
    updatedAt: server.updatedAt,
  }))
}

/** Without `rest` the caller may take the slug of a deleted server back. */
export async function createHostedServer(
  store: Store,
  server: typeof hostedServers.$inferInsert,
  actor: string,
  rest: Rest | undefined,
): Promise<'created' | 'slug-taken' | 'slug-rests' | 'too-many'> {
  const all = store.select({ n: count() }).from(hostedServers).where(eq(hostedServers.tenantId, server.tenantId))
  const taken = store
    .select({ one: sql`1` })
    .from(hostedServers)
    .where(and(eq(hostedServers.tenantId, server.tenantId), eq(hostedServers.slug, server.slug)))
  try {
    await commit(store, [
      guard(store, sql`${all} < ${MAX_SERVERS} AND NOT EXISTS ${taken}`),
      ...(rest ? [guard(store, sql`NOT ${serverSlugRests(store, server.tenantId, server.slug, rest)}`)] : []),
      takeServerSlug(store, server.tenantId, server.slug),
      store.insert(hostedServers).values(server),
      auditStatement(store, {
        tenantId: server.tenantId,
        serverId: server.id,
        actor,
        action: 'server.created',
        detail: { slug: server.slug },
      }),
    ])
    return 'created'
  } catch (error) {
    if (!(error instanceof Conflict)) throw error
    if ((await taken).length > 0) return 'slug-taken'
    return rest && (await findServerRest(store, server.tenantId, server.slug, rest)) ? 'slug-rests' : 'too-many'
  }
}

const serverAt = ({ tenantId, serverId }: ServerKey) => and(eq(hostedServers.tenantId, tenantId), eq(hostedServers.id, serverId))

export type ServerSettings = Partial<
  Pick<
    typeof hostedServers.$inferSelect,
    'name' | 'description' | 'icon' | 'access' | 'clients' | 'registration' | 'machineScopes' | 'challenge' | 'origins' | 'egress'
  > & { limits: Limits }
>

/**
 * Updates settings with an audit event in one batch. Throws Conflict if the hosted server no longer
 * exists.
 */
export async function updateHostedServer(store: Store, key: ServerKey, settings: ServerSettings, actor: string): Promise<void> {
  const at = serverAt(key)
  await commit(store, [
    isThere(store, hostedServers, at),
    store
      .update(hostedServers)
      .set({ ...settings, updatedAt: new Date() })
      .where(at),
    auditStatement(store, { ...key, actor, action: 'server.settings-changed', detail: { ...settings } }),
  ])
}

/**
 * Replaces the sealed environment that was read. `lost` records that the former values could not be
 * opened. Throws Conflict if a different change came first.
 */
export async function replaceEnvironment(
  store: Store,
  { key, environmentEpoch }: Pick<HostedServer, 'key' | 'environmentEpoch'>,
  environment: string | null,
  { actor, ...detail }: { actor: string; names: string[]; lost?: boolean },
): Promise<void> {
  const at = serverAt(key)
  await commit(store, [
    rowVersionIs(store, hostedServers.environmentEpoch, at, environmentEpoch),
    store
      .update(hostedServers)
      .set({ environment, environmentEpoch: environmentEpoch + 1, updatedAt: new Date() })
      .where(at),
    auditStatement(store, { ...key, actor, action: 'server.environment-changed', detail }),
  ])
}

/**
 * Deletes the hosted server; foreign keys delete its versions, clients, grants and tokens, and the
 * slug rests. Throws Conflict if the server no longer exists.
 */
export async function deleteHostedServer(
  store: Store,
  { key, server }: Pick<HostedServer, 'key' | 'server'>,
  actor: string,
): Promise<void> {
  const at = serverAt(key)
  await commit(store, [
    isThere(store, hostedServers, at),
    store.delete(hostedServers).where(at),
    ...retireServer(store, key, server, new Date()),
    auditStatement(store, { ...key, actor, action: 'server.deleted', detail: { slug: server } }),
  ])
}
