import { Button } from './button.tsx'
import { ProblemNote } from './error-state.tsx'

interface MoreButtonProps {
  query: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown; error: unknown }
  /** Items of the list, such as "events". */
  what: string
}

/** Loads the next page of a list. Hidden on the last page. */
export function MoreButton({ query, what }: MoreButtonProps) {
  if (!query.hasNextPage) return null
  return (
    <div className="mt-4 grid justify-items-center gap-3">
      {query.error != null && <ProblemNote problem={query.error} />}
      <Button kind="secondary" busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
        Load older {what}
      </Button>
    </div>
  )
}
