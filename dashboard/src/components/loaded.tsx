import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { ErrorState } from './error-state.tsx'

/** Grey placeholder lines for loading text. */
export function Skeleton({ lines = 3, label = 'Loading' }: { lines?: number; label?: string }) {
  return (
    <div role="status" className="grid animate-pulse gap-3 py-2">
      <span className="sr-only">{label} …</span>
      {Array.from({ length: lines }, (_, line) => (
        <span key={line} aria-hidden className={`block h-4 rounded bg-line ${line % 3 === 2 ? 'w-2/3' : 'w-full'}`} />
      ))}
    </div>
  )
}

interface LoadedProps<T> {
  query: Pick<UseQueryResult<T>, 'data' | 'error' | 'refetch'>
  skeleton?: ReactNode
  /** The content is the whole page. */
  isPage?: boolean
  children: (data: T) => ReactNode
}

/**
 * Shows the data of a query, a skeleton while loading, or the error. Old data stays during a
 * refetch.
 */
export function Loaded<T>({ query, skeleton = <Skeleton />, isPage = false, children }: LoadedProps<T>) {
  if (query.data !== undefined) return children(query.data)
  if (query.error) return <ErrorState problem={query.error} onRetry={() => void query.refetch()} isPage={isPage} />
  return skeleton
}
