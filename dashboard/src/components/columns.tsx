import { Button } from './button.tsx'
import { RelativeTime } from './relative-time.tsx'
import type { Column } from './table.tsx'
import { Untrusted } from './untrusted.tsx'

/** A column that several tables share. */
export function lastUsedColumn<T extends { lastUsedAt: string | null }>(): Column<T> {
  return { name: 'Last used', className: 'w-36', cell: ({ lastUsedAt }) => (lastUsedAt ? <RelativeTime at={lastUsedAt} /> : 'Never') }
}

/** The column for {@link RowAction}s. */
export const ACTIONS = { name: 'Actions', nameless: true } as const

interface RowActionProps {
  label: string
  /** Completes the label for screen readers, such as the name of the row. */
  of: string
  /** Marks a destructive action. */
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
  /** Empty if there is no name; `fallback` is shown instead. */
  name: string
  fallback?: string
  /** Verified identifier under the name, or null. */
  identifier: string | null
  /** Shows the identifier in a monospace font. */
  isCode?: boolean
}

/** An untrusted display name above the verified identifier. */
export function Named({ name, fallback, identifier, isCode = false }: NamedProps) {
  const Identifier = isCode ? 'code' : 'span'
  return (
    <>
      <span className="block font-semibold">{name || fallback === undefined ? <Untrusted text={name} lines={2} /> : fallback}</span>
      {identifier !== null && (
        <Identifier className="block text-sm text-soft">
          <Untrusted text={identifier} lines={2} />
        </Identifier>
      )}
    </>
  )
}

/** The name of a secret above the first and last characters. */
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
