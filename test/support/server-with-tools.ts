import type { hostedServers } from '../../store/schema/servers.ts'
import { callModern, wireServer } from './modern.ts'
import { createServer, surfaceOf, type TestServer, type TestTenant } from './platform.ts'

const TOOLS = [
  { name: 'look', inputSchema: { type: 'object' }, annotations: { readOnlyHint: true } },
  { name: 'change', inputSchema: { type: 'object' } },
]
const CODE = wireServer(`{
  look: async (args, { props }) => ({ content: [{ type: 'text', text: JSON.stringify(props) }] }),
  change: async () => ({ content: [] }),
}`)

/** Creates a hosted server with `look`, which returns the caller, and `change`, a write tool. */
export function serverWithTools(settings: Partial<typeof hostedServers.$inferInsert> = {}, tenant?: TestTenant): Promise<TestServer> {
  return createServer({ code: CODE, surface: surfaceOf(TOOLS), settings, ...(tenant ? { tenant } : {}) })
}

/** Calls a tool of the server; see {@link serverWithTools}. */
export function call(server: TestServer, token: string, name = 'look'): Promise<Response> {
  return callModern(server, { token, params: { name, arguments: {} } })
}
