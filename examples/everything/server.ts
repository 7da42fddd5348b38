import { createMcpHandler, createRequestStateCodec, McpServer, type ServerEventBus } from '@modelcontextprotocol/server'
import { registerAskingTools } from './asking.ts'
import { registerPrompts } from './prompts.ts'
import { registerResources } from './resources.ts'
import { registerTools } from './tools.ts'

interface Env {
  /**
   * Bus from the platform for change notifications. Without this bus, the SDK uses one per process.
   */
  EVENTS?: ServerEventBus
  /**
   * Signs the state carried by a client between two rounds. 32 characters or more, equal
   * everywhere.
   */
  STATE_KEY?: string
}

function serve(env: Env) {
  // without STATE_KEY, the key is valid in this process only, and the next round can reach another
  // process
  const state = createRequestStateCodec<string>({ key: env.STATE_KEY ?? crypto.getRandomValues(new Uint8Array(32)) })
  const handler = createMcpHandler(
    () => {
      const server = new McpServer(
        { name: 'everything', title: 'Everything', version: '1.0.0' },
        {
          instructions: 'Has one of each feature of the protocol. Written for the official conformance suite.',
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
