import { sql } from 'drizzle-orm'
import { integer } from 'drizzle-orm/sqlite-core'

/*
 * Rules for every table. A row is deleted with its owner, and its writer enforces a cap. A row that
 * the owner cannot delete also has an expiry, which the scheduled sweep finds by index. Ids are
 * random and opaque. Secrets are stored hashed, or sealed if the platform needs the value again.
 */

/** Timestamp in whole seconds. */
export const timestamp = () => integer({ mode: 'timestamp' })

export const createdAt = () =>
  timestamp()
    .notNull()
    .default(sql`(unixepoch())`)
