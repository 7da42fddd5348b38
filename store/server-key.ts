import { and, eq } from 'drizzle-orm'
import type { SQLiteColumn } from 'drizzle-orm/sqlite-core'

/** The ids of a hosted server and its tenant. Each query on rows of a hosted server names both. */
export interface ServerKey {
  tenantId: string
  serverId: string
}

/** Matches the rows of a table that belong to a hosted server. */
export function ofServer(table: Record<keyof ServerKey, SQLiteColumn>, { tenantId, serverId }: ServerKey) {
  return and(eq(table.tenantId, tenantId), eq(table.serverId, serverId))
}
