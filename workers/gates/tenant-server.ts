import { notFound } from '../../protocol/problem.ts'
import { findHostedServer } from '../../store/servers/servers.ts'
import type { Gate, TenantServerRequest } from '../request.ts'

/** Finds a hosted server of the tenant by its slug, or throws 404. */
export const withTenantServer: Gate<TenantServerRequest> = async (request) => {
  const { store, tenant, params } = request
  const server = await findHostedServer(store, { tenant: tenant.slug, server: params['server'] ?? '' })
  if (!server || server.tenantId !== tenant.id) throw notFound()
  request.server = server
}
