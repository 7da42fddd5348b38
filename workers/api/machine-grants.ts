import type { Page } from '../../protocol/api/fields.ts'
import { putMachineGrant as putSchema, type MachineGrantBody } from '../../protocol/api/machines.ts'
import { notFound, Problem } from '../../protocol/problem.ts'
import { tenantIssuer } from '../../store/clients/clients.ts'
import {
  removeMachineGrant,
  findGrantableClient,
  findMachineGrant,
  findMachineGrants,
  setMachineGrant,
  scopesNow,
} from '../../store/machines/machine-grants.ts'
import { closeGrantStreams } from '../revocation.ts'
import { deleted, ok } from './replies.ts'
import { readJson } from './body.ts'
import { forgetGrant } from '../callers.ts'
import type { Handler, TenantServerRequest } from '../request.ts'

export const listMachineGrants: Handler<TenantServerRequest> = async ({ store, server }) => {
  const found = await findMachineGrants(store, server.key)
  const items = found.map(({ grant, clientName }): MachineGrantBody => ({
    clientId: grant.clientId,
    clientName: clientName ?? '',
    madeBy: grant.clientIssuer === tenantIssuer(server.tenantId) ? 'tenant' : 'registration',
    scopes: scopesNow(grant, server),
    tools: grant.tools,
    createdBy: grant.createdBy,
    createdAt: grant.createdAt.toISOString(),
    lastUsedAt: grant.lastUsedAt?.toISOString() ?? null,
  }))
  return ok({ items } satisfies Page<MachineGrantBody>)
}

/**
 * Sets a client's scopes and tools at a hosted server. Open streams continue with the remaining
 * rights.
 */
export const putMachineGrant: Handler<TenantServerRequest> = async (request) => {
  const { store, server, user, params } = request
  const asked = await readJson(request, putSchema)
  const client = await findGrantableClient(store, server.key, params['client'] ?? '')
  if (!client) throw notFound()
  if (!client.grantTypes.includes('client_credentials'))
    throw new Problem(409, 'Not a machine client', 'This client is not registered for client_credentials, so it cannot act without a user.')
  await setMachineGrant(store, server.key, client, { ...asked, actor: user.id })
  const grant = await findMachineGrant(store, server.key, client)
  if (grant && grant.scopes.length === 0) closeGrantStreams(request, [{ id: grant.id, serverId: server.id }])
  else if (grant) forgetGrant(grant.id)
  return listMachineGrants(request)
}

/**
 * Ends a machine grant and its tokens. A registered client gets a new grant by `machineScopes`;
 * empty scopes keep it out.
 */
export const deleteMachineGrant: Handler<TenantServerRequest> = async (request) => {
  const { store, server, user, params } = request
  const client = await findGrantableClient(store, server.key, params['client'] ?? '')
  const ended = client && (await removeMachineGrant(store, server.key, client, user.id))
  if (!ended) throw notFound()
  closeGrantStreams(request, [ended])
  return deleted()
}
