import { findKnownServer, setHostedServer } from '../hosted-servers.ts'
import type { Gate, ServerRequest } from '../request.ts'

/** Finds the hosted server that the path names, without a read from D1 if this isolate read it within the last 10 seconds. For the MCP endpoint. */
export const withKnownServer: Gate<ServerRequest> = async (request) => {
  const { tenant = '', server = '' } = request.params
  setHostedServer(request, await findKnownServer(request.store, { tenant, server }))
}
