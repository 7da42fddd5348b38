import { queryOptions } from '@tanstack/react-query'
import type { ActivityBody, ActivitySummaryBody, Page } from '../../../../protocol/api.ts'
import { apiPath, call, pages } from '../../api.ts'
import { serverKey } from '../servers/queries.ts'

export type ActivityPeriod = 'hour' | 'day' | 'fortnight'
export interface ActivityFilter {
  kind?: ActivityBody['kind']
  correlationId?: string
  problems?: true
}

export const activityKey = (tenant: string, server: string) => [...serverKey(tenant, server), 'activity'] as const

export const activityQuery = (tenant: string, server: string, filter: ActivityFilter = {}) =>
  pages<ActivityBody>(
    [...activityKey(tenant, server), filter],
    `${apiPath.server(tenant, server)}/activity?${new URLSearchParams(Object.entries(filter).map(([name, value]) => [name, String(value)]))}`,
  )

/** The newest 20 calls, for pages that poll. */
export const recentCallsQuery = (tenant: string, server: string) =>
  queryOptions({
    queryKey: [...activityKey(tenant, server), 'recent'],
    queryFn: async ({ signal }) =>
      (
        await call<Page<ActivityBody>>('GET', `${apiPath.server(tenant, server)}/activity?kind=call&limit=20`, undefined, { signal })
      ).items.filter((item) => item.kind === 'call'),
  })

/** The newest 50 console lines, for panels that poll. */
export const recentLinesQuery = (tenant: string, server: string) =>
  queryOptions({
    queryKey: [...activityKey(tenant, server), 'lines'],
    queryFn: async ({ signal }) =>
      (
        await call<Page<ActivityBody>>('GET', `${apiPath.server(tenant, server)}/activity?kind=line&limit=50`, undefined, { signal })
      ).items.filter((item) => item.kind === 'line'),
  })

export const activitySummaryQuery = (tenant: string, server: string, period: ActivityPeriod) =>
  queryOptions({
    queryKey: [...activityKey(tenant, server), 'summary', period],
    queryFn: ({ signal }) =>
      call<ActivitySummaryBody>('GET', `${apiPath.server(tenant, server)}/activity/summary?period=${period}`, undefined, { signal }),
  })
