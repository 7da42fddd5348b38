import { and, desc, eq, getTableColumns, sql, type SQL } from 'drizzle-orm'
import type { SQLiteTable } from 'drizzle-orm/sqlite-core'
import type { AuditAction } from '../protocol/audit.ts'
import { newSortableId, timePrefix } from '../protocol/random.ts'
import type { Store } from './index.ts'
import { olderThan, type PageRequest } from './paging.ts'
import { hostedServers } from './schema/servers.ts'
import { auditEvents } from './schema/tenants.ts'

/** Who changed who may do what. Kept for a year; the actor is a user's id, or `client:{id}`. */
export interface AuditEntry {
  tenantId: string
  serverId?: string
  actor: string
  action: AuditAction
  /** Never a secret. In SQL where the batch itself decides what it says. */
  detail: Record<string, unknown> | SQL<Record<string, unknown>>
}

/** One statement, for a batch with the change it tells of. */
export function auditStatement(store: Store, { tenantId, serverId, actor, action, detail }: AuditEntry) {
  const createdAt = new Date()
  return store
    .insert(auditEvents)
    .values({ id: newSortableId(createdAt), tenantId, serverId: serverId ?? null, actor, action, detail, createdAt })
}

/** The same of each row a condition finds, which nobody looked at before: what a batch is about to end because there are too many. `detail` is of the row, in SQL. */
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
  /** The slug of the hosted server it is about; null where it is about none, or the server is gone. */
  server: string | null
}

/** Newest first. */
export async function findAuditEvents(store: Store, tenantId: string, { before, limit }: PageRequest): Promise<AuditEvent[]> {
  return store
    .select({ ...getTableColumns(auditEvents), server: hostedServers.slug })
    .from(auditEvents)
    .leftJoin(hostedServers, and(eq(hostedServers.id, auditEvents.serverId), eq(hostedServers.tenantId, auditEvents.tenantId)))
    .where(and(eq(auditEvents.tenantId, tenantId), olderThan(auditEvents, before)))
    .orderBy(desc(auditEvents.createdAt), desc(auditEvents.id))
    .limit(limit)
}
