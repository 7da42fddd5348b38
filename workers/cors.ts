import type { AppRequest, Gate } from './request.ts'
import { methodNotAllowed } from './responses.ts'

/** Requests of web pages' scripts that a gate let in, and the origin it did so for (`*` = any), so that {@link allowOrigins} can tell. */
const allowed = new WeakMap<object, string>()

/** The answer to this request may be read by scripts of this origin. */
export function allowOrigin(request: AppRequest, origin: string): void {
  allowed.set(request, origin)
}

/**
 * For endpoints that any web page's script may call, since they know a caller by what it sends and never by a cookie: answers the preflight, refuses
 * other methods, and has the answer readable everywhere.
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

/** The router's last step for them, refusals included. */
export function allowOrigins(response: Response, request: AppRequest): Response {
  const origin = allowed.get(request)
  if (origin === undefined) return response
  const copy = new Response(response.body, response)
  copy.headers.set('Access-Control-Allow-Origin', origin)
  if (origin !== '*') copy.headers.append('Vary', 'Origin')
  copy.headers.set('Access-Control-Expose-Headers', 'WWW-Authenticate, Retry-After, Mcp-Session-Id')
  return copy
}
