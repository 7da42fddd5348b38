import { LoaderCircle, type LucideIcon } from 'lucide-react'
import type { ComponentProps } from 'react'
import { Tooltip } from './tooltip.tsx'

export type ButtonKind = 'primary' | 'secondary' | 'quiet' | 'danger'

const BASE =
  'inline-flex min-h-9 items-center justify-center gap-2 rounded-lg border px-3.5 py-1 text-center font-semibold no-underline transition-[background-color,border-color,box-shadow] active:translate-y-px disabled:opacity-60 aria-disabled:opacity-60 pointer-coarse:min-h-11'
const KINDS: Record<ButtonKind, string> = {
  primary:
    'border-accent bg-accent text-on-accent shadow-[var(--shadow-card),inset_0_1px_0_rgb(255_255_255/0.18)] hover:bg-[color-mix(in_oklab,var(--accent),var(--ink)_16%)]',
  secondary: 'border-[color-mix(in_oklab,var(--edge),var(--line)_45%)] bg-sheet text-ink shadow-card hover:border-edge hover:bg-ground',
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
        className={`inline-flex size-9 shrink-0 pointer-coarse:size-11 items-center justify-center rounded-lg border transition-colors disabled:opacity-60 ${KINDS[kind]} ${className}`}
      >
        <Icon aria-hidden className="size-4.5" />
      </button>
    </Tooltip>
  )
}
