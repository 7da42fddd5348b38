import { ErrorCode, McpError } from '../../protocol/mcp/errors.ts'
import type { Gate, ServerRequest } from '../request.ts'
import { allowOrigin } from '../cors.ts'

const METHODS = 'POST, GET, DELETE'

/**
 * Which web pages' scripts may speak to an MCP endpoint: the platform's own, the server's own, and those its tenant lists; any other Origin is 403, as the
 * specification asks against DNS rebinding. A request without an Origin comes from no web page. Answers the preflight.
 */
export const withOrigin: Gate<ServerRequest> = (request) => {
  const origin = request.headers.get('Origin')
  if (origin !== null) {
    const { server, urls, addresses } = request
    if (origin !== addresses.origin && origin !== new URL(urls.resource).origin && !server.origins.includes(origin)) {
      throw new McpError(
        403,
        ErrorCode.invalidRequest,
        `Pages of ${origin.slice(0, 200)} may not use this server. Its owner lists the origins that may.`,
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

/** `Mcp-Param-*` has no end of names, so those asked for are answered by name. */
function allowedHeaders(asked: string | null): string {
  const parameters = (asked ?? '')
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => /^mcp-param-[!#$%&'*+.^_`|~0-9a-z-]{1,100}$/.test(name))
  return [...HEADERS, ...parameters.slice(0, 50)].join(', ')
}
