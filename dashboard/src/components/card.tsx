import type { ReactNode } from 'react'

/** A titled section of a page. */
export function Card({
  title,
  actions,
  children,
  className = '',
}: {
  title?: ReactNode
  actions?: ReactNode
  children: ReactNode
  className?: string
}) {
  return (
    <section className={`rounded-xl border border-line bg-sheet p-4 shadow-card sm:p-6 ${className}`}>
      {(title !== undefined || actions !== undefined) && (
        <div className="mb-3 flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
          {title !== undefined && <h2 className="min-w-0 text-base font-bold tracking-tight [overflow-wrap:anywhere]">{title}</h2>}
          {actions}
        </div>
      )}
      {children}
    </section>
  )
}
