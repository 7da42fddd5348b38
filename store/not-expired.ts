import { gt, isNull, or } from 'drizzle-orm'
import type { SQLiteColumn } from 'drizzle-orm/sqlite-core'

/** A row that is not over yet: one without an expiry lasts until it is ended. */
export function isLive({ expiresAt }: { expiresAt: SQLiteColumn }, now: Date) {
  return or(isNull(expiresAt), gt(expiresAt, now))
}
