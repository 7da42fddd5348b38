import { and, desc, eq, getTableColumns, lt, sql } from 'drizzle-orm'
import { RecentMap } from '../../protocol/recent-map.ts'
import type { VersionContent } from '../../protocol/versions/content.ts'
import type { Finding, Surface } from '../../protocol/versions/surface.ts'
import { auditStatement } from '../audit.ts'
import { guard, orConflict, tryCommit } from '../guard.ts'
import type { Store } from '../index.ts'
import { hostedServers, versions } from '../schema/servers.ts'
import type { ServerKey } from '../server-key.ts'
import { isNotSuspended } from '../tenants/suspensions.ts'
import { toVersionReference, versionReferenceColumns, type VersionReference } from './servers.ts'
import { toContent, toContentColumns } from './version-content.ts'

type VersionRow = typeof versions.$inferSelect

/** A version as a list shows it, without the large surface. */
export interface VersionSummary extends Omit<VersionRow, 'surface' | 'source' | 'content' | 'bundleHash' | 'mainModule'> {
  content: VersionContent
  active: boolean
}

/** A version with everything except the uploaded files. */
export interface Version extends VersionSummary {
  surface: Surface | null
}

/**
 * Limit of versions per hosted server. A new version deletes the oldest inactive versions beyond
 * the limit.
 */
export const MAX_VERSIONS = 200

export interface NewVersion extends ServerKey {
  id: string
  content: VersionContent
  bundleBytes: number
  state: 'ready' | 'refused'
  surface: Surface | null
  findings: Finding[]
  note: string
  createdBy: string
  /** Activates the version in the same batch. Ignored for a refused version. */
  activate: boolean
}

/**
 * Inserts a version with the next number and its audit event. One batch, so concurrent uploads get
 * consecutive numbers, and a crash leaves no version without its activation. Returns undefined if
 * the server no longer exists. `pruned` lists the bundle hashes of deleted versions.
 */
export async function insertVersion(
  store: Store,
  { content, activate, ...version }: NewVersion,
): Promise<{ number: number; pruned: string[] } | undefined> {
  const { tenantId, serverId, state, createdBy } = version
  const number = sql<number>`(SELECT last_version FROM hosted_servers WHERE id = ${serverId})`
  const ofServer = and(eq(hostedServers.id, serverId), eq(hostedServers.tenantId, tenantId))
  const columns = { ...version, ...toContentColumns(content), number }
  const surplus = sql`(SELECT v.id FROM versions v JOIN hosted_servers s ON s.id = v.server_id
    WHERE v.server_id = ${serverId} AND v.tenant_id = ${tenantId} AND v.id IS NOT s.active_version_id
    ORDER BY v.number DESC LIMIT -1 OFFSET ${MAX_VERSIONS - 1})`
  const batch = store.batch([
    isNotSuspended(store, tenantId),
    store
      .update(hostedServers)
      .set({ lastVersion: sql`${hostedServers.lastVersion} + 1` })
      .where(ofServer),
    store.insert(versions).values(columns).returning({ number: versions.number }),
    store
      .delete(versions)
      .where(and(eq(versions.tenantId, tenantId), eq(versions.serverId, serverId), sql`${versions.id} IN ${surplus}`))
      .returning({ bundleHash: versions.bundleHash }),
    auditStatement(store, {
      tenantId,
      serverId,
      actor: createdBy,
      action: 'version.uploaded',
      detail: sql`json_object('number', ${number}, 'state', ${state}, 'bundleHash', ${columns.bundleHash})`,
    }),
    ...(activate && state === 'ready'
      ? [
          store.update(hostedServers).set({ activeVersionId: version.id, updatedAt: new Date() }).where(ofServer),
          auditStatement(store, {
            tenantId,
            serverId,
            actor: createdBy,
            action: 'version.activated',
            detail: sql`json_object('number', ${number})`,
          }),
        ]
      : []),
  ])
  try {
    const [, , inserted, pruned] = await orConflict(batch)
    const [row] = inserted
    return row && { number: row.number, pruned: pruned.map(({ bundleHash }) => bundleHash) }
  } catch (error) {
    if (await isGone(store, version)) return undefined
    throw error
  }
}

async function isGone(store: Store, { tenantId, serverId }: ServerKey): Promise<boolean> {
  const found = await store
    .select({ id: hostedServers.id })
    .from(hostedServers)
    .where(and(eq(hostedServers.id, serverId), eq(hostedServers.tenantId, tenantId)))
  return found.length === 0
}

/** Returns true if a version of the tenant has the bundle. */
export async function isBundleInUse(store: Store, { tenantId, bundleHash }: { tenantId: string; bundleHash: string }): Promise<boolean> {
  const found = await store
    .select({ id: versions.id })
    .from(versions)
    .where(and(eq(versions.tenantId, tenantId), eq(versions.bundleHash, bundleHash)))
    .limit(1)
  return found.length > 0
}

/**
 * Activates a `ready` version and writes its audit event. Returns false if no such version exists.
 */
export async function setActiveVersion(
  store: Store,
  { tenantId, serverId, number }: ServerKey & { number: number },
  actor: string,
): Promise<boolean> {
  const ready = and(
    eq(versions.tenantId, tenantId),
    eq(versions.serverId, serverId),
    eq(versions.number, number),
    eq(versions.state, 'ready'),
  )
  const chosen = store.select({ id: versions.id }).from(versions).where(ready)
  return tryCommit(store, [
    guard(store, sql`EXISTS ${chosen}`),
    isNotSuspended(store, tenantId),
    store
      .update(hostedServers)
      .set({ activeVersionId: sql`${chosen}`, updatedAt: new Date() })
      .where(and(eq(hostedServers.id, serverId), eq(hostedServers.tenantId, tenantId))),
    auditStatement(store, { tenantId, serverId, actor, action: 'version.activated', detail: { number } }),
  ])
}

/** Returns the number of the version with the id. */
export async function findVersionNumber(store: Store, { tenantId, serverId }: ServerKey, id: string): Promise<number | undefined> {
  const [row] = await store
    .select({ number: versions.number })
    .from(versions)
    .where(and(eq(versions.tenantId, tenantId), eq(versions.serverId, serverId), eq(versions.id, id)))
  return row?.number
}

export async function findVersion(
  store: Store,
  { tenantId, serverId, number }: ServerKey & { number: number },
): Promise<Version | undefined> {
  const [row] = await store
    .select({ version: versions, activeVersionId: hostedServers.activeVersionId })
    .from(versions)
    .innerJoin(hostedServers, eq(hostedServers.id, versions.serverId))
    .where(and(eq(versions.tenantId, tenantId), eq(versions.serverId, serverId), eq(versions.number, number)))
  if (!row) return undefined
  const { surface } = row.version
  return { ...toSummary(row.version, row.activeVersionId), surface }
}

/**
 * Returns the data needed to run a version by number. Undefined if the version is unknown or
 * refused.
 */
export async function findVersionReference(store: Store, at: ServerKey & { number: number }): Promise<VersionReference | undefined> {
  const [row] = await store
    .select(versionReferenceColumns)
    .from(versions)
    .where(
      and(
        eq(versions.tenantId, at.tenantId),
        eq(versions.serverId, at.serverId),
        eq(versions.number, at.number),
        eq(versions.state, 'ready'),
      ),
    )
  return row && toVersionReference(row)
}

/** Lists versions, newest first. `before` is the last number of the previous page. */
export async function listVersions(
  store: Store,
  { tenantId, serverId }: ServerKey,
  { limit, before }: { limit: number; before?: number },
): Promise<VersionSummary[]> {
  const { surface: _, ...columns } = getTableColumns(versions)
  const rows = await store
    .select({ ...columns, activeVersionId: hostedServers.activeVersionId })
    .from(versions)
    .innerJoin(hostedServers, eq(hostedServers.id, versions.serverId))
    .where(
      and(eq(versions.tenantId, tenantId), eq(versions.serverId, serverId), before === undefined ? undefined : lt(versions.number, before)),
    )
    .orderBy(desc(versions.number))
    .limit(limit)
  return rows.map(({ activeVersionId, ...version }) => toSummary(version, activeVersionId))
}

function toSummary(row: Omit<VersionRow, 'surface'>, activeVersionId: string | null): VersionSummary {
  const { id, tenantId, serverId, number, state, bundleBytes, findings, note, createdBy, createdAt } = row
  const content = toContent(row)
  return {
    id,
    tenantId,
    serverId,
    number,
    state,
    content,
    bundleBytes,
    findings,
    note,
    createdBy,
    createdAt,
    active: activeVersionId === id,
  }
}

/**
 * Maximum characters of JSON kept by this isolate. Surfaces never change, so entries need no
 * expiry.
 */
const SURFACE_BUDGET = 8 * 1024 * 1024
const surfaces = new RecentMap<Surface>(SURFACE_BUDGET)

/** Returns the surface of a version. Undefined if the version is unknown or discovery failed. */
export async function findSurface(
  store: Store,
  { tenantId, versionId }: { tenantId: string; versionId: string },
): Promise<Surface | undefined> {
  const key = JSON.stringify([tenantId, versionId])
  const cached = surfaces.get(key)
  if (cached) return cached
  const [row] = await store
    .select({ surface: versions.surface, size: sql<number>`length(${versions.surface})` })
    .from(versions)
    .where(and(eq(versions.tenantId, tenantId), eq(versions.id, versionId)))
  if (!row?.surface) return undefined
  surfaces.set(key, row.surface, row.size)
  return row.surface
}
