import { ErrorCode, McpError } from '../../protocol/mcp/errors.ts'
import { TenantSuspended } from '../../protocol/suspension.ts'
import { findKnownServer, setHostedServer } from '../hosted-servers.ts'
import type { Gate, ServerRequest } from '../request.ts'

/**
 * Finds the hosted server that the path names, for the MCP endpoint. Reads D1 only if this isolate
 * has not read the server within the last 10 seconds.
 */
export const withKnownServer: Gate<ServerRequest> = async (request) => {
  const { tenant = '', server = '' } = request.params
  const found = await findKnownServer(request.store, { tenant, server })
  await setHostedServer(request, found).catch((error: unknown) => {
    // not 404, because a 404 makes a client start a new session
    throw error instanceof TenantSuspended ? new McpError(403, ErrorCode.internalError, error.message) : error
  })
}
