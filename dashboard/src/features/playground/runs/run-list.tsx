import { History } from 'lucide-react'
import { Badge } from '../../../components/badge.tsx'
import { Button } from '../../../components/button.tsx'
import { EmptyState } from '../../../components/empty-state.tsx'
import { RelativeTime } from '../../../components/relative-time.tsx'
import { Untrusted } from '../../../components/untrusted.tsx'
import { labelOf, type Asked, type Run } from './runs.ts'

interface RunListProps {
  runs: readonly Run[]
  /** Opens what was called, with the arguments it was called with. */
  onOpen: (asked: Asked) => void
  onClear: () => void
}

/** The calls of this tab, newest first. */
export function RunList({ runs, onOpen, onClear }: RunListProps) {
  if (runs.length === 0) {
    return (
      <EmptyState icon={History} title="No calls yet">
        What you call here is kept in this tab, with its arguments and answers.
      </EmptyState>
    )
  }
  return (
    <div className="grid grid-cols-1 gap-3">
      <ol aria-label="Calls" className="divide-y divide-line rounded-xl border border-line bg-sheet">
        {runs.map((run) => (
          <li key={run.id} className="flex flex-wrap items-center gap-x-4 gap-y-1 px-3 py-2">
            <div className="min-w-0 flex-1 basis-56">
              <code className="font-semibold">
                <Untrusted text={labelOf(run.asked)} lines={1} />
              </code>
              <div className="font-mono text-sm text-soft">
                {run.asked.kind !== 'resource' && <Untrusted text={JSON.stringify(run.asked.given)} lines={1} />}
              </div>
            </div>
            <Verdict run={run} />
            <span className="text-sm text-soft">
              {run.revision}
              {run.version !== undefined && `, version ${run.version}`}
              {' · '}
              <RelativeTime at={run.startedAt} />
            </span>
            <Button kind="secondary" onClick={() => onOpen(run.asked)}>
              Open<span className="sr-only"> the call of {labelOf(run.asked).slice(0, 100)}</span>
            </Button>
          </li>
        ))}
      </ol>
      <Button kind="quiet" onClick={onClear} className="justify-self-start">
        Clear the list
      </Button>
    </div>
  )
}

function Verdict({ run: { endedAt, failure, outcome } }: { run: Run }) {
  if (endedAt === undefined) return <Badge tone="accent">under way</Badge>
  if (failure)
    return <Badge tone={failure.kind === 'cancelled' ? 'plain' : 'bad'}>{failure.kind === 'cancelled' ? 'cancelled' : 'failed'}</Badge>
  if (outcome?.kind === 'tool' && outcome.result.isError === true) return <Badge tone="bad">tool error</Badge>
  return <Badge tone="good">answered</Badge>
}
