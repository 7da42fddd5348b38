import { queryOptions } from '@tanstack/react-query'
import type { TenantBody } from '../../../../protocol/api.ts'
import { apiPath, call } from '../../api.ts'

export const tenantKey = (tenant: string) => ['tenants', tenant] as const

export const tenantQuery = (tenant: string) =>
  queryOptions({
    queryKey: [...tenantKey(tenant), 'itself'],
    queryFn: ({ signal }) => call<TenantBody>('GET', apiPath.tenant(tenant), undefined, { signal }),
    staleTime: 60_000,
  })
