import type { AuditBody } from '../../../../protocol/api.ts'
import { apiPath, pages } from '../../api.ts'
import { tenantKey } from '../tenants/queries.ts'

export const auditKey = (tenant: string) => [...tenantKey(tenant), 'audit'] as const

export const auditQuery = (tenant: string) => pages<AuditBody>(auditKey(tenant), `${apiPath.tenant(tenant)}/audit`)
