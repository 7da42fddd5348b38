import type { AppRequest, Gate } from './request.ts'
import { methodNotAllowed } from './responses.ts'

/**
 * Origins with access to the response, by request (`*` = any). Set by gates, read by {@link
 * allowOrigins}.
 */
const allowed = new WeakMap<object, string>()

/** Lets scripts of the origin read the response. */
export function allowOrigin(request: AppRequest, origin: string): void {
  allowed.set(request, origin)
}

/**
 * Lets scripts of all origins call an endpoint with token or secret authentication, never cookies.
 * Replies to the preflight and refuses other methods.
 */
export function publicCors(...methods: string[]): Gate<AppRequest> {
  const allow = [...methods, 'OPTIONS'].join(', ')
  return (request) => {
    allowOrigin(request, '*')
    if (request.method === 'OPTIONS') {
      return new Response(null, {
        status: 204,
        headers: {
          Allow: allow,
          'Access-Control-Allow-Methods': methods.join(', '),
          'Access-Control-Allow-Headers': 'Authorization, Content-Type, MCP-Protocol-Version',
          'Access-Control-Max-Age': '86400',
        },
      })
    }
    return methods.includes(request.method) ? undefined : methodNotAllowed(allow)
  }
}

/** Adds the CORS headers. The last step of the router, so that errors have the headers too. */
export function allowOrigins(response: Response, request: AppRequest): Response {
  const origin = allowed.get(request)
  if (origin === undefined) return response
  const copy = new Response(response.body, response)
  copy.headers.set('Access-Control-Allow-Origin', origin)
  if (origin !== '*') copy.headers.append('Vary', 'Origin')
  copy.headers.set('Access-Control-Expose-Headers', 'WWW-Authenticate, Retry-After, Mcp-Session-Id')
  return copy
}
