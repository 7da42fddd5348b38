import { RotateCw, TriangleAlert } from 'lucide-react'
import { ApiProblem } from '../api.ts'
import { Button } from './button.tsx'

/** What happened and what to do about it, in words for the person at the screen. */
export function explain(problem: unknown): { title: string; detail: string; advice: string } {
  if (!(problem instanceof ApiProblem)) {
    const isStale = problem instanceof TypeError && /import/i.test(problem.message)
    return isStale
      ? { title: 'A new release is out', detail: 'This page belongs to an earlier one.', advice: 'Load the page again.' }
      : {
          title: 'This page failed',
          detail: problem instanceof Error ? problem.message : String(problem),
          advice: 'Load it again. If it happens again, report it.',
        }
  }
  return { title: problem.title, detail: problem.message, advice: adviceFor(problem.status) }
}

function adviceFor(status: number): string {
  if (status === 0) return 'Check your connection, then try again.'
  if (status === 401) return 'Sign in in another tab, then try again here.'
  if (status === 403) return 'Ask an admin or owner of the tenant for a higher role.'
  if (status === 404) return 'It may have been renamed or deleted, or you are no longer a member. Go back and look for it in the list.'
  if (status === 409) return 'Look at how things are now, then decide again.'
  if (status === 429) return 'Wait a minute, then try again.'
  return status >= 500 ? 'Try again in a moment.' : ''
}

/** Asked again, it would be answered the same. */
function isSettled(problem: unknown): boolean {
  return problem instanceof ApiProblem && (problem.status === 403 || problem.status === 404)
}

function isSignedOut(problem: unknown): boolean {
  return problem instanceof ApiProblem && problem.status === 401
}

interface ErrorStateProps {
  problem: unknown
  onRetry?: (() => void) | undefined
  /** There is nothing else on the page, so its heading is the page's. */
  isPage?: boolean
}

/** In place of what could not be shown. */
export function ErrorState({ problem, onRetry, isPage = false }: ErrorStateProps) {
  const { title, detail, advice } = explain(problem)
  const Heading = isPage ? 'h1' : 'h2'
  return (
    <div role="alert" className="rounded-xl border border-line bg-sheet p-6">
      <Heading className="flex items-center gap-2 text-lg font-bold">
        <TriangleAlert aria-hidden className="size-5 shrink-0 text-bad" /> {title}
      </Heading>
      <p className="mt-2 [overflow-wrap:anywhere]">{detail}</p>
      {advice && <p className="mt-1 text-soft">{advice}</p>}
      {onRetry && !isSettled(problem) && (
        <Button kind="secondary" icon={RotateCw} onClick={onRetry} className="mt-4">
          Try again
        </Button>
      )}
    </div>
  )
}

/** Above the button of a form that was not accepted. */
export function ProblemNote({ problem }: { problem: unknown }) {
  const { title, detail, advice } = explain(problem)
  return (
    <div role="alert" className="rounded-lg border border-bad bg-bad-ground px-4 py-3 text-bad">
      <strong>{title}.</strong> {detail} {advice}
      {isSignedOut(problem) && (
        <>
          {' '}
          <a href="/auth/sign-in" target="_blank" rel="noreferrer" className="link">
            Sign in
          </a>
        </>
      )}
    </div>
  )
}
