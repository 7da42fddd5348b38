import { and, desc, eq, type SQL } from 'drizzle-orm'
import type { AuditAction } from '../protocol/audit.ts'
import { newIdInOrder } from '../protocol/random.ts'
import type { Store } from './index.ts'
import { olderThan, type PageRequest } from './paging.ts'
import { auditEvents } from './schema.ts'

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
    .values({ id: newIdInOrder(createdAt), tenantId, serverId: serverId ?? null, actor, action, detail, createdAt })
}

export type AuditEvent = typeof auditEvents.$inferSelect

/** Newest first. */
export async function findAuditEvents(store: Store, tenantId: string, { before, limit }: PageRequest): Promise<AuditEvent[]> {
  return store
    .select()
    .from(auditEvents)
    .where(and(eq(auditEvents.tenantId, tenantId), olderThan(auditEvents, before)))
    .orderBy(desc(auditEvents.createdAt), desc(auditEvents.id))
    .limit(limit)
}
