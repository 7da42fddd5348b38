import { useQuery } from '@tanstack/react-query'
import type { ActivityBody } from '../../../../protocol/api.ts'
import { Badge } from '../../components/badge.tsx'
import { Table } from '../../components/table.tsx'
import { Untrusted } from '../../components/untrusted.tsx'
import { membersQuery } from '../people/queries.ts'
import { Caller, Outcome } from './call-cells.tsx'
import { nameOf } from './call-names.ts'

const clock = new Intl.DateTimeFormat('en', { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false })
const day = new Intl.DateTimeFormat('en', { month: 'short', day: 'numeric' })
const LEVELS: Record<string, 'plain' | 'warn' | 'bad'> = { warn: 'warn', error: 'bad' }

interface ActivityTableProps {
  tenant: string
  items: readonly ActivityBody[]
  /** Filters by a correlation ID. */
  onCorrelation: (id: string) => void
}

export function ActivityTable({ tenant, items, onCorrelation }: ActivityTableProps) {
  const members = useQuery(membersQuery(tenant)).data
  const nameOfUser = (userId: string | undefined) => members?.find((member) => member.userId === userId)?.name
  return (
    <Table
      label="Activity"
      rows={items}
      keyOf={({ id }) => id}
      columns={[
        {
          name: 'Time',
          className: 'w-28',
          cell: ({ at }) => (
            <time dateTime={new Date(at).toISOString()} className="tabular-nums">
              {clock.format(at)} <span className="text-sm text-soft @3xl:block">{day.format(at)}</span>
            </time>
          ),
        },
        {
          name: 'Details',
          cell: (item) => (
            <>
              {item.kind === 'call' ? (
                <code className="text-sm font-semibold">
                  <Untrusted text={nameOf(item)} lines={2} />
                </code>
              ) : (
                <code className="text-sm">
                  <Untrusted text={item.message} multiline />
                </code>
              )}
              {item.correlationId !== undefined && (
                <button
                  type="button"
                  className="link mt-1 block text-left font-mono text-sm [overflow-wrap:anywhere]"
                  onClick={() => onCorrelation(item.correlationId ?? '')}
                >
                  <span className="sr-only">Filter by correlation ID </span>
                  {item.correlationId}
                </button>
              )}
            </>
          ),
        },
        {
          name: 'Source',
          className: 'w-52',
          cell: (item) =>
            item.kind === 'call' ? (
              <>
                <Caller {...item} />
                {nameOfUser(item.userId) && (
                  <span className="block text-sm text-soft">
                    <Untrusted text={nameOfUser(item.userId) ?? ''} lines={1} />
                  </span>
                )}
              </>
            ) : (
              <span className="text-soft">
                {item.origin === 'platform' ? 'Platform' : item.origin === 'exception' ? 'Exception' : 'Console'}
              </span>
            ),
        },
        {
          name: 'Outcome',
          className: 'w-40',
          cell: (item) =>
            item.kind === 'call' ? (
              <>
                <Outcome {...item} />
                <span className="block text-sm text-soft">
                  {item.durationMs.toLocaleString('en')} ms, version {item.version}
                </span>
              </>
            ) : (
              <Badge tone={LEVELS[item.level] ?? 'plain'}>{item.level}</Badge>
            ),
        },
      ]}
    />
  )
}
