import { ErrorCode, McpError } from '../../protocol/mcp/errors.ts'
import type { LegacyInbound } from '../../protocol/mcp/inbound.ts'
import type { VersionReference } from '../../store/servers.ts'
import type { BearerRequest } from '../request.ts'

export async function session(
  _request: BearerRequest,
  _inbound: LegacyInbound,
  _version: VersionReference,
  _env: Env,
  _ctx: ExecutionContext,
): Promise<Response> {
  throw new McpError(400, ErrorCode.invalidRequest, 'Sessions are not served.')
}
