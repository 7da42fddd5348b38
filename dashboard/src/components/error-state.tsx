import { RotateCw, TriangleAlert } from 'lucide-react'
import { ApiProblem } from '../api.ts'
import { Button } from './button.tsx'

/** Returns the title, the details and the next step of an error, for the user. */
export function explain(problem: unknown): { title: string; detail: string; advice: string } {
  if (!(problem instanceof ApiProblem)) {
    const isStale = problem instanceof TypeError && /import/i.test(problem.message)
    return isStale
      ? { title: 'New release', detail: 'This page is from an earlier release.', advice: 'Reload the page.' }
      : {
          title: 'This page failed to load',
          detail: problem instanceof Error ? problem.message : String(problem),
          advice: 'Reload the page. If the error persists, report it.',
        }
  }
  if (problem.title === 'Tenant suspended')
    return { title: problem.title, detail: problem.message, advice: 'Contact the operator of this platform.' }
  return { title: problem.title, detail: problem.message, advice: adviceFor(problem.status) }
}

function adviceFor(status: number): string {
  if (status === 0) return 'Check your connection and retry.'
  if (status === 401) return 'Sign in in another tab, then retry here.'
  if (status === 403) return 'Ask an admin or owner for a higher role.'
  if (status === 404) return 'The item may have been renamed or deleted, or you are no longer a member.'
  if (status === 409) return 'Reload to see the current state, then retry.'
  if (status === 429) return 'Wait a minute and retry.'
  return status >= 500 ? 'Retry in a moment.' : ''
}

/** A retry would return the same error. */
function isPermanent(problem: unknown): boolean {
  return problem instanceof ApiProblem && (problem.status === 403 || problem.status === 404)
}

function isSignedOut(problem: unknown): boolean {
  return problem instanceof ApiProblem && problem.status === 401
}

interface ErrorStateProps {
  problem: unknown
  onRetry?: (() => void) | undefined
  /** The error is the whole page, so the heading is the h1. */
  isPage?: boolean
}

/** Replaces content that failed to load. */
export function ErrorState({ problem, onRetry, isPage = false }: ErrorStateProps) {
  const { title, detail, advice } = explain(problem)
  const Heading = isPage ? 'h1' : 'h2'
  return (
    <div role="alert" className="rounded-xl border border-line bg-sheet p-6 shadow-card">
      <Heading className="flex items-center gap-2 text-lg font-bold">
        <TriangleAlert aria-hidden className="size-5 shrink-0 text-bad" /> {title}
      </Heading>
      <p className="mt-2 [overflow-wrap:anywhere]">{detail}</p>
      {advice && <p className="mt-1 text-soft">{advice}</p>}
      {onRetry && !isPermanent(problem) && (
        <Button kind="secondary" icon={RotateCw} onClick={onRetry} className="mt-4">
          Retry
        </Button>
      )}
    </div>
  )
}

/** The error of a form, shown above the buttons. */
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
