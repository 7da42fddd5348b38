import type { ReactNode } from 'react'

interface SectionProps {
  title: string
  /** Explains the section, beside its content where there is room. */
  about?: ReactNode
  actions?: ReactNode
  /** Marks a section of irreversible actions. */
  danger?: boolean
  children: ReactNode
}

/** A section of a settings page: name and explanation beside the content, or above it. */
export function Section({ title, about, actions, danger = false, children }: SectionProps) {
  return (
    <section className="grid gap-x-10 gap-y-4 border-t border-line pt-7 first:border-t-0 first:pt-0 xl:grid-cols-[17rem_minmax(0,1fr)]">
      <div>
        <h2 className={`text-base font-bold tracking-tight ${danger ? 'text-bad' : ''}`}>{title}</h2>
        {about && <div className="mt-1 max-w-prose text-sm text-soft">{about}</div>}
        {actions && <div className="mt-3 flex flex-wrap gap-2">{actions}</div>}
      </div>
      <div
        className={`min-w-0 rounded-xl border bg-sheet p-4 shadow-card sm:p-5 ${danger ? 'border-[color-mix(in_oklab,var(--bad),var(--line)_55%)]' : 'border-line'}`}
      >
        {children}
      </div>
    </section>
  )
}
