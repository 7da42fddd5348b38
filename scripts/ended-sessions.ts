import { rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { listDatabases } from './local-database.ts'

/** A new session has written its first row long before this time. */
const MIN_AGE_MS = 60_000

/**
 * Removes the files of ended sessions, because workerd keeps the empty database of an object after
 * `deleteAll()`. A session id is used once, so such an object is never used again.
 */
export class EndedSessions {
  readonly #folder: string
  readonly #minAgeMs: number
  /** Time of the last change by file, for sessions that had rows. */
  readonly #open = new Map<string, number>()

  constructor(persistPath: string, minAgeMs = MIN_AGE_MS) {
    this.#folder = join(persistPath, 'do/wharf-McpSession')
    this.#minAgeMs = minAgeMs
  }

  /** Returns the number of removed sessions. */
  async remove(): Promise<number> {
    let removed = 0
    for (const path of listDatabases(this.#folder)) {
      if (this.#removeIfEnded(path)) removed += 1
      await nextTurn()
    }
    return removed
  }

  #removeIfEnded(path: string): boolean {
    try {
      const changed = Math.max(lastChange(path), lastChange(`${path}-wal`))
      if (Date.now() - changed < this.#minAgeMs || this.#open.get(path) === changed) return false
      if (!isEmpty(path)) {
        this.#open.set(path, changed)
        return false
      }
      for (const part of [path, `${path}-wal`, `${path}-shm`]) rmSync(part, { force: true })
      this.#open.delete(path)
      return true
    } catch {
      return false // workerd works on the file; a later run sees it again
    }
  }
}

function lastChange(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
}

/** Returns true if no table has a row. Tables whose names start with `_cf` are workerd's own. */
function isEmpty(path: string): boolean {
  const database = new DatabaseSync(path, { readOnly: true, timeout: 0 })
  try {
    const tables = database.prepare(`SELECT name FROM sqlite_master WHERE type = 'table'`).all()
    return tables
      .map(({ name }) => String(name))
      .filter((name) => name !== '_cf_METADATA' && !name.startsWith('__miniflare'))
      .every((name) => database.prepare(`SELECT 1 FROM "${name.replaceAll('"', '""')}" LIMIT 1`).get() === undefined)
  } finally {
    database.close()
  }
}
