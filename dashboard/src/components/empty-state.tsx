import type { LucideIcon } from 'lucide-react'
import type { ReactNode } from 'react'

/** Replaces an empty list with an explanation and a first action. */
export function EmptyState({
  icon: Icon,
  title,
  children,
  action,
}: {
  icon: LucideIcon
  title: string
  children?: ReactNode
  action?: ReactNode
}) {
  return (
    <div className="overflow-hidden rounded-xl border border-dashed border-edge px-6 pt-4 pb-8 text-center">
      <div aria-hidden className="relative mx-auto mb-4 h-28 w-56 text-[color-mix(in_oklab,var(--line),var(--edge)_45%)]">
        <Quay />
        <span className="absolute top-[2.9rem] left-1/2 flex h-10 w-16 -translate-x-1/2 items-center justify-center rounded-md border border-edge bg-sheet shadow-card">
          <Icon className="size-5 text-accent" />
        </span>
      </div>
      <h2 className="text-base font-bold tracking-tight">{title}</h2>
      {children && <div className="mx-auto mt-1 max-w-prose text-soft">{children}</div>}
      {action && <div className="mt-5">{action}</div>}
    </div>
  )
}

/** A crane over the water; its load is the icon of the empty list. */
function Quay() {
  return (
    <svg
      viewBox="0 0 224 112"
      className="absolute inset-0 size-full"
      fill="none"
      stroke="currentColor"
      strokeWidth="2"
      strokeLinejoin="round"
    >
      <path d="M18 98V12M42 98V12M18 38h24M18 38l24 36M4 12h146M32 12V2M32 2l118 10M32 2L4 12M112 12v20M112 32L86 46M112 32l26 14" />
      <path d="M0 98h70M0 104h70M70 98v14" />
      <path d="M78 104q8-6 16 0t16 0t16 0t16 0t16 0t16 0t16 0t16 0t16 0" />
      <path d="M52 90h12M58 90v8" stroke="var(--buoy)" strokeWidth="4" strokeLinecap="round" />
    </svg>
  )
}
