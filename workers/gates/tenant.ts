import { suspensionText } from '../../protocol/suspension.ts'
import { notFound, Problem } from '../../protocol/problem.ts'
import { lowerRole } from '../../store/tenants/members.ts'
import { findTenant } from '../../store/tenants/tenants.ts'
import type { Gate, TenantRequest } from '../request.ts'

/**
 * Finds the tenant that the path names, for its members. Throws 404 for strangers, and for a token
 * or sign-in limited to a different tenant. Throws 403 for a change of a suspended tenant.
 */
export const withTenant: Gate<TenantRequest> = async (request) => {
  const { store, user, personalToken, onlyTenant } = request
  const tenant = await findTenant(store, request.params['tenant'] ?? '', user.id)
  if (!tenant || (onlyTenant !== undefined && onlyTenant !== tenant.id)) throw notFound()
  if (tenant.suspension && request.method !== 'GET' && request.method !== 'HEAD')
    throw new Problem(403, 'Tenant suspended', suspensionText(tenant.slug, tenant.suspension))
  request.tenant = personalToken ? { ...tenant, role: lowerRole(tenant.role, personalToken.role) } : tenant
}
