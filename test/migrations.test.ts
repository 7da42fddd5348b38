import { runInDurableObject, type D1Migration } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { eq, is } from 'drizzle-orm'
import { getTableConfig, SQLiteTable } from 'drizzle-orm/sqlite-core'
import { expect, it } from 'vitest'
import * as clients from '../store/schema/clients.ts'
import * as grants from '../store/schema/grants.ts'
import * as identities from '../store/schema/identities.ts'
import * as machines from '../store/schema/machines.ts'
import * as people from '../store/schema/people.ts'
import * as servers from '../store/schema/servers.ts'
import * as tenants from '../store/schema/tenants.ts'
import { findVersion } from '../store/servers/versions.ts'
import { callModern, wireServer } from './support/modern.ts'
import { createServer, createToken, store, surfaceOf } from './support/platform.ts'

const schema = [clients, grants, identities, machines, people, servers, tenants]
const tables = schema.flatMap((file) => Object.values<unknown>(file)).flatMap((value) => (is(value, SQLiteTable) ? [value] : []))
const toSnakeCase = (name: string) => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

// drizzle-kit omits ON DELETE if a later migration adds a column with a reference,
// and the referenced row could then never be deleted
it.each(tables.map((table) => getTableConfig(table)))(
  'migrated table $name has the ON DELETE rules of the schema',
  async ({ name, foreignKeys }) => {
    const { results } = await env.DB.prepare(`PRAGMA foreign_key_list(${name})`).all<{
      id: number
      table: string
      from: string
      on_delete: string
    }>()
    const kept = Map.groupBy(results, ({ id }) => id)
    const actual = [...kept.values()].map((columns) => [
      columns[0]?.table,
      columns.map(({ from }) => from).toSorted(),
      columns[0]?.on_delete,
    ])
    const wanted = foreignKeys.map((key) => {
      const { columns, foreignTable } = key.reference()
      return [
        getTableConfig(foreignTable).name,
        columns.map((column) => toSnakeCase(column.name)).toSorted(),
        (key.onDelete ?? 'no action').toUpperCase(),
      ]
    })
    const text = (keys: unknown[]) => keys.map((key) => JSON.stringify(key)).toSorted()
    expect(text(actual)).toEqual(text(wanted))
  },
)

it('migration of version content keeps every row of a database made before', async () => {
  const { TEST_MIGRATIONS: migrations } = env as unknown as { TEST_MIGRATIONS: D1Migration[] }
  const first = migrations.findIndex(({ name }) => name === '0010_version_content.sql')
  expect(first).toBeGreaterThan(0)
  // storage of a Durable Object is an empty SQLite database
  await runInDurableObject(env.SERVER_ACTIVITY.getByName('earlier database'), (_, { storage: { sql } }) => {
    for (const { queries } of migrations.slice(0, first)) for (const query of queries) sql.exec(query)
    sql.exec("INSERT INTO tenants (id, slug, name) VALUES ('t', 'acme', 'Acme')")
    sql.exec(
      "INSERT INTO hosted_servers (id, tenant_id, slug, name, active_version_id, last_version) VALUES ('s', 't', 'tools', 'Tools', 'v', 1)",
    )
    sql.exec(`INSERT INTO versions (id, tenant_id, server_id, number, source, state, bundle_hash, bundle_bytes, main_module, findings)
      VALUES ('v', 't', 's', 1, 'code', 'ready', 'h', 7, 'index.js', '[]')`)
    const before = sql.exec('SELECT * FROM versions').one()
    for (const { queries } of migrations.slice(first)) for (const query of queries) sql.exec(query)
    expect(sql.exec('SELECT * FROM versions').one()).toEqual({ ...before, content: null })
    expect(sql.exec('SELECT id, active_version_id FROM hosted_servers').toArray()).toEqual([{ id: 's', active_version_id: 'v' }])
  })
})

it('version without content runs as code and shows its main module when the row was made before the column existed', async () => {
  const tools = [{ name: 'echo', inputSchema: { type: 'object' } }]
  const server = await createServer({ code: wireServer('{ echo: async () => ({ content: [] }) }'), surface: surfaceOf(tools) })
  await store.update(servers.versions).set({ content: null }).where(eq(servers.versions.serverId, server.id))
  const { token } = await createToken(server)
  const called = await callModern(server, { token, params: { name: 'echo', arguments: {} } })
  expect(await called.json()).toMatchObject({ result: { content: [] } })
  expect(await findVersion(store, { tenantId: server.tenant.id, serverId: server.id, number: 1 })).toMatchObject({
    content: { source: 'code', bundleHash: expect.stringMatching(/^[0-9a-f]{64}$/), mainModule: 'index.js' },
    active: true,
  })
})
