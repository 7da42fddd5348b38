import { decideClient as decideSchema, type ClientBody } from '../../protocol/api/clients.ts'
import type { Page } from '../../protocol/api/fields.ts'
import { notFound, Problem } from '../../protocol/problem.ts'
import { decideClient as decide, findClientApprovals, forgetDecision } from '../../store/clients/client-approvals.ts'
import { closeRevokedStreams } from '../revocation.ts'
import { ok } from './answers.ts'
import { readJson } from './body.ts'
import type { Handler, TenantServerRequest } from '../request.ts'

/** Apps that asked to connect where `clients` is `approved`, and what was decided. */
export const listClients: Handler<TenantServerRequest> = async ({ store, server }) => {
  const found = await findClientApprovals(store, server.key)
  const items = found.map(({ clientId, name, state, askedBy, decidedBy, decidedAt, createdAt }): ClientBody => ({
    clientId,
    name,
    state,
    askedBy,
    decidedBy,
    decidedAt: decidedAt?.toISOString() ?? null,
    createdAt: createdAt.toISOString(),
  }))
  return ok({ items } satisfies Page<ClientBody>)
}

/** Also about an app that has not asked yet. What a refused one has open closes. */
export const decideClient: Handler<TenantServerRequest> = async (request) => {
  const { store, server, user } = request
  const { clientId, state } = await readJson(request, decideSchema)
  if (state === 'undecided') {
    if (!(await forgetDecision(store, server.key, clientId, user.id))) throw notFound()
  } else if (!(await decide(store, server.key, { clientId, state, decidedBy: user.id }, new Date()))) {
    throw new Problem(409, 'Too many', 'As much is decided about apps here as may be. Take some decisions back first (state undecided).')
  }
  if (state !== 'approved') await closeRevokedStreams(request)
  return listClients(request)
}
