import { ArrowDown, ArrowUp, Trash2 } from 'lucide-react'
import type { ReactNode } from 'react'
import { IconButton } from '../../components/button.tsx'

interface EntryFrameProps {
  /** Name of the entry in headings and button labels, such as "Prompt 1". */
  label: string
  /** Name given by the user. */
  name: string
  onRemove: () => void
  onMove?: (by: -1 | 1) => void
  children: ReactNode
}

/** Frame of an entry in a list, with buttons to move and to remove the entry. */
export function EntryFrame({ label, name, onRemove, onMove, children }: EntryFrameProps) {
  return (
    <fieldset className="min-w-0 rounded-xl border border-line p-4">
      <legend className="sr-only">{label}</legend>
      <div className="mb-3 flex flex-wrap items-center gap-2">
        <p className="min-w-0 flex-1 font-semibold [overflow-wrap:anywhere]">
          {label}
          {name !== '' && <span className="font-normal text-soft"> {name}</span>}
        </p>
        {onMove && <IconButton icon={ArrowUp} label={`Move ${label} up`} onClick={() => onMove(-1)} />}
        {onMove && <IconButton icon={ArrowDown} label={`Move ${label} down`} onClick={() => onMove(1)} />}
        <IconButton icon={Trash2} label={`Remove ${label}`} onClick={onRemove} />
      </div>
      {children}
    </fieldset>
  )
}
