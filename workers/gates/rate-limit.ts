import { ErrorCode, McpError } from '../../protocol/mcp/errors.ts'
import { principalKey } from '../../protocol/principal.ts'
import type { BearerRequest, Gate } from '../request.ts'
import { callerNetwork } from '../caller-network.ts'

/**
 * Throws 429 past the limit per minute of a principal at a server; anonymous callers count by
 * network.
 */
export const withRateLimit: Gate<BearerRequest> = async (request) => {
  const { server, principal, headers } = request
  const who = principal.kind === 'granted' ? principalKey(principal) : callerNetwork(headers)
  const { success } = await request.env.RATE_LIMIT.limit({ key: `${server.id} ${who}` })
  if (!success) {
    throw new McpError(429, ErrorCode.internalError, 'Too many requests. Wait a minute, then send fewer per minute.', {
      headers: { 'Retry-After': '60' },
    })
  }
}
