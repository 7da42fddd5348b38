import { and, desc, eq, lt } from 'drizzle-orm'
import { newId } from '../protocol/random.ts'
import type { Store } from './index.ts'
import { auditEvents } from './schema.ts'

/** Who changed who may do what. Kept for a year; the actor is a user's id, or `client:{id}`. */
export interface AuditEntry {
  tenantId: string
  serverId?: string
  actor: string
  action: string
  /** Never a secret. */
  detail: Record<string, unknown>
}

/** One statement, for a batch with the change it tells of. */
export function auditStatement(store: Store, { tenantId, serverId, actor, action, detail }: AuditEntry) {
  return store
    .insert(auditEvents)
    .values({ id: newId(), tenantId, serverId: serverId ?? null, actor, action, detail, createdAt: new Date() })
}

export async function addAuditEvent(store: Store, entry: AuditEntry): Promise<void> {
  await auditStatement(store, entry)
}

/** Newest first, older than `before`. */
export async function findAuditEvents(store: Store, tenantId: string, { before, limit }: { before: Date | undefined; limit: number }) {
  return store
    .select()
    .from(auditEvents)
    .where(and(eq(auditEvents.tenantId, tenantId), before ? lt(auditEvents.createdAt, before) : undefined))
    .orderBy(desc(auditEvents.createdAt))
    .limit(limit)
}
