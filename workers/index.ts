import { isOurHost, locate, parseAddresses } from '../protocol/location.ts'
import { Problem } from '../protocol/problem.ts'
import { pageForPeople } from './pages/problem-page.ts'
import { drainBody } from './drain-body.ts'
import type { AppRequest } from './request.ts'
import { orNotFound, problem } from './responses.ts'
import { router } from './router.ts'
import { scheduled } from './scheduled.ts'

export { McpSession } from '../durable-objects/session/session.ts'
export { ServerActivity } from '../durable-objects/server-activity.ts'
export { SubscriptionHub } from '../durable-objects/subscription-hub.ts'
export { Egress } from '../hosting/upstream/egress.ts'
export { Events } from '../hosting/events.ts'
export { Tail } from '../hosting/activity/tail.ts'

export default {
  async fetch(request, env, ctx) {
    const addresses = parseAddresses(env.PUBLIC_ORIGIN, env.SERVER_HOST)
    const url = new URL(request.url)
    if (!isOurHost(url, addresses)) {
      // RFC 9110 §15.5.20; MCP asks for 403 at its endpoint, against DNS rebinding
      return problem(
        new Problem(
          url.pathname.endsWith('/mcp') ? 403 : 421,
          'Unknown host',
          `The host ${url.host} is not served here. Use ${addresses.origin}.`,
        ),
      )
    }
    const location = locate(url, addresses)
    if (!location) return pageForPeople(orNotFound(undefined), request)
    // the router matches request.url; handlers build URLs from `addresses` only
    url.pathname = location.path
    const inner = new Request(url, request)
    const response = await router.fetch(Object.assign(inner, { location, addresses }) as unknown as AppRequest, env, ctx)
    if (response.status >= 400) await drainBody(inner)
    return response
  },
  scheduled,
} satisfies ExportedHandler<Env>
