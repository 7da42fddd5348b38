import { env, exports } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import { activateVersion, deployVersion } from '../../hosting/deploy/deploy.ts'
import worker from '../../workers/index.ts'
import { META, wireServer } from '../support/modern.ts'
import { newId } from '../../protocol/random.ts'
import { createServer, createToken, ORIGIN, store, surfaceOf, type TestServer } from '../support/platform.ts'

const RECORDED = ['DB', 'METADATA', 'BUNDLES', 'MCP_SESSION', 'SUBSCRIPTION_HUB', 'SERVER_ACTIVITY'] as const

/**
 * Returns an Env that records every call of storage and of a Durable Object namespace in `used`,
 * and a context that collects `waitUntil` promises in `background`.
 */
function recordingPlatform() {
  const used: string[] = []
  const watched = Object.fromEntries(
    RECORDED.map((name) => {
      const record = (target: object): object =>
        new Proxy(target, {
          get(binding, property) {
            const value = Reflect.get(binding, property) as unknown
            if (typeof value !== 'function') return value
            return (...args: unknown[]) => {
              used.push(`${name}.${String(property)}`)
              return (value as (...given: unknown[]) => unknown).apply(binding, args)
            }
          },
        })
      return [name, record(env[name])]
    }),
  )
  const background: Promise<unknown>[] = []
  const ctx = {
    exports,
    waitUntil: (promise: Promise<unknown>) => void background.push(promise),
    passThroughOnException: () => undefined,
    props: {},
  }
  return { used, background, env: { ...env, ...watched } as Env, ctx: ctx as unknown as ExecutionContext }
}

/** A server of each source, with one request that a client of the server may send. */
const SOURCES = {
  code: async () => {
    const tools = [{ name: 'echo', inputSchema: { type: 'object' }, annotations: { readOnlyHint: true } }]
    const server = await createServer({ code: wireServer('{ echo: async () => ({ content: [] }) }'), surface: surfaceOf(tools) })
    return { server, method: 'tools/call', params: { name: 'echo', arguments: {} }, result: { content: [] } }
  },
  static: async () => {
    const server = await createServer()
    const at = await server.definition()
    const prompts = [{ name: 'hello', arguments: [], messages: [{ role: 'user' as const, text: 'Hello' }] }]
    const manifest = { source: 'static' as const, note: '', server: { version: '1' }, prompts, resources: [], resourceTemplates: [] }
    const { id } = server.tenant.owner
    const { number } = await deployVersion(
      { store, id: newId(), server: at, upload: { manifest }, activate: false, createdBy: id },
      env,
      recordingPlatform().ctx,
    )
    await activateVersion({ store, server: at, number, actor: id }, env, recordingPlatform().ctx)
    return { server, method: 'prompts/get', params: { name: 'hello' }, result: { messages: [{ content: { text: 'Hello' } }] } }
  },
}

function requestOf(server: TestServer, { method, params, token }: { method: string; params: { name: string }; token: string }) {
  return new Request(new URL(new URL(server.urls.resource).pathname, ORIGIN), {
    method: 'POST',
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: { ...params, _meta: META } }),
    headers: {
      'Content-Type': 'application/json',
      Accept: 'application/json, text/event-stream',
      'MCP-Protocol-Version': '2026-07-28',
      'Mcp-Method': method,
      'Mcp-Name': params.name,
      Authorization: `Bearer ${token}`,
    },
  }) as Parameters<typeof worker.fetch>[0]
}

it.each(Object.keys(SOURCES) as (keyof typeof SOURCES)[])(
  'warm call of a %s version uses no storage and no Durable Object, and activity is written once after the response',
  async (source) => {
    const { server, method, params, result } = await SOURCES[source]()
    const { token } = await createToken(server)
    const call = () => requestOf(server, { method, params, token })

    const cold = recordingPlatform()
    const first = await worker.fetch(call(), cold.env, cold.ctx)
    expect(await first.json()).toMatchObject({ result })
    expect(cold.used.length).toBeGreaterThan(0)
    await Promise.all(cold.background)

    const warm = recordingPlatform()
    for (let n = 0; n < 10; n++) {
      const response = await worker.fetch(call(), warm.env, warm.ctx)
      expect(await response.json()).toMatchObject({ result })
    }
    expect(warm.used).toEqual([])
    await Promise.all(warm.background)
    expect(warm.used).toEqual(['SERVER_ACTIVITY.getByName'])
  },
)
