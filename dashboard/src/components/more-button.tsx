import { Button } from './button.tsx'
import { ProblemNote } from './error-state.tsx'

interface MoreButtonProps {
  query: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown; error: unknown }
  /** Of what there is more: "events". */
  what: string
}

/** Under a list that comes in pages: the next one, as long as there is one. */
export function MoreButton({ query, what }: MoreButtonProps) {
  if (!query.hasNextPage) return null
  return (
    <div className="mt-4 grid justify-items-center gap-3">
      {query.error != null && <ProblemNote problem={query.error} />}
      <Button kind="secondary" busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
        Older {what}
      </Button>
    </div>
  )
}
