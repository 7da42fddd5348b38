import { useWindowVirtualizer } from '@tanstack/react-virtual'
import { type ReactNode, useLayoutEffect, useRef, useState } from 'react'

export interface Column<T> {
  name: string
  cell: (row: T) => ReactNode
  /** Width of the column, such as `w-40`. */
  className?: string
  /** Shows the name to screen readers only, as for a column of buttons. */
  nameless?: boolean
}

interface TableProps<T> {
  /** Accessible name of the table. */
  label: string
  columns: readonly Column<T>[]
  rows: readonly T[]
  keyOf: (row: T) => string | number
}

/** Longer tables render only the visible rows. */
const VIRTUAL_FROM = 100
const FIRST_ROW_HEIGHT = 53

/**
 * A table, or a list of cards if the container is narrow. Roles are explicit, because a changed
 * `display` removes the implicit ones.
 */
export function Table<T>({ label, columns, rows, keyOf }: TableProps<T>) {
  const isVirtual = rows.length > VIRTUAL_FROM
  return (
    <div className="@container">
      <table role="table" aria-label={label} aria-rowcount={rows.length + 1} className="block w-full text-left @3xl:table @3xl:table-fixed">
        <thead role="rowgroup" className="hidden border-b border-line text-[0.8125rem] text-soft @3xl:table-header-group">
          <tr role="row" aria-rowindex={1}>
            {columns.map(({ name, className = '', nameless }) => (
              <th role="columnheader" key={name} scope="col" className={`px-3 py-2 font-medium ${className}`}>
                <span className={nameless ? 'sr-only' : ''}>{name}</span>
              </th>
            ))}
          </tr>
        </thead>
        {isVirtual ? (
          <VirtualRows columns={columns} rows={rows} keyOf={keyOf} />
        ) : (
          <tbody role="rowgroup" className="block @3xl:table-row-group">
            {rows.map((row, index) => (
              <Row key={keyOf(row)} row={row} columns={columns} index={index} />
            ))}
          </tbody>
        )}
      </table>
    </div>
  )
}

function VirtualRows<T>({ columns, rows, keyOf }: Omit<TableProps<T>, 'label'>) {
  const body = useRef<HTMLTableSectionElement>(null)
  const [top, setTop] = useState(0)
  // content above the table can change the position
  useLayoutEffect(() => {
    if (body.current) setTop(body.current.getBoundingClientRect().top + window.scrollY)
  }, [rows])
  const usual = useRef({ height: FIRST_ROW_HEIGHT, measured: 0 })
  const virtualizer = useWindowVirtualizer({
    count: rows.length,
    // the mean height of measured rows keeps the scroll position stable
    estimateSize: () => usual.current.height,
    measureElement: (element) => {
      const { height } = element.getBoundingClientRect()
      usual.current.measured += 1
      usual.current.height += (height - usual.current.height) / usual.current.measured
      return height
    },
    overscan: 10,
    scrollMargin: top,
    getItemKey: (index) => {
      const row = rows[index]
      return row === undefined ? index : keyOf(row)
    },
  })
  const items = virtualizer.getVirtualItems()
  const before = (items[0]?.start ?? top) - top
  const after = virtualizer.getTotalSize() - ((items.at(-1)?.end ?? top) - top)
  return (
    <tbody ref={body} role="rowgroup" className="block @3xl:table-row-group">
      <tr role="presentation" style={{ height: before }} className="block @3xl:table-row" />
      {items.map(({ index, key }) => {
        const row = rows[index]
        return row === undefined ? null : <Row key={key} row={row} columns={columns} index={index} measure={virtualizer.measureElement} />
      })}
      <tr role="presentation" style={{ height: Math.max(0, after) }} className="block @3xl:table-row" />
    </tbody>
  )
}

interface RowProps<T> {
  row: T
  columns: readonly Column<T>[]
  index: number
  measure?: (element: Element | null) => void
}

function Row<T>({ row, columns, index, measure }: RowProps<T>) {
  return (
    <tr
      role="row"
      aria-rowindex={index + 2}
      data-index={index}
      ref={measure}
      className="block border-b border-line py-2 last:border-b-0 @3xl:table-row @3xl:py-0 @3xl:hover:bg-[color-mix(in_oklab,var(--sheet),var(--ground)_60%)]"
    >
      {columns.map(({ name, cell, nameless }) => (
        <td
          role="cell"
          key={name}
          className={`flex gap-3 px-3 py-1 align-top @max-3xl:has-[>div:empty]:hidden @3xl:table-cell ${nameless ? '@3xl:py-1' : '@3xl:py-2.5'}`}
        >
          {!nameless && (
            <span aria-hidden className="w-24 max-w-[35%] shrink-0 text-sm [overflow-wrap:anywhere] text-soft @3xl:hidden">
              {name}
            </span>
          )}
          <div className={`min-w-0 flex-1 ${nameless ? '-ml-3' : ''}`}>{cell(row)}</div>
        </td>
      ))}
    </tr>
  )
}
