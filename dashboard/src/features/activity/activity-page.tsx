import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Activity } from 'lucide-react'
import { useState } from 'react'
import { ActivityTable } from './activity-table.tsx'
import { CallsOverTime } from './calls-over-time.tsx'
import { activityQuery, type ActivityPeriod } from './queries.ts'
import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { EmptyState } from '../../components/empty-state.tsx'
import { Field, Select, Switch, TextInput } from '../../components/field.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { PageHeader } from '../../components/page-header.tsx'

const route = getRouteApi('/t/$tenant/s/$server/activity')
const LOOK_EVERY = 4_000

const SHOWN = [
  { value: 'all', label: 'Calls and log lines' },
  { value: 'call', label: 'Calls' },
  { value: 'line', label: 'Log lines' },
] as const
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
          <div
            role="search"
            aria-label="Activity"
            className="mb-4 grid items-end gap-4 sm:grid-cols-2 lg:grid-cols-[14rem_minmax(0,1fr)_auto_auto]"
          >
            <Field label="Show">
              <Select value={kind ?? 'all'} onChange={(value) => change({ kind: value === 'all' ? undefined : value })} options={SHOWN} />
            </Field>
            <Field label="Correlation id">
              <TextInput
                value={id ?? ''}
                onChange={(event) => change({ id: event.target.value.trim() || undefined })}
                placeholder="What a client was told to quote"
                maxLength={100}
                autoComplete="off"
                spellCheck={false}
                className="font-mono"
              />
            </Field>
            <div className="sm:py-2">
              <Switch label="Problems only" checked={problems ?? false} onChange={(on) => change({ problems: on || undefined })} />
            </div>
            <div className="sm:py-2">
              <Switch label="Live" checked={live} onChange={setLive} />
            </div>
          </div>
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
