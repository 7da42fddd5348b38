import type { AuditBody } from '../../../../protocol/api.ts'
import { apiPath, pages } from '../../api.ts'
import { tenantKey } from '../tenants/queries.ts'
import { type AuditSearch, auditParameters } from './audit-search.ts'

export const auditKey = (tenant: string) => [...tenantKey(tenant), 'audit'] as const

export const auditQuery = (tenant: string, search: AuditSearch) => {
  const parameters = new URLSearchParams(auditParameters(search))
  return pages<AuditBody>([...auditKey(tenant), parameters.toString()], `${apiPath.tenant(tenant)}/audit?${parameters}`)
}

/** Returns the URL of a file with all matching events. */
export function exportUrl(tenant: string, search: AuditSearch, format: 'csv' | 'json'): string {
  return `/api${apiPath.tenant(tenant)}/audit/export?${new URLSearchParams({ ...auditParameters(search), format })}`
}
