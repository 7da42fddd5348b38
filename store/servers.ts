import { and, eq, isNull } from 'drizzle-orm'
import type { ServerName } from '../protocol/location.ts'
import type { Store } from './index.ts'
import { hostedServers, tenants, versions } from './schema.ts'

/** A hosted server as a request needs it: settings and which version answers. Plain data, so it crosses to a Durable Object as it is. */
export interface HostedServer extends ServerName {
  id: string
  tenantId: string
  name: string
  description: string
  icon: string | null
  access: (typeof hostedServers.$inferSelect)['access']
  clients: (typeof hostedServers.$inferSelect)['clients']
  challenge: (typeof hostedServers.$inferSelect)['challenge']
  origins: string[]
  egress: string[]
  environment: string | null
  environmentEpoch: number
  /** Undefined until a first version is activated. */
  active: VersionReference | undefined
}

/** What names a version and its bundle; the surface is read apart (it is large and never changes). */
export interface VersionReference {
  id: string
  number: number
  bundleHash: string
  mainModule: string
}

/** By its two slugs; undefined for an unknown server and for a suspended tenant's. */
export async function findHostedServer(store: Store, { tenant, server }: ServerName): Promise<HostedServer | undefined> {
  const [row] = await store
    .select({ server: hostedServers, version: versions })
    .from(hostedServers)
    .innerJoin(tenants, eq(tenants.id, hostedServers.tenantId))
    .leftJoin(versions, and(eq(versions.id, hostedServers.activeVersionId), eq(versions.serverId, hostedServers.id)))
    .where(and(eq(tenants.slug, tenant), eq(hostedServers.slug, server), isNull(tenants.suspendedAt)))
  if (!row) return undefined
  return toHostedServer({ tenant, server }, row.server, row.version)
}

/** One shape of a hosted server, however it was found. */
export function toHostedServer(
  name: ServerName,
  row: typeof hostedServers.$inferSelect,
  version: typeof versions.$inferSelect | null,
): HostedServer {
  return {
    ...name,
    id: row.id,
    tenantId: row.tenantId,
    name: row.name,
    description: row.description,
    icon: row.icon,
    access: row.access,
    clients: row.clients,
    challenge: row.challenge,
    origins: row.origins,
    egress: row.egress,
    environment: row.environment,
    environmentEpoch: row.environmentEpoch,
    active: version
      ? { id: version.id, number: version.number, bundleHash: version.bundleHash, mainModule: version.mainModule }
      : undefined,
  }
}
