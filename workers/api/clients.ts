import { decideClient as decideSchema, type ClientBody, type GrantBody, type Page } from '../../protocol/api.ts'
import { dashboardClientId } from '../../protocol/oauth/dashboard-client.ts'
import { notFound } from '../../protocol/problem.ts'
import { addAuditEvent } from '../../store/audit.ts'
import { decideClient as decide, findClientApprovals } from '../../store/client-approvals.ts'
import { findServerGrants, findShutOutGrants } from '../../store/grants.ts'
import type { TenantServerRequest } from '../gates/tenant.ts'
import { endGrant as end, tellGrantsEnded } from '../oauth/end-grant.ts'
import type { Handler } from '../request.ts'
import { deleted, ok } from './answers.ts'
import { readJson } from './body.ts'
import { grantBody } from './me.ts'

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

export const listGrants: Handler<TenantServerRequest> = async ({ store, server }) => {
  const found = await findServerGrants(store, { tenantId: server.tenantId, serverId: server.id }, new Date())
  return ok({ items: found.map(grantBody) } satisfies Page<GrantBody>)
}

export const endGrant: Handler<TenantServerRequest> = async ({ store, server, user, params }, env, ctx) => {
  const owner = { tenantId: server.tenantId, serverId: server.id }
  const id = params['id'] ?? ''
  if (!(await end(store, owner, id, env, ctx))) throw notFound()
  await addAuditEvent(store, { ...owner, actor: user.id, action: 'grant.ended', detail: { grantId: id } })
  return deleted()
}
