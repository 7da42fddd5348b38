import { notFound } from '../../protocol/problem.ts'
import { lowerRole } from '../../store/tenants/members.ts'
import { findTenant } from '../../store/tenants/tenants.ts'
import type { Gate, TenantRequest } from '../request.ts'

/**
 * Finds the tenant that the path names, for its members. Throws 404 for strangers, and for a token
 * or sign-in limited to a different tenant.
 */
export const withTenant: Gate<TenantRequest> = async (request) => {
  const { store, user, personalToken, onlyTenant } = request
  const tenant = await findTenant(store, request.params['tenant'] ?? '', user.id)
  if (!tenant || (onlyTenant !== undefined && onlyTenant !== tenant.id)) throw notFound()
  request.tenant = personalToken ? { ...tenant, role: lowerRole(tenant.role, personalToken.role) } : tenant
}
