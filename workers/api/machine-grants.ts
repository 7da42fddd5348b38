import type { Page } from '../../protocol/api/fields.ts'
import { putMachineGrant as putSchema, type MachineGrantBody } from '../../protocol/api/machines.ts'
import { notFound, Problem } from '../../protocol/problem.ts'
import { tenantIssuer } from '../../store/clients/clients.ts'
import {
  deleteMachineGrant as remove,
  findGrantableClient,
  findMachineGrant,
  findMachineGrants,
  putMachineGrant as put,
  scopesNow,
} from '../../store/machines/machine-grants.ts'
import { closeGrantStreams } from '../revocation.ts'
import { deleted, ok } from './answers.ts'
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

/** Gives a client scopes at this hosted server, or changes them: what it has open goes on with what is left. */
export const putMachineGrant: Handler<TenantServerRequest> = async (request) => {
  const { store, server, user, params } = request
  const asked = await readJson(request, putSchema)
  const client = await findGrantableClient(store, server.key, params['client'] ?? '')
  if (!client) throw notFound()
  if (!client.grantTypes.includes('client_credentials'))
    throw new Problem(409, 'Not such a client', 'This client is not one for client_credentials: it acts for people, who let it.')
  await put(store, server.key, client, asked, user.id)
  const grant = await findMachineGrant(store, server.key, client)
  if (grant && grant.scopes.length === 0) closeGrantStreams(request, [{ id: grant.id, serverId: server.id }])
  else if (grant) forgetGrant(grant.id)
  return listMachineGrants(request)
}

/** Its tokens are dead at once. A client that registered gets another where the server's machineScopes say so: to keep it out, put empty scopes. */
export const deleteMachineGrant: Handler<TenantServerRequest> = async (request) => {
  const { store, server, user, params } = request
  const client = await findGrantableClient(store, server.key, params['client'] ?? '')
  const ended = client && (await remove(store, server.key, client, user.id))
  if (!ended) throw notFound()
  closeGrantStreams(request, [ended])
  return deleted()
}
