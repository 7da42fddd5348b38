import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Activity } from 'lucide-react'
import { useState } from 'react'
import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { EmptyState } from '../../components/empty-state.tsx'
import { Select } from '../../components/field.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { PageHeader } from '../../components/page-header.tsx'
import { ActivityFilters } from './activity-filters.tsx'
import { ActivityTable } from './activity-table.tsx'
import { CallsOverTime } from './calls-over-time.tsx'
import { activityQuery, type ActivityPeriod } from './queries.ts'

const route = getRouteApi('/t/$tenant/s/$server/activity')
const REFETCH_MS = 4_000

const PERIODS = [
  { value: 'hour', label: 'Last hour' },
  { value: 'day', label: 'Last 24 hours' },
  { value: 'fortnight', label: 'Last 14 days' },
] as const

/**
 * Calls and log lines, newest first. The filter is in the query string, so a link keeps it.
 */
export function ActivityPage() {
  const { tenant, server } = route.useParams()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const [live, setLive] = useState(true)
  const [period, setPeriod] = useState<ActivityPeriod>('day')
  const { kind, problems, id } = search
  const query = useInfiniteQuery({
    ...activityQuery(tenant, server, {
      ...(kind ? { kind } : {}),
      ...(problems ? { problems } : {}),
      ...(id ? { correlationId: id } : {}),
    }),
    // a refetch would shift older pages while the user reads
    refetchInterval: ({ state }) => (live && (state.data?.pages.length ?? 1) === 1 ? REFETCH_MS : false),
  })
  const change = (next: Partial<typeof search>) => void navigate({ search: { ...search, ...next }, replace: true })
  const isFiltered = kind !== undefined || problems || id !== undefined
  return (
    <>
      <PageHeader title="Activity" context={`${tenant}/${server}`}>
        Up to 1,000 calls and 2,000 log lines of the last 14 days. Arguments and results are not stored.
      </PageHeader>
      <div className="grid gap-6">
        <Card
          title="Calls over time"
          actions={<Select aria-label="Period" value={period} onChange={setPeriod} options={PERIODS} className="w-auto!" />}
        >
          <CallsOverTime tenant={tenant} server={server} period={period} {...(live ? { refetchEvery: 5 * REFETCH_MS } : {})} />
        </Card>
        <Card>
          <ActivityFilters search={search} onChange={change} live={live} onLive={setLive} />
          <Loaded query={query}>
            {({ pages }) => {
              const items = pages.flatMap((page) => page.items)
              if (items.length === 0) {
                return isFiltered ? (
                  <EmptyState
                    icon={Activity}
                    title="No results"
                    action={
                      <Button kind="secondary" onClick={() => void navigate({ search: {} })}>
                        Clear filters
                      </Button>
                    }
                  >
                    No call or log line matches the filters.
                  </EmptyState>
                ) : (
                  <EmptyState icon={Activity} title="No activity">
                    Calls and console output of the server appear here.
                  </EmptyState>
                )
              }
              return (
                <>
                  <ActivityTable
                    tenant={tenant}
                    items={items}
                    onCorrelation={(correlation) => change({ id: correlation, kind: undefined, problems: undefined })}
                  />
                  {query.hasNextPage && (
                    <div className="mt-4 text-center">
                      <Button kind="secondary" busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
                        Load older activity
                      </Button>
                    </div>
                  )}
                </>
              )
            }}
          </Loaded>
        </Card>
      </div>
    </>
  )
}
