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
const LOOK_EVERY = 4_000

const PERIODS = [
  { value: 'hour', label: 'Last hour' },
  { value: 'day', label: 'Last 24 hours' },
  { value: 'fortnight', label: 'Last 14 days' },
] as const

/** Calls and log lines, newest first. What is filtered is in the address, to be passed on. */
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
    // a page further down would shift under who reads it
    refetchInterval: ({ state }) => (live && (state.data?.pages.length ?? 1) === 1 ? LOOK_EVERY : false),
  })
  const change = (next: Partial<typeof search>) => void navigate({ search: { ...search, ...next }, replace: true })
  const isFiltered = kind !== undefined || problems || id !== undefined
  return (
    <>
      <PageHeader title="Activity" context={`${tenant}/${server}`}>
        The last 1,000 calls and 2,000 log lines, for up to 14 days. Arguments and results are not kept.
      </PageHeader>
      <div className="grid gap-6">
        <Card
          title="Calls over time"
          actions={<Select aria-label="Period" value={period} onChange={setPeriod} options={PERIODS} className="w-auto!" />}
        >
          <CallsOverTime tenant={tenant} server={server} period={period} {...(live ? { refetchEvery: 5 * LOOK_EVERY } : {})} />
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
                    title="Nothing like that"
                    action={
                      <Button kind="secondary" onClick={() => void navigate({ search: {} })}>
                        Show everything
                      </Button>
                    }
                  >
                    No kept call or log line fits what is asked for.
                  </EmptyState>
                ) : (
                  <EmptyState icon={Activity} title="Nothing yet">
                    Calls appear here as they come, and what the server writes to its console.
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
                        Show older
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
