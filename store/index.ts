import { drizzle, type DrizzleD1Database } from 'drizzle-orm/d1'

/**
 * The only access to D1. Related writes are one statement or one `store.batch`, because D1 has no
 * `transaction()`.
 */
export type Store = DrizzleD1Database

export function openStore(env: Pick<Env, 'DB'>): Store {
  return drizzle(env.DB, { casing: 'snake_case' })
}
