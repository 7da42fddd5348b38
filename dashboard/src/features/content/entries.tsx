import { ArrowDown, ArrowUp, ChevronDown, ChevronRight, Trash2 } from 'lucide-react'
import { type ReactNode, useId } from 'react'
import { Badge } from '../../components/badge.tsx'
import { IconButton } from '../../components/button.tsx'
import { Untrusted } from '../../components/untrusted.tsx'
import { moved } from './form.ts'

interface EntriesProps<T extends { id: string }> {
  /** Accessible name of the list. */
  label: string
  /** Kind of an entry, such as "Prompt". */
  kind: string
  list: readonly T[]
  onChange: (list: readonly T[]) => void
  nameOf: (entry: T) => string
  detailOf?: (entry: T) => string
  faultsOf: (index: number) => number
  /** Ids of the open entries. */
  open: ReadonlySet<string>
  onOpen: (id: string, open: boolean) => void
  children: (entry: T, index: number) => ReactNode
}

/** Entries that open for editing, in an order that the user can change. */
export function Entries<T extends { id: string }>(props: EntriesProps<T>) {
  return (
    <ul aria-label={props.label} className="grid grid-cols-1 gap-3">
      {props.list.map((entry, index) => (
        <EntryItem key={entry.id} {...props} entry={entry} index={index} />
      ))}
    </ul>
  )
}

function EntryItem<T extends { id: string }>({
  kind,
  list,
  onChange,
  nameOf,
  detailOf,
  faultsOf,
  open,
  onOpen,
  children,
  entry,
  index,
}: EntriesProps<T> & { entry: T; index: number }) {
  const panel = useId()
  const isOpen = open.has(entry.id)
  const name = nameOf(entry)
  const label = name || `${kind} ${index + 1}`
  const faults = faultsOf(index)
  const Chevron = isOpen ? ChevronDown : ChevronRight
  return (
    <li className="rounded-xl border border-line bg-sheet">
      <div className="flex items-center gap-1 p-1.5">
        <button
          type="button"
          aria-expanded={isOpen}
          aria-controls={panel}
          onClick={() => onOpen(entry.id, !isOpen)}
          className="flex min-h-10 min-w-0 flex-1 flex-wrap items-center gap-x-2 gap-y-1 rounded-lg px-2 py-1 text-left hover:bg-ground"
        >
          <Chevron aria-hidden className="size-4 shrink-0" />
          <span className="min-w-0 flex-1">
            <span className={name ? 'font-semibold' : 'text-soft'}>
              <Untrusted text={label} lines={2} />
            </span>
            {detailOf && (
              <span className="block text-sm text-soft">
                <Untrusted text={detailOf(entry)} lines={1} />
              </span>
            )}
          </span>
          {faults > 0 && <Badge tone="bad">{faults === 1 ? '1 error' : `${faults} errors`}</Badge>}
        </button>
        {list.length > 1 && (
          <span className="flex">
            <IconButton
              icon={ArrowUp}
              label={`Move ${label} up`}
              disabled={index === 0}
              className="max-sm:w-8!"
              onClick={() => onChange(moved(list, index, -1))}
            />
            <IconButton
              icon={ArrowDown}
              label={`Move ${label} down`}
              disabled={index === list.length - 1}
              className="max-sm:w-8!"
              onClick={() => onChange(moved(list, index, 1))}
            />
          </span>
        )}
        <IconButton
          icon={Trash2}
          label={`Delete ${label}`}
          className="max-sm:w-8!"
          onClick={() => onChange(list.filter(({ id }) => id !== entry.id))}
        />
      </div>
      <div id={panel} hidden={!isOpen} className="border-t border-line p-4">
        {isOpen && children(entry, index)}
      </div>
    </li>
  )
}
