import { decideClient as decideSchema, type ClientBody } from '../../protocol/api/clients.ts'
import type { Page } from '../../protocol/api/fields.ts'
import { notFound, Problem } from '../../protocol/problem.ts'
import { recordDecision, findClientApprovals, forgetDecision, MAX_DECIDED } from '../../store/clients/client-approvals.ts'
import { closeRevokedStreams } from '../revocation.ts'
import { ok } from './replies.ts'
import { readJson } from './body.ts'
import type { Handler, TenantServerRequest } from '../request.ts'

/** Lists apps that asked to connect to a server with `clients: approved`, with the decisions. */
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

/** Decides about an app, also before it asks. Closes the streams of a refused app. */
export const decideClient: Handler<TenantServerRequest> = async (request) => {
  const { store, server, user } = request
  const { clientId, state } = await readJson(request, decideSchema)
  if (state === 'undecided') {
    if (!(await forgetDecision(store, server.key, clientId, user.id))) throw notFound()
  } else if (!(await recordDecision(store, server.key, { clientId, state, decidedBy: user.id }, new Date()))) {
    throw new Problem(
      409,
      'Limit reached',
      `Limit of ${MAX_DECIDED.toLocaleString('en')} app decisions reached. Reset some to \`undecided\` first.`,
    )
  }
  if (state !== 'approved') await closeRevokedStreams(request)
  return listClients(request)
}
