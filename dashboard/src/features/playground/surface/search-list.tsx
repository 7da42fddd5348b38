import { useVirtualizer } from '@tanstack/react-virtual'
import { Search } from 'lucide-react'
import { type ReactNode, type RefObject, useDeferredValue, useEffect, useId, useMemo, useRef, useState } from 'react'
import { useChosenInSight } from '../../../components/chosen-in-sight.ts'
import { TextInput } from '../../../components/field.tsx'

interface SearchListProps<T> {
  /** Plural name of the items, such as "tools". */
  what: string
  items: readonly T[]
  keyOf: (item: T) => string
  /** Key of the open item. */
  chosen: string | undefined
  /** Returns the searchable text of an item. */
  textOf: (item: T) => string
  /** Renders an item as a link with the given class. */
  children: (item: T, className: string) => ReactNode
}

const ROW =
  'block border-l-4 border-transparent px-3 py-2 text-ink no-underline hover:bg-ground focus-visible:outline-offset-[-3px] data-[status=active]:border-accent data-[status=active]:bg-accent-ground'
const ESTIMATED_HEIGHT = 92
/** Longer lists render only the visible items. */
const VIRTUAL_FROM = 100

/** A searchable list of any length. */
export function SearchList<T>({ what, items, keyOf, chosen, textOf, children }: SearchListProps<T>) {
  const [search, setSearch] = useState('')
  const words = useDeferredValue(search).toLowerCase().split(/\s+/).filter(Boolean)
  const texts = useMemo(() => items.map((item) => textOf(item).toLowerCase()), [items, textOf])
  const found = words.length === 0 ? items : items.filter((_, index) => words.every((word) => texts[index]?.includes(word)))
  const scroller = useChosenInSight<HTMLDivElement>(chosen)
  const searchId = useId()
  return (
    <div className="flex min-h-0 flex-col overflow-hidden rounded-xl border border-line bg-sheet shadow-card">
      <div className="border-b border-line p-3">
        <label htmlFor={searchId} className="sr-only">
          Search {what}
        </label>
        <div className="relative">
          <Search aria-hidden className="pointer-events-none absolute top-3 left-3 size-4 text-soft" />
          <TextInput
            id={searchId}
            type="search"
            value={search}
            onChange={(event) => setSearch(event.target.value)}
            placeholder={`Search ${what}`}
            className="pl-9!"
          />
        </div>
        <p role="status" className="sr-only">
          {words.length > 0 ? `${found.length} of ${items.length} ${what} found` : ''}
        </p>
      </div>
      <div ref={scroller} className="max-h-[32rem] overflow-y-auto lg:max-h-[calc(100dvh-14rem)]">
        {found.length === 0 ? (
          <p className="px-4 py-6 text-soft">{items.length === 0 ? `No ${what}.` : `No matching ${what}.`}</p>
        ) : found.length > VIRTUAL_FROM ? (
          <VirtualList what={what} items={found} keyOf={keyOf} chosen={chosen} scroller={scroller}>
            {children}
          </VirtualList>
        ) : (
          <ul aria-label={what} className="divide-y divide-line">
            {found.map((item) => (
              <li key={keyOf(item)}>{children(item, ROW)}</li>
            ))}
          </ul>
        )}
      </div>
    </div>
  )
}

interface VirtualListProps<T> extends Pick<SearchListProps<T>, 'what' | 'items' | 'keyOf' | 'chosen' | 'children'> {
  scroller: RefObject<HTMLDivElement | null>
}

function VirtualList<T>({ what, items, keyOf, chosen, children, scroller }: VirtualListProps<T>) {
  const virtualizer = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ESTIMATED_HEIGHT,
    overscan: 8,
    getItemKey: (index) => {
      const item = items[index]
      return item === undefined ? index : keyOf(item)
    },
  })
  // an item that is selected initially may not be rendered yet
  const atFirst = useRef(chosen === undefined ? -1 : items.findIndex((item) => keyOf(item) === chosen))
  const { scrollElement } = virtualizer // set from the second render on
  useEffect(() => {
    if (!scrollElement) return
    if (atFirst.current > 0) virtualizer.scrollToIndex(atFirst.current, { align: 'center' })
    atFirst.current = -1
  }, [virtualizer, scrollElement])
  return (
    <ul aria-label={what} style={{ height: virtualizer.getTotalSize() }} className="relative">
      {virtualizer.getVirtualItems().map(({ index, key, start }) => {
        const item = items[index]
        return item === undefined ? null : (
          <li
            key={key}
            ref={virtualizer.measureElement}
            data-index={index}
            aria-setsize={items.length}
            aria-posinset={index + 1}
            style={{ transform: `translateY(${start}px)` }}
            className="absolute inset-x-0 top-0 border-b border-line"
          >
            {children(item, ROW)}
          </li>
        )
      })}
    </ul>
  )
}
