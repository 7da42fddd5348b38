import { and, desc, eq, getTableColumns, sql, type SQL } from 'drizzle-orm'
import type { SQLiteTable } from 'drizzle-orm/sqlite-core'
import type { AuditAction } from '../protocol/audit.ts'
import { newSortableId, timePrefix } from '../protocol/random.ts'
import type { Store } from './index.ts'
import { olderThan, type PageRequest } from './paging.ts'
import { hostedServers } from './schema/servers.ts'
import { auditEvents } from './schema/tenants.ts'

/** A change of permissions, kept for a year. The actor is a user id or `client:{id}`. */
export interface AuditEntry {
  tenantId: string
  serverId?: string
  actor: string
  action: AuditAction
  /** Never contains a secret. SQL if the value depends on rows of the batch. */
  detail: Record<string, unknown> | SQL<Record<string, unknown>>
}

/** Returns the insert of an audit event, for the batch of the change. */
export function auditStatement(store: Store, { tenantId, serverId, actor, action, detail }: AuditEntry) {
  const createdAt = new Date()
  return store
    .insert(auditEvents)
    .values({ id: newSortableId(createdAt), tenantId, serverId: serverId ?? null, actor, action, detail, createdAt })
}

/**
 * Returns the insert of an audit event for each matching row, such as grants that a batch ends
 * beyond a limit. `detail` is SQL over the row.
 */
export function auditEach(
  store: Store,
  { tenantId, serverId, actor, action, detail }: Omit<AuditEntry, 'detail'> & { detail: SQL },
  rows: { table: SQLiteTable; where: SQL | undefined },
) {
  const now = new Date()
  const id = sql`${timePrefix(now)} || lower(hex(randomblob(16)))`
  const fixed = sql`${tenantId}, ${serverId ?? null}, ${actor}, ${action}`
  return store
    .insert(auditEvents)
    .select(sql`SELECT ${id}, ${fixed}, ${detail}, ${Math.floor(now.getTime() / 1000)} FROM ${rows.table} WHERE ${rows.where}`)
}

export type AuditEvent = typeof auditEvents.$inferSelect & {
  /** Slug of the hosted server; null if the event has no server or the server is deleted. */
  server: string | null
}

/** Lists audit events, newest first. */
export async function findAuditEvents(store: Store, tenantId: string, { before, limit }: PageRequest): Promise<AuditEvent[]> {
  return store
    .select({ ...getTableColumns(auditEvents), server: hostedServers.slug })
    .from(auditEvents)
    .leftJoin(hostedServers, and(eq(hostedServers.id, auditEvents.serverId), eq(hostedServers.tenantId, auditEvents.tenantId)))
    .where(and(eq(auditEvents.tenantId, tenantId), olderThan(auditEvents, before)))
    .orderBy(desc(auditEvents.createdAt), desc(auditEvents.id))
    .limit(limit)
}
