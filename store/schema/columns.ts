import { sql } from 'drizzle-orm'
import { integer } from 'drizzle-orm/sqlite-core'

/*
 * Of every table here: each row has an owner it goes away with, a cap its writer holds, and, where it is not the owner's to delete, an expiry the scheduled
 * sweep finds by index. Ids are random and opaque. Secrets appear as SHA-256 hashes only.
 */

/** Whole seconds. */
export const timestamp = () => integer({ mode: 'timestamp' })

export const createdAt = () =>
  timestamp()
    .notNull()
    .default(sql`(unixepoch())`)
