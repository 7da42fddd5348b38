import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { convertV4MiniflareOptions, Miniflare } from 'miniflare'
import { createTrackingTable, migrationsFolder } from './migrations.ts'

/**
 * Applies the migrations named by the arguments to the database below the first argument. A
 * migration and its record are one batch, so a kill loses no part of a migration.
 */
const [, , persistPath = '', ...names] = process.argv

const miniflare = new Miniflare(
  convertV4MiniflareOptions({
    script: 'export default {}',
    modules: true,
    name: 'migrate',
    compatibilityDate: '2026-10-01',
    d1Databases: { DB: { id: 'wharf' } },
    resourcePersistencePath: persistPath,
    cacheAPI: false,
    cf: false,
    telemetry: { enabled: false },
  }),
)
const database = await miniflare.getD1Database('DB')
await database.prepare(createTrackingTable).run()
for (const name of names) {
  const text = await readFile(join(migrationsFolder, name), 'utf8')
  const statements = text.split('--> statement-breakpoint').filter((statement) => statement.trim() !== '')
  const record = database.prepare('INSERT INTO d1_migrations (name) VALUES (?)').bind(name)
  await database.batch([...statements.map((statement) => database.prepare(statement)), record])
}
await miniflare.dispose()
process.exit(0)
