import { and, desc, eq, getTableColumns, gte, lte, or, sql, type SQL } from 'drizzle-orm'
import type { SQLiteTable } from 'drizzle-orm/sqlite-core'
import type { AuditAction } from '../protocol/audit.ts'
import { newSortableId, timePrefix } from '../protocol/random.ts'
import type { Store } from './index.ts'
import { olderThan, type PageRequest } from './paging.ts'
import { clients } from './schema/clients.ts'
import { users } from './schema/people.ts'
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

/** Filters of the audit log, with a page. */
export interface AuditMatch extends PageRequest {
  /** Actions, or the parts before their dots, separated by commas. */
  action?: string | undefined
  actor?: string | undefined
  /** Slug of a hosted server. */
  server?: string | undefined
  /** Earliest and latest time, as ISO 8601. */
  from?: string | undefined
  to?: string | undefined
  search?: string | undefined
}

/** Lists matching audit events, newest first. */
export async function findAuditEvents(store: Store, tenantId: string, match: AuditMatch): Promise<AuditEvent[]> {
  const { before, limit, action, actor, server, from, to, search } = match
  return store
    .select({ ...getTableColumns(auditEvents), server: hostedServers.slug })
    .from(auditEvents)
    .leftJoin(hostedServers, and(eq(hostedServers.id, auditEvents.serverId), eq(hostedServers.tenantId, auditEvents.tenantId)))
    .where(
      and(
        eq(auditEvents.tenantId, tenantId),
        olderThan(auditEvents, before),
        action === undefined ? undefined : matchesAction(action),
        actor === undefined ? undefined : eq(auditEvents.actor, actor),
        server === undefined ? undefined : eq(hostedServers.slug, server),
        from === undefined ? undefined : gte(auditEvents.createdAt, new Date(from)),
        to === undefined ? undefined : lte(auditEvents.createdAt, new Date(to)),
        search === undefined ? undefined : contains(tenantId, search.toLowerCase()),
      ),
    )
    .orderBy(desc(auditEvents.createdAt), desc(auditEvents.id))
    .limit(limit)
}

function matchesAction(list: string): SQL | undefined {
  const { action } = auditEvents
  const wanted = sql`(SELECT value FROM json_each(${JSON.stringify(list.split(','))}))`
  return or(sql`${action} IN ${wanted}`, sql`substr(${action}, 1, instr(${action}, '.') - 1) IN ${wanted}`)
}

/**
 * Matches events with a text in the action, the detail, the slug or a name. Uses `instr`, because
 * D1 limits a LIKE pattern to 50 bytes.
 */
function contains(tenantId: string, text: string): SQL | undefined {
  const { actor, action, detail } = auditEvents
  const has = (value: SQL) => sql`instr(lower(${value}), ${text}) > 0`
  const ownClients = sql`SELECT ${clients.clientId} FROM ${clients} WHERE ${clients.tenantId} = ${tenantId} AND ${has(sql`${clients.name}`)}`
  return or(
    has(sql`${detail}`),
    has(sql`${actor}`),
    has(sql`${action}`),
    // the words of the dashboard, such as "client created"
    has(sql`replace(replace(${action}, '.', ' '), '-', ' ')`),
    has(sql`coalesce(${hostedServers.slug}, '')`),
    sql`EXISTS (SELECT 1 FROM ${users} WHERE ${users.id} IN (${actor}, json_extract(${detail}, '$.userId')) AND ${has(sql`${users.name}`)})`,
    sql`(CASE WHEN ${actor} LIKE 'client:%' THEN substr(${actor}, 8) END) IN (${ownClients})`,
    sql`json_extract(${detail}, '$.clientId') IN (${ownClients})`,
  )
}
