import { readdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { join } from 'node:path'
import { persistPath, readDatabase } from './local-database.ts'
import { ROOT } from './root.ts'
import type { State } from './state.ts'
import { runTied } from './tied-process.ts'

const MIGRATE = fileURLToPath(new URL('./migrate.ts', import.meta.url))
export const migrationsFolder = join(ROOT, 'migrations')
/** Table of `wrangler d1 migrations`, so wrangler and this script find all applied migrations. */
export const createTrackingTable = `CREATE TABLE IF NOT EXISTS d1_migrations (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT UNIQUE,
  applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL
)`

/** Applies the migrations that the database does not have. */
export async function applyMigrations(state: State, log: (line: string) => void): Promise<void> {
  const applied = new Set(readDatabase(state, (database) => database.all('SELECT name FROM d1_migrations', 'name')) ?? [])
  const pending = (await readdir(migrationsFolder)).filter((name) => name.endsWith('.sql') && !applied.has(name)).toSorted()
  if (pending.length === 0) return
  log(applied.size === 0 ? 'Creating the database …' : `Changing the database to this release (${pending.length} migrations) …`)
  await runTied('Preparing the database', MIGRATE, [persistPath(state), ...pending])
}
