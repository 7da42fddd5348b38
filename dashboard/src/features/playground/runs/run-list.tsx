import { History } from 'lucide-react'
import { Badge } from '../../../components/badge.tsx'
import { Button } from '../../../components/button.tsx'
import { EmptyState } from '../../../components/empty-state.tsx'
import { RelativeTime } from '../../../components/relative-time.tsx'
import { Untrusted } from '../../../components/untrusted.tsx'
import { labelOf, type CallRequest, type Run } from './runs.ts'

interface RunListProps {
  runs: readonly Run[]
  /** Opens the called item with the same arguments. */
  onOpen: (request: CallRequest) => void
  onClear: () => void
}

/** Calls of this tab, newest first. */
export function RunList({ runs, onOpen, onClear }: RunListProps) {
  if (runs.length === 0) {
    return (
      <EmptyState icon={History} title="No calls">
        Calls appear here with their arguments and results. The list is kept in this tab only.
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
                <Untrusted text={labelOf(run.request)} lines={1} />
              </code>
              <div className="font-mono text-sm text-soft">
                {run.request.kind !== 'resource' && <Untrusted text={JSON.stringify(run.request.args)} lines={1} />}
              </div>
            </div>
            <OutcomeBadge run={run} />
            <span className="text-sm text-soft">
              {run.revision}
              {run.version !== undefined && `, version ${run.version}`}
              {' · '}
              <RelativeTime at={run.startedAt} />
            </span>
            <Button kind="secondary" onClick={() => onOpen(run.request)}>
              Open<span className="sr-only"> the call of {labelOf(run.request).slice(0, 100)}</span>
            </Button>
          </li>
        ))}
      </ol>
      <Button kind="quiet" onClick={onClear} className="justify-self-start">
        Clear list
      </Button>
    </div>
  )
}

function OutcomeBadge({ run: { endedAt, failure, outcome } }: { run: Run }) {
  if (endedAt === undefined) return <Badge tone="accent">Running</Badge>
  if (failure)
    return <Badge tone={failure.kind === 'cancelled' ? 'plain' : 'bad'}>{failure.kind === 'cancelled' ? 'Cancelled' : 'Failed'}</Badge>
  if (outcome?.kind === 'tool' && outcome.result.isError === true) return <Badge tone="bad">Tool error</Badge>
  return <Badge tone="good">OK</Badge>
}
