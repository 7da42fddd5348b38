import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense } from 'react'
import { Loaded, Skeleton } from '../../components/loaded.tsx'
import { activitySummaryQuery, type ActivityPeriod } from './queries.ts'
import { callsSummary } from './calls-summary.ts'

const CallsChart = lazy(() => import('./calls-chart.tsx'))

const PERIODS: Record<ActivityPeriod, string> = { hour: 'the last hour', day: 'the last 24 hours', fortnight: 'the last 14 days' }

/** A chart with a text summary. */
export function CallsOverTime({
  tenant,
  server,
  period,
  refetchEvery,
}: {
  tenant: string
  server: string
  period: ActivityPeriod
  refetchEvery?: number
}) {
  const query = useQuery({ ...activitySummaryQuery(tenant, server, period), refetchInterval: refetchEvery ?? false })
  return (
    <Loaded query={query} skeleton={<Skeleton lines={4} />}>
      {(summary) => (
        <figure>
          <figcaption className="mb-2 text-soft">{callsSummary(summary, PERIODS[period])}</figcaption>
          <Suspense fallback={<div className="h-[150px]" />}>
            <CallsChart summary={summary} />
          </Suspense>
        </figure>
      )}
    </Loaded>
  )
}
