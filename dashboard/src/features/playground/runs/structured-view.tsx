import { useMemo, useState } from 'react'
import { Table } from '../../../components/table.tsx'
import { Tabs } from '../../../components/tabs.tsx'
import { Untrusted } from '../../../components/untrusted.tsx'
import { faultsOf, type Schema } from '../schema-form/faults.ts'
import { JsonText } from './long-text.tsx'
import { type PlainTable, type Row, tableOf } from './plain-table.ts'

/**
 * Structured output as JSON, and as a table if possible. Warns if the output violates the schema.
 */
export function Structured({ value, schema }: { value: unknown; schema: Schema | undefined }) {
  const table = useMemo(() => tableOf(value), [value])
  const faults = useMemo(() => (schema ? misfits(schema, value) : []), [schema, value])
  const [shown, setShown] = useState<'table' | 'json'>('table')
  return (
    <div className="grid grid-cols-1 gap-3">
      {faults.length > 0 && (
        <div role="alert" className="rounded-lg bg-warn-ground px-4 py-3 text-warn-ink">
          The output violates the output schema. Strict clients reject it.
          <ul className="list-disc pl-5">
            {faults.slice(0, 10).map((fault) => (
              <li key={fault}>
                <Untrusted text={fault} />
              </li>
            ))}
          </ul>
        </div>
      )}
      {table ? (
        <Tabs
          label="Structured output"
          value={shown}
          onChange={setShown}
          tabs={[
            { value: 'table', label: 'Table', content: <DataTable table={table} /> },
            { value: 'json', label: 'JSON', content: <JsonText value={value} what="the structured output" /> },
          ]}
        />
      ) : (
        <JsonText value={value} what="the structured output" />
      )}
    </div>
  )
}

function DataTable({ table: { columns, rows } }: { table: PlainTable }) {
  return (
    <Table
      label="Structured output"
      columns={columns.map((name) => ({ name, cell: ({ row }: { row: Row }) => <Untrusted text={cellText(row[name])} /> }))}
      rows={rows}
      keyOf={({ index }) => index}
    />
  )
}

function cellText(value: unknown): string {
  return typeof value === 'string' ? value : value === undefined ? '' : (JSON.stringify(value) ?? '')
}

function misfits(schema: Schema, value: unknown): string[] {
  try {
    return faultsOf(schema, value).map(({ path, message }) => `${path.join('.') || 'Output'} ${message}`)
  } catch (error) {
    return [`The output schema is invalid: ${error instanceof Error ? error.message.split('\n', 1)[0] : String(error)}`]
  }
}
