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
    <div className="rounded-2xl border border-dashed border-edge px-6 py-10 text-center">
      <Icon aria-hidden className="mx-auto mb-3 size-8 text-soft" />
      <h2 className="text-lg font-bold">{title}</h2>
      {children && <div className="mx-auto mt-1 max-w-prose text-soft">{children}</div>}
      {action && <div className="mt-5">{action}</div>}
    </div>
  )
}
