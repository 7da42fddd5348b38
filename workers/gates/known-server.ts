import { findKnownServer, setHostedServer } from '../hosted-servers.ts'
import type { Gate, ServerRequest } from '../request.ts'

/**
 * Finds the hosted server that the path names, for the MCP endpoint. Reads D1 only if this isolate
 * has not read the server within the last 10 seconds.
 */
export const withKnownServer: Gate<ServerRequest> = async (request) => {
  const { tenant = '', server = '' } = request.params
  setHostedServer(request, await findKnownServer(request.store, { tenant, server }))
}
