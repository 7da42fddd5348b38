import { LoaderCircle, type LucideIcon } from 'lucide-react'
import type { ComponentProps } from 'react'
import { Tooltip } from './tooltip.tsx'

export type ButtonKind = 'primary' | 'secondary' | 'quiet' | 'danger'

const BASE =
  'inline-flex min-h-10 items-center justify-center gap-2 rounded-lg border px-4 py-1.5 text-center font-semibold no-underline transition-colors disabled:opacity-60 aria-disabled:opacity-60'
const KINDS: Record<ButtonKind, string> = {
  primary: 'border-accent bg-accent text-on-accent hover:bg-[color-mix(in_oklab,var(--accent),var(--ink)_18%)]',
  secondary: 'border-edge bg-sheet text-ink hover:bg-ground',
  quiet: 'border-transparent text-ink hover:bg-[color-mix(in_oklab,var(--ground),var(--ink)_7%)]',
  danger: 'border-bad bg-sheet text-bad hover:bg-bad-ground',
}

/** Button classes for a link that looks like a button. */
export function buttonClass(kind: ButtonKind = 'primary', more = ''): string {
  return `${BASE} ${KINDS[kind]} ${more}`
}

interface ButtonProps extends ComponentProps<'button'> {
  kind?: ButtonKind
  icon?: LucideIcon
  /** The action is running. The button shows a spinner and ignores clicks. */
  busy?: boolean
}

export function Button({
  kind = 'primary',
  icon: Icon,
  busy = false,
  className = '',
  children,
  onClick,
  type = 'button',
  ...rest
}: ButtonProps) {
  return (
    <button
      {...rest}
      type={busy ? 'button' : type}
      aria-disabled={busy || undefined}
      aria-busy={busy || undefined}
      onClick={busy ? undefined : onClick}
      className={buttonClass(kind, className)}
    >
      {busy ? <LoaderCircle aria-hidden className="size-4 animate-spin" /> : Icon ? <Icon aria-hidden className="size-4 shrink-0" /> : null}
      {children}
    </button>
  )
}

interface IconButtonProps extends Omit<ComponentProps<'button'>, 'children'> {
  icon: LucideIcon
  /** Accessible name, also shown as a tooltip. */
  label: string
  kind?: ButtonKind
}

export function IconButton({ icon: Icon, label, kind = 'quiet', className = '', type = 'button', ...rest }: IconButtonProps) {
  return (
    <Tooltip text={label}>
      <button
        {...rest}
        type={type}
        aria-label={label}
        className={`inline-flex size-10 shrink-0 items-center justify-center rounded-lg border transition-colors disabled:opacity-60 ${KINDS[kind]} ${className}`}
      >
        <Icon aria-hidden className="size-5" />
      </button>
    </Tooltip>
  )
}
