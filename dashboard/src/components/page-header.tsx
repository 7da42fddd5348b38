import { type ReactNode, useEffect } from 'react'

interface PageHeaderProps {
  title: string
  /** For the browser's tab and history, where the page alone does not say of what it is. */
  context?: string
  children?: ReactNode
  actions?: ReactNode
}

/** A page's one h1, which focus moves to when the page is come to, and its name in the browser. */
export function PageHeader({ title, context, children, actions }: PageHeaderProps) {
  useEffect(() => {
    document.title = [title, context, 'Wharf'].filter(Boolean).join(' · ')
  }, [title, context])
  return (
    <div className="mb-6 flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
      <div className="min-w-0 flex-1 basis-64">
        <h1 tabIndex={-1} className="text-2xl font-bold tracking-tight [overflow-wrap:anywhere]">
          {title}
        </h1>
        {children && <div className="mt-1 max-w-prose text-soft">{children}</div>}
      </div>
      {actions && <div className="flex flex-wrap gap-2">{actions}</div>}
    </div>
  )
}
