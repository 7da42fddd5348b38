import { Button } from './button.tsx'
import { RelativeTime } from './relative-time.tsx'
import type { Column } from './table.tsx'
import { Untrusted } from './untrusted.tsx'

/** Columns that several lists have, and what stands in them. */
export function lastUsedColumn<T extends { lastUsedAt: string | null }>(): Column<T> {
  return { name: 'Last used', className: 'w-36', cell: ({ lastUsedAt }) => (lastUsedAt ? <RelativeTime at={lastUsedAt} /> : 'Never') }
}

/** Of what can be done with a row; its cell has {@link RowAction}s in it. */
export const ACTIONS = { name: 'Actions', nameless: true } as const

interface RowActionProps {
  label: string
  /** Goes on after the label for who does not see which row it is in: "the access of …". */
  of: string
  /** It takes something away. */
  danger?: boolean
  onClick: () => void
}

export function RowAction({ label, of, danger = false, onClick }: RowActionProps) {
  return (
    <Button kind="quiet" className={`px-3! ${danger ? 'text-bad!' : ''}`} onClick={onClick}>
      {label}
      <span className="sr-only"> {of}</span>
    </Button>
  )
}

interface NamedProps {
  /** Empty where it has none; `unnamed` stands there then. */
  name: string
  unnamed?: string
  /** What it is known by beside its name, written smaller under it; null = nothing is. */
  known: string | null
  /** That is an identifier, which people compare letter by letter. */
  isCode?: boolean
}

/** Somebody or something by the name somebody else gave it, and by what that name is not to hide. */
export function Named({ name, unnamed, known, isCode = false }: NamedProps) {
  const Known = isCode ? 'code' : 'span'
  return (
    <>
      <span className="block font-semibold">{name || unnamed === undefined ? <Untrusted text={name} lines={2} /> : unnamed}</span>
      {known !== null && (
        <Known className="block text-sm text-soft">
          <Untrusted text={known} lines={2} />
        </Known>
      )}
    </>
  )
}

/** A name somebody gave to a secret, and what the secret begins and ends with. */
export function SecretName({ name, prefix, lastFour }: { name: string; prefix: string; lastFour: string }) {
  return (
    <>
      <span className="font-semibold">
        <Untrusted text={name} />
      </span>
      <code className="block text-sm text-soft">{`${prefix}…${lastFour}`}</code>
    </>
  )
}
