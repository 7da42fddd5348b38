import './platform-console.ts'
import { isOurHost, locate, locateSlashed, parseAddresses, type Addresses } from '../protocol/location.ts'
import { Problem } from '../protocol/problem.ts'
import { pageForPeople } from './pages/problem-page.ts'
import { drainBody } from './drain-body.ts'
import type { AppRequest } from './request.ts'
import { orNotFound, problem } from './responses.ts'
import { router } from './router.ts'
import { scheduled } from './scheduled.ts'
import { withSecurityHeaders } from './security-headers.ts'

export { McpSession } from '../durable-objects/session/session.ts'
export { ServerActivity } from '../durable-objects/server-activity.ts'
export { SubscriptionHub } from '../durable-objects/subscription-hub.ts'
export { Egress } from '../hosting/upstream/egress.ts'
export { Events } from '../hosting/events.ts'
export { Tail } from '../hosting/activity/tail.ts'

export default {
  async fetch(request, env, ctx) {
    const addresses = parseAddresses(env.PUBLIC_ORIGIN, env.SERVER_HOST)
    return withSecurityHeaders(await reply(request, addresses, { env, ctx }), addresses.origin)
  },
  scheduled,
} satisfies ExportedHandler<Env>

/** A Host header (RFC 9110 §7.2). Parsers of URLs accept more, such as user information. */
const HOST = /^(?:[a-z0-9_.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i

async function reply(
  request: Request<unknown, IncomingRequestCfProperties>,
  addresses: Addresses,
  { env, ctx }: { env: Env; ctx: ExecutionContext },
): Promise<Response> {
  if (!HOST.test(request.headers.get('Host') ?? 'absent') || !URL.canParse(request.url)) {
    const detail = `The Host header must be one host name, with a port or without. Use ${new URL(addresses.origin).host}.`
    return problem(new Problem(400, 'Malformed host', detail))
  }
  const url = new URL(request.url)
  if (!isOurHost(url, addresses)) {
    // RFC 9110 §15.5.20; MCP asks for 403 at its endpoint, against DNS rebinding
    return problem(
      new Problem(
        /\/mcp\/?$/.test(url.pathname) ? 403 : 421,
        'Unknown host',
        `The host ${url.host} is not served here. Use ${addresses.origin}.`,
      ),
    )
  }
  const location = locate(url, addresses) ?? locateSlashed(url, addresses)
  if (!location) return pageForPeople(orNotFound(undefined), request)
  // the router matches request.url; handlers build URLs from `addresses` only
  url.pathname = location.path
  const inner = new Request(url, request)
  const response = await router.fetch(Object.assign(inner, { location, addresses }) as unknown as AppRequest, env, ctx)
  if (response.status >= 300) await drainBody(inner)
  return response
}
