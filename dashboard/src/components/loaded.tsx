import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { ErrorState } from './error-state.tsx'

/** Grey where text will be. */
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
  /** It is all that the page has. */
  isPage?: boolean
  children: (data: T) => ReactNode
}

/** What a query brought; grey until then; why not, with a way to try again, when it did not come. What was there once stays while it is asked for again. */
export function Loaded<T>({ query, skeleton = <Skeleton />, isPage = false, children }: LoadedProps<T>) {
  if (query.data !== undefined) return children(query.data)
  if (query.error) return <ErrorState problem={query.error} onRetry={() => void query.refetch()} isPage={isPage} />
  return skeleton
}
