import type { BatchItem } from 'drizzle-orm/batch'
import { sql, type SQL } from 'drizzle-orm'
import type { SQLiteColumn, SQLiteTable } from 'drizzle-orm/sqlite-core'
import { d1Failure } from './d1-errors.ts'
import type { Store } from './index.ts'

/** Somebody else was first: a guard did not hold, so nothing of the batch was written. */
export class Conflict extends Error {}

/**
 * A statement that fails the batch it stands in unless the condition holds. `json_extract` of what is no JSON is the only way to raise that drizzle can
 * put in a batch; SQLite evaluates it when the condition is false or null.
 */
export function guard(store: Store, condition: SQL) {
  return store.select({ ok: sql`IIF(${condition}, 1, json_extract('x', '$'))` }).from(sql`(SELECT 1)`)
}

/** A guard that the row somebody was seen to have, or some such row, is there. */
export function isThere(store: Store, table: SQLiteTable, where: SQL | undefined) {
  return guard(store, sql`EXISTS (SELECT 1 FROM ${table} WHERE ${where})`)
}

/** Guards against a write by another request since the row was read: its version column still has that value. */
export function rowVersionIs(store: Store, column: SQLiteColumn, where: SQL | undefined, version: number) {
  return guard(store, sql`(SELECT ${column} FROM ${column.table} WHERE ${where}) = ${version}`)
}

/** One batch, all or nothing. Throws {@link Conflict} where a guard, a key or a foreign key refuses it. */
export async function commit(store: Store, statements: BatchItem<'sqlite'>[]): Promise<unknown[]> {
  const [first, ...rest] = statements
  return first ? orConflict(store.batch([first, ...rest])) : []
}

/** The same where a refusal is an answer: false. */
export async function tryCommit(store: Store, statements: BatchItem<'sqlite'>[]): Promise<boolean> {
  return (await unlessConflict(commit(store, statements))) !== undefined
}

/** The same for a batch whose rows are wanted with their types. */
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
 * Repeats `attempt` while it throws Conflict. Each attempt reads its rows again. After the last attempt
 * throws the error of `exhausted`, or the Conflict itself.
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
