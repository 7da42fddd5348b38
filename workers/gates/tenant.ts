import { notFound, Problem } from '../../protocol/problem.ts'
import { isAtLeast, lowerRole } from '../../store/tenants/members.ts'
import type { Role } from '../../store/schema/tenants.ts'
import { findHostedServer, type HostedServer } from '../../store/servers/servers.ts'
import { findTenant, type OwnTenant } from '../../store/tenants/tenants.ts'
import type { Gate } from '../request.ts'
import type { UserRequest } from './user.ts'

/** Behind withTenant: the user is a member, and `tenant.role` is what they may do with what they signed in with. */
export interface TenantRequest extends UserRequest {
  tenant: OwnTenant
}

/** Behind withTenantServer: a hosted server of that tenant. */
export interface TenantServerRequest extends TenantRequest {
  server: HostedServer
}

/** A tenant's slug -> the tenant, for its members; 404 for all others, and for a token or a sign-in that reaches another tenant only. */
export const withTenant: Gate<TenantRequest> = async (request) => {
  const { store, user, personalToken, onlyTenant } = request
  const tenant = await findTenant(store, request.params['tenant'] ?? '', user.id)
  if (!tenant || (onlyTenant !== undefined && onlyTenant !== tenant.id)) throw notFound()
  request.tenant = personalToken ? { ...tenant, role: lowerRole(tenant.role, personalToken.role) } : tenant
}

/** Stops members whose role is below this one. They know that the thing is there, so this is no 404. */
export function atLeast(role: Role): Gate<TenantRequest> {
  return ({ tenant }) => {
    if (!isAtLeast(tenant.role, role)) {
      throw new Problem(403, 'Not allowed', `This needs the role ${role} in ${tenant.slug}; yours here is ${tenant.role}.`)
    }
  }
}

export const withTenantServer: Gate<TenantServerRequest> = async (request) => {
  const { store, tenant, params } = request
  const server = await findHostedServer(store, { tenant: tenant.slug, server: params['server'] ?? '' })
  if (!server || server.tenantId !== tenant.id) throw notFound()
  request.server = server
}
