import { env } from 'cloudflare:workers'
import { is } from 'drizzle-orm'
import { getTableConfig, SQLiteTable } from 'drizzle-orm/sqlite-core'
import { expect, it } from 'vitest'
import * as clients from '../store/schema/clients.ts'
import * as grants from '../store/schema/grants.ts'
import * as identities from '../store/schema/identities.ts'
import * as machines from '../store/schema/machines.ts'
import * as people from '../store/schema/people.ts'
import * as servers from '../store/schema/servers.ts'
import * as tenants from '../store/schema/tenants.ts'

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
