import { fetchPlatform, type TestServer } from './platform.ts'

export const META = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': {},
}

export interface ModernCall {
  method?: string
  params?: Record<string, unknown>
  id?: string | number
  token?: string
  /** Headers added to those of a correct client; null omits a header. */
  headers?: Record<string, string | null>
  meta?: Record<string, unknown>
  path?: string
  signal?: AbortSignal
}

/** Sends a valid request of revision 2026-07-28 with the changes of the test. */
export function callModern(
  server: TestServer,
  { method = 'tools/call', params = {}, id = 1, token, headers = {}, meta = {}, path, signal }: ModernCall = {},
) {
  const body = { jsonrpc: '2.0', id, method, params: { ...params, _meta: { ...META, ...meta } } }
  const target = params['name'] ?? params['uri']
  const sent: Record<string, string | null> = {
    'Content-Type': 'application/json',
    Accept: 'application/json, text/event-stream',
    'MCP-Protocol-Version': '2026-07-28',
    'Mcp-Method': method,
    'Mcp-Name': typeof target === 'string' ? target : null,
    Authorization: token === undefined ? null : `Bearer ${token}`,
    ...headers,
  }
  return post(server, JSON.stringify(body), sent, path, signal)
}

/** Posts any body with any headers. */
export function post(
  server: TestServer,
  body: BodyInit,
  headers: Record<string, string | null>,
  path = new URL(server.urls.resource).pathname,
  signal?: AbortSignal,
) {
  const sent = Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== null)
  return fetchPlatform(path, { method: 'POST', body, headers: sent, ...(signal ? { signal } : {}) })
}

/** Yields the events of an event stream. */
export async function* eventsOf(
  response: Response,
): AsyncGenerator<{ id?: string; data: string; retry?: string; message: Record<string, unknown> | undefined }> {
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
  let rest = ''
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      const blocks = (rest + value).split('\n\n')
      rest = blocks.pop() ?? ''
      for (const block of blocks) {
        const fields = block.split('\n').filter((line) => !line.startsWith(':'))
        if (fields.length === 0) continue
        const field = (name: string) =>
          fields
            .find((line) => line.startsWith(`${name}:`))
            ?.slice(name.length + 1)
            .trim()
        const data = field('data') ?? ''
        const id = field('id')
        const retry = field('retry')
        yield {
          ...(id === undefined ? {} : { id }),
          ...(retry === undefined ? {} : { retry }),
          data,
          message: data === '' ? undefined : (JSON.parse(data) as Record<string, unknown>),
        }
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined)
  }
}

/**
 * Returns the code of a hosted server without an SDK. `tools` is a map of names to functions
 * `async (args, { meta, params, props, signal, notify }) => result`. The response becomes a stream
 * if a tool calls `notify(method, params)`.
 */
export function wireServer(tools: string): string {
  return `
const TOOLS = ${tools}
export default {
  async fetch(request, env, ctx) {
    const { id, method, params } = await request.json()
    const meta = params._meta ?? {}
    const ok = (result) => Response.json({ jsonrpc: '2.0', id, result: { resultType: 'complete', ...result } })
    if (method === 'server/discover') return ok({ supportedVersions: ['2026-07-28'], capabilities: { tools: { listChanged: true } }, ttlMs: 0, cacheScope: 'private' })
    if (method === 'tools/list') return ok({ tools: Object.keys(TOOLS).map((name) => ({ name, inputSchema: { type: 'object' } })), ttlMs: 60000, cacheScope: 'public' })
    if (method !== 'tools/call') return Response.json({ jsonrpc: '2.0', id, error: { code: -32601, message: 'no ' + method } }, { status: 404 })
    const tool = TOOLS[params.name]
    if (!tool) return Response.json({ jsonrpc: '2.0', id, error: { code: -32602, message: 'Unknown tool' } })
    const { readable, writable } = new TransformStream()
    const writer = writable.getWriter()
    let streaming
    const encode = (message) => new TextEncoder().encode('data: ' + JSON.stringify(message) + '\\n\\n')
    const first = new Promise((resolve) => (streaming = resolve))
    const notify = async (method, params) => { streaming(true); await writer.write(encode({ jsonrpc: '2.0', method, params })) }
    const running = (async () => tool(params.arguments ?? {}, { meta, params, props: ctx.props, env, request, signal: request.signal, notify }))()
    const settled = running.then((result) => ({ jsonrpc: '2.0', id, result: { resultType: 'complete', ...result } }), (error) => { if (error.code) return { jsonrpc: '2.0', id, error: { code: error.code, message: error.message, data: error.data } }; throw error })
    if (await Promise.race([settled.then(() => false), first])) {
      ctx.waitUntil(settled.then(async (message) => { await writer.write(encode(message)); await writer.close() }).catch((error) => writer.abort(error)))
      return new Response(readable, { headers: { 'Content-Type': 'text/event-stream' } })
    }
    const message = await settled
    return Response.json(message)
  },
}`
}
