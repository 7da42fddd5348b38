import type { TenantClientBody } from '../../../../protocol/api.ts'
import { apiPath, list } from '../../api.ts'
import { tenantKey } from '../tenants/queries.ts'

export const tenantClientsKey = (tenant: string) => [...tenantKey(tenant), 'clients'] as const

export const tenantClientsQuery = (tenant: string) => list<TenantClientBody>(tenantClientsKey(tenant), `${apiPath.tenant(tenant)}/clients`)
