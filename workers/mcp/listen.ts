import { ErrorCode, McpError } from '../../protocol/mcp/errors.ts'
import type { JsonRpcRequest } from '../../protocol/mcp/json-rpc.ts'
import type { BearerRequest } from '../request.ts'

export async function listen(_request: BearerRequest, message: JsonRpcRequest, _env: Env): Promise<Response> {
  throw new McpError(404, ErrorCode.methodNotFound, 'Method not found: subscriptions/listen', { id: message.id })
}
