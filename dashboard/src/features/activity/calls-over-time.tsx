import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense } from 'react'
import type { ActivitySummaryBody } from '../../../../protocol/api.ts'
import { Loaded, Skeleton } from '../../components/loaded.tsx'
import { activitySummaryQuery, type ActivityPeriod } from './queries.ts'

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
          <figcaption className="mb-2 text-soft">{inWords(summary, PERIODS[period])}</figcaption>
          <Suspense fallback={<div className="h-[150px]" />}>
            <CallsChart summary={summary} />
          </Suspense>
        </figure>
      )}
    </Loaded>
  )
}

function inWords({ buckets }: ActivitySummaryBody, period: string): string {
  const [calls, failed] = buckets.reduce(([sum, bad], bucket) => [sum + bucket.calls, bad + bucket.failed], [0, 0])
  if (calls === 0) return `No calls in ${period}.`
  const counted = calls === 1 ? '1 call' : `${calls.toLocaleString('en')} calls`
  const failures = failed === 0 ? 'none failed' : failed === 1 ? '1 failed' : `${failed.toLocaleString('en')} failed`
  return `${counted} in ${period}, ${failures}.`
}
