import { notFound } from '../../protocol/problem.ts'
import { findServerOfTenant } from '../../store/servers/servers.ts'
import type { Gate, TenantServerRequest } from '../request.ts'

/** Finds a hosted server of the tenant by its slug, or throws 404. */
export const withTenantServer: Gate<TenantServerRequest> = async (request) => {
  const { store, tenant, params } = request
  const server = await findServerOfTenant(store, { tenantId: tenant.id, tenant: tenant.slug, server: params['server'] ?? '' })
  if (!server) throw notFound()
  request.server = server
}
