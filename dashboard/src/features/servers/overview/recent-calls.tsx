import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Activity } from 'lucide-react'
import { Card } from '../../../components/card.tsx'
import { EmptyState } from '../../../components/empty-state.tsx'
import { Loaded } from '../../../components/loaded.tsx'
import { RelativeTime } from '../../../components/relative-time.tsx'
import { Table } from '../../../components/table.tsx'
import { Untrusted } from '../../../components/untrusted.tsx'
import { Caller, Outcome } from '../../activity/call-cells.tsx'
import { nameOf } from '../../activity/call-names.ts'
import { CallsOverTime } from '../../activity/calls-over-time.tsx'
import { recentCallsQuery } from '../../activity/queries.ts'

const REFETCH_MS = 10_000

/** Chart of the last 24 hours and the most recent calls. */
export function RecentCalls({ tenant, server }: { tenant: string; server: string }) {
  const query = useQuery({ ...recentCallsQuery(tenant, server), refetchInterval: REFETCH_MS })
  return (
    <Card
      title="Calls"
      actions={
        <Link to="/t/$tenant/s/$server/activity" params={{ tenant, server }} className="link">
          All activity
        </Link>
      }
    >
      <Loaded query={query}>
        {(calls) =>
          calls.length === 0 ? (
            <EmptyState icon={Activity} title="No calls">
              Calls appear here with their caller, duration and outcome. Arguments and results are not stored.
            </EmptyState>
          ) : (
            <div className="grid gap-4">
              <CallsOverTime tenant={tenant} server={server} period="day" refetchEvery={6 * REFETCH_MS} />
              <Table
                label="Recent calls"
                rows={calls.slice(0, 8)}
                keyOf={({ id }) => id}
                columns={[
                  {
                    name: 'Call',
                    cell: (call) => (
                      <code className="text-sm">
                        <Untrusted text={nameOf(call)} lines={1} />
                      </code>
                    ),
                  },
                  { name: 'Client', cell: (call) => <Caller {...call} /> },
                  {
                    name: 'Duration',
                    className: 'w-24',
                    cell: ({ durationMs }) => <span className="whitespace-nowrap">{durationMs.toLocaleString('en')} ms</span>,
                  },
                  { name: 'Outcome', className: 'w-36', cell: (call) => <Outcome {...call} /> },
                  { name: 'Time', className: 'w-36', cell: ({ at }) => <RelativeTime at={at} /> },
                ]}
              />
            </div>
          )
        }
      </Loaded>
    </Card>
  )
}
