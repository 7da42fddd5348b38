import { type ReactNode, useEffect } from 'react'

interface PageHeaderProps {
  title: string
  /** Added to the document title, such as the name of the parent item. */
  context?: string
  children?: ReactNode
  actions?: ReactNode
}

/** The h1 of a page, which receives the focus on navigation, and the document title. */
export function PageHeader({ title, context, children, actions }: PageHeaderProps) {
  useEffect(() => {
    document.title = [title, context, 'Wharf'].filter(Boolean).join(' · ')
  }, [title, context])
  return (
    <div className="mb-6 flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
      <div className="min-w-0 flex-1 basis-64">
        <h1 tabIndex={-1} className="text-[1.75rem] leading-tight font-bold tracking-[-0.02em] [overflow-wrap:anywhere]">
          {title}
        </h1>
        {children && <div className="mt-1 max-w-3xl text-soft">{children}</div>}
      </div>
      {actions && <div className="flex flex-wrap gap-2">{actions}</div>}
    </div>
  )
}
