import { findHostedServer } from '../../store/servers/servers.ts'
import { setHostedServer } from '../hosted-servers.ts'
import type { Gate, ServerRequest } from '../request.ts'

/**
 * Finds the hosted server that the path names. Throws 404 alike if it is unknown or deleted, and
 * the reason if its tenant is suspended.
 */
export const withHostedServer: Gate<ServerRequest> = async (request) => {
  const { tenant = '', server = '' } = request.params
  await setHostedServer(request, await findHostedServer(request.store, { tenant, server }))
}
