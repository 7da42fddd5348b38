import { sql } from 'drizzle-orm'
import type { SQLiteColumn } from 'drizzle-orm/sqlite-core'

/** SQLite requires a LIMIT before an OFFSET. */
export const NO_LIMIT = 1_000_000_000

/**
 * End of a page of a list ordered newest first. Times are whole seconds, so ids order the rows
 * within a second.
 */
export interface PageCursor {
  createdAt: Date
  id: string
}

/** `limit` rows after `before`. */
export interface PageRequest {
  before: PageCursor | undefined
  limit: number
}

/**
 * Matches the rows after the end of a page, in a list ordered descending by time and id. Matches
 * all rows if `before` is undefined.
 */
export function olderThan(row: Record<keyof PageCursor, SQLiteColumn>, before: PageCursor | undefined) {
  return before && sql`(${row.createdAt}, ${row.id}) < (${Math.floor(before.createdAt.getTime() / 1000)}, ${before.id})`
}
