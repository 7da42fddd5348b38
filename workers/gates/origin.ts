import { ErrorCode, McpError } from '../../protocol/mcp/errors.ts'
import type { Gate, ServerRequest } from '../request.ts'
import { allowOrigin } from '../cors.ts'

const METHODS = 'POST, GET, DELETE'

/**
 * Throws 403 unless Origin is absent, the platform's, the server's, or listed by the tenant. MCP
 * requires the check against DNS rebinding. Also replies to the CORS preflight.
 */
export const withOrigin: Gate<ServerRequest> = (request) => {
  const origin = request.headers.get('Origin')
  if (origin !== null) {
    const { server, urls, addresses } = request
    if (origin !== addresses.origin && origin !== new URL(urls.resource).origin && !server.origins.includes(origin)) {
      throw new McpError(
        403,
        ErrorCode.invalidRequest,
        `Origin ${origin.slice(0, 200)} is not allowed. The server's owner can add it to the allowed origins.`,
      )
    }
    allowOrigin(request, origin)
  }
  if (request.method !== 'OPTIONS') return
  return new Response(null, {
    status: 204,
    headers: {
      Allow: `${METHODS}, OPTIONS`,
      'Access-Control-Allow-Methods': METHODS,
      'Access-Control-Allow-Headers': allowedHeaders(request.headers.get('Access-Control-Request-Headers')),
      'Access-Control-Max-Age': '86400',
    },
  })
}

const HEADERS = [
  'authorization',
  'content-type',
  'accept',
  'mcp-protocol-version',
  'mcp-method',
  'mcp-name',
  'mcp-session-id',
  'last-event-id',
  'traceparent',
]

/**
 * Allows the requested `Mcp-Param-*` headers by name, because the set of names is open. At most 50.
 */
function allowedHeaders(asked: string | null): string {
  const parameters = (asked ?? '')
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => /^mcp-param-[!#$%&'*+.^_`|~0-9a-z-]{1,100}$/.test(name))
  return [...HEADERS, ...parameters.slice(0, 50)].join(', ')
}
