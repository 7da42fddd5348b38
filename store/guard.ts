import type { BatchItem } from 'drizzle-orm/batch'
import { sql, type SQL } from 'drizzle-orm'
import type { SQLiteColumn, SQLiteTable } from 'drizzle-orm/sqlite-core'
import { d1Failure } from './d1-errors.ts'
import type { Store } from './index.ts'

/**
 * Thrown if a guard did not hold because a different request was first. The batch wrote nothing.
 */
export class Conflict extends Error {}

/**
 * Returns a statement that fails its batch unless the condition holds. If the condition is false or
 * null, SQLite runs `json_extract` on invalid JSON, the only way to raise an error that drizzle can
 * put in a batch.
 */
export function guard(store: Store, condition: SQL) {
  return store.select({ ok: sql`IIF(${condition}, 1, json_extract('x', '$'))` }).from(sql`(SELECT 1)`)
}

/** Guards that a matching row exists. */
export function isThere(store: Store, table: SQLiteTable, where: SQL | undefined) {
  return guard(store, sql`EXISTS (SELECT 1 FROM ${table} WHERE ${where})`)
}

/** Guards that no request has written the row since it was read, by its version column. */
export function rowVersionIs(store: Store, column: SQLiteColumn, where: SQL | undefined, version: number) {
  return guard(store, sql`(SELECT ${column} FROM ${column.table} WHERE ${where}) = ${version}`)
}

/**
 * Runs a batch, all or nothing. Throws {@link Conflict} if a guard, a key or a foreign key refuses
 * the batch.
 */
export async function commit(store: Store, statements: BatchItem<'sqlite'>[]): Promise<unknown[]> {
  const [first, ...rest] = statements
  return first ? orConflict(store.batch([first, ...rest])) : []
}

/** Like {@link commit}, but returns false if the batch is refused. */
export async function tryCommit(store: Store, statements: BatchItem<'sqlite'>[]): Promise<boolean> {
  return (await unlessConflict(commit(store, statements))) !== undefined
}

/** Returns the typed rows of a batch. Throws {@link Conflict} if the batch is refused. */
export async function orConflict<T>(batch: Promise<T>): Promise<T> {
  try {
    return await batch
  } catch (error) {
    throw d1Failure(error) === 'refused' ? new Conflict('written by another request first', { cause: error }) : error
  }
}

/** Returns undefined in place of the rows if the batch is refused. */
export async function unlessConflict<T>(batch: Promise<T>): Promise<T | undefined> {
  try {
    return await orConflict(batch)
  } catch (error) {
    if (error instanceof Conflict) return undefined
    throw error
  }
}

/**
 * Repeats `attempt` while it throws Conflict. Each attempt reads its rows again. After the last
 * attempt throws the error of `exhausted`, or the Conflict itself.
 */
export async function retryOnConflict<T>(
  attempts: number,
  attempt: () => Promise<T>,
  exhausted: (conflict: Conflict) => Error = (conflict) => conflict,
): Promise<T> {
  for (let left = attempts; ; left--) {
    try {
      return await attempt()
    } catch (error) {
      if (!(error instanceof Conflict)) throw error
      if (left <= 1) throw exhausted(error)
    }
  }
}
