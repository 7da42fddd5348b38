import { sql } from 'drizzle-orm'
import type { SQLiteColumn } from 'drizzle-orm/sqlite-core'

/** SQLite requires a LIMIT before an OFFSET. */
export const NO_LIMIT = 1_000_000_000

/** Where a page of a list that is newest first ended. Times are whole seconds; the ids order what happened within one. */
export interface PageCursor {
  createdAt: Date
  id: string
}

/** So many rows, after `before`. */
export interface PageRequest {
  before: PageCursor | undefined
  limit: number
}

/** For a list ordered by both, descending: what comes after a page's end, or all of it. */
export function olderThan(row: Record<keyof PageCursor, SQLiteColumn>, before: PageCursor | undefined) {
  return before && sql`(${row.createdAt}, ${row.id}) < (${Math.floor(before.createdAt.getTime() / 1000)}, ${before.id})`
}
