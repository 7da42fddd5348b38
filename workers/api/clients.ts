import { decideClient as decideSchema, type ClientBody, type Page } from '../../protocol/api.ts'
import { dashboardClientId } from '../../protocol/oauth/dashboard-client.ts'
import { addAuditEvent } from '../../store/audit.ts'
import { decideClient as decide, findClientApprovals } from '../../store/client-approvals.ts'
import { findShutOutGrants } from '../../store/grants.ts'
import type { TenantServerRequest } from '../gates/tenant.ts'
import { tellGrantsEnded } from '../oauth/end-grant.ts'
import type { Handler } from '../request.ts'
import { ok } from './answers.ts'
import { readJson } from './body.ts'

/** Apps that asked to connect where `clients` is `approved`, and what was decided. */
export const listClients: Handler<TenantServerRequest> = async ({ store, server }) => {
  const found = await findClientApprovals(store, { tenantId: server.tenantId, serverId: server.id })
  const items = found.map(({ clientId, name, state, decidedBy, decidedAt, createdAt }): ClientBody => ({
    clientId,
    name,
    state,
    decidedBy,
    decidedAt: decidedAt?.toISOString() ?? null,
    createdAt: createdAt.toISOString(),
  }))
  return ok({ items } satisfies Page<ClientBody>)
}

/** Also about an app that has not asked yet. What a refused one has open closes. */
export const decideClient: Handler<TenantServerRequest> = async (request, env, ctx) => {
  const { store, server, user, addresses } = request
  const { clientId, state } = await readJson(request, decideSchema)
  const owner = { tenantId: server.tenantId, serverId: server.id }
  await decide(store, owner, { clientId, state, decidedBy: user.id }, new Date())
  await addAuditEvent(store, { ...owner, actor: user.id, action: `client.${state}`, detail: { clientId } })
  if (state === 'refused') {
    const shutOut = await findShutOutGrants(store, { ...owner, dashboardClientId: dashboardClientId(addresses.origin) })
    tellGrantsEnded(shutOut, env, ctx)
  }
  return listClients(request, env, ctx)
}
