import { sql } from 'drizzle-orm'
import { integer } from 'drizzle-orm/sqlite-core'

/** Whole seconds. */
export const timestamp = () => integer({ mode: 'timestamp' })

export const createdAt = () =>
  timestamp()
    .notNull()
    .default(sql`(unixepoch())`)
