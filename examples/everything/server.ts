import { createMcpHandler, createRequestStateCodec, McpServer, type ServerEventBus } from '@modelcontextprotocol/server'
import { registerAskingTools } from './asking.ts'
import { registerPrompts } from './prompts.ts'
import { registerResources } from './resources.ts'
import { registerTools } from './tools.ts'

interface Env {
  /** Tells subscribed clients of changes. The platform gives it; where there is none, the SDK's own, for one process, does. */
  EVENTS?: ServerEventBus
  /** Signs what a client carries between two rounds; 32 characters or more, one for all the places this runs at. */
  STATE_KEY?: string
}

function serve(env: Env) {
  // a key of its own is good for one process: set STATE_KEY where a client's next round may meet another
  const state = createRequestStateCodec<string>({ key: env.STATE_KEY ?? crypto.getRandomValues(new Uint8Array(32)) })
  const handler = createMcpHandler(
    () => {
      const server = new McpServer(
        { name: 'everything', title: 'Everything', version: '1.0.0' },
        {
          instructions: 'Has one of everything a tool server can have. Written for the conformance suite of the protocol.',
          capabilities: {
            logging: {},
            tools: { listChanged: true },
            prompts: { listChanged: true },
            resources: { subscribe: true, listChanged: true },
          },
          cacheHints: { 'server/discover': { ttlMs: 60_000, cacheScope: 'public' }, 'tools/list': { ttlMs: 1_000, cacheScope: 'public' } },
          requestState: { verify: state.verify },
        },
      )
      registerTools(server, handler.bus)
      registerAskingTools(server, state)
      registerPrompts(server)
      registerResources(server)
      return server
    },
    { onerror: console.error, ...(env.EVENTS ? { bus: env.EVENTS } : {}) },
  )
  return handler
}

let handler: ReturnType<typeof serve> | undefined

export default {
  fetch(request: Request, env: Env): Promise<Response> {
    handler ??= serve(env)
    return handler.fetch(request)
  },
}
