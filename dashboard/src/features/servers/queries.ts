import { queryOptions } from '@tanstack/react-query'
import type { EnvironmentBody, ServerBody } from '../../../../protocol/api.ts'
import { apiPath, call, list } from '../../api.ts'
import { tenantKey } from '../tenants/queries.ts'

export const serversKey = (tenant: string) => [...tenantKey(tenant), 'servers'] as const
export const serverKey = (tenant: string, server: string) => [...serversKey(tenant), server] as const
export const environmentKey = (tenant: string, server: string) => [...serverKey(tenant, server), 'environment'] as const

export const serversQuery = (tenant: string) => list<ServerBody>(serversKey(tenant), `${apiPath.tenant(tenant)}/servers`)

export const serverQuery = (tenant: string, server: string) =>
  queryOptions({
    queryKey: [...serverKey(tenant, server), 'itself'],
    queryFn: ({ signal }) => call<ServerBody>('GET', apiPath.server(tenant, server), undefined, { signal }),
  })

export const environmentQuery = (tenant: string, server: string) =>
  queryOptions({
    queryKey: [...environmentKey(tenant, server), 'itself'],
    queryFn: ({ signal }) => call<EnvironmentBody>('GET', `${apiPath.server(tenant, server)}/environment`, undefined, { signal }),
  })
