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
  return listDatabases(join(persistPath(state), 'd1/miniflare-D1DatabaseObject'))[0]
}

/** Returns the paths of the databases in a folder of workerd. A missing folder has none. */
export function listDatabases(folder: string): string[] {
  try {
    const names = readdirSync(folder).filter((name) => /^[0-9a-f]{64}\.sqlite$/.test(name))
    return names.map((name) => join(folder, name))
  } catch {
    return []
  }
}
