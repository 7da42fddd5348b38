import { gt, isNull, or } from 'drizzle-orm'
import type { SQLiteColumn } from 'drizzle-orm/sqlite-core'

/** Matches rows that have not expired. Rows without an expiry do not expire. */
export function isLive({ expiresAt }: { expiresAt: SQLiteColumn }, now: Date) {
  return or(isNull(expiresAt), gt(expiresAt, now))
}
