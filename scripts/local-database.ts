import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import type { State } from './state.ts'

/** Folder of Miniflare below `--persist-to` of wrangler. */
export function persistPath({ data }: State): string {
  return join(data, 'v3')
}

/** Reads from the local database while no platform runs. */
interface Reader {
  /** Returns one column of all rows. Returns no rows if a table does not exist. */
  all: (sql: string, column: string, ...parameters: SQLInputValue[]) => string[]
}

/** Returns undefined if the database does not exist. */
export function readDatabase<T>(state: State, read: (reader: Reader) => T): T | undefined {
  const file = findFile(state)
  if (file === undefined) return undefined
  const database = new DatabaseSync(file, { readOnly: true })
  try {
    return read({
      all: (sql, column, ...parameters) => {
        try {
          return database
            .prepare(sql)
            .all(...parameters)
            .map((row) => String(row[column]))
        } catch (error) {
          if (/no such table/.test(String(error))) return []
          throw error
        }
      },
    })
  } finally {
    database.close()
  }
}

export function hasDatabase(state: State): boolean {
  return findFile(state) !== undefined
}

/** The name of the file is a hash, and the platform has one database. */
function findFile(state: State): string | undefined {
  const folder = join(persistPath(state), 'd1/miniflare-D1DatabaseObject')
  const name = listFiles(folder).find((each) => /^[0-9a-f]{64}\.sqlite$/.test(each))
  return name === undefined ? undefined : join(folder, name)
}

function listFiles(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
