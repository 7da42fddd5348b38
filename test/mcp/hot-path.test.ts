import { env, exports } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import worker from '../../workers/index.ts'
import { META, wireServer } from '../support/modern.ts'
import { createServer, createToken, ORIGIN, surfaceOf, type TestServer } from '../support/platform.ts'

const COUNTED = ['DB', 'METADATA', 'BUNDLES', 'MCP_SESSION', 'SUBSCRIPTION_HUB', 'SERVER_ACTIVITY'] as const

/** The environment with every call of storage or an object noted, and a context that gathers what goes on behind the response. */
function counted() {
  const used: string[] = []
  const watched = Object.fromEntries(
    COUNTED.map((name) => {
      const note = (target: object): object =>
        new Proxy(target, {
          get(of, property) {
            const value = Reflect.get(of, property) as unknown
            if (typeof value !== 'function') return value
            return (...args: unknown[]) => {
              used.push(`${name}.${String(property)}`)
              return (value as (...given: unknown[]) => unknown).apply(of, args)
            }
          },
        })
      return [name, note(env[name])]
    }),
  )
  const behind: Promise<unknown>[] = []
  const ctx = {
    exports,
    waitUntil: (promise: Promise<unknown>) => void behind.push(promise),
    passThroughOnException: () => undefined,
    props: {},
  }
  return { used, behind, env: { ...env, ...watched } as Env, ctx: ctx as unknown as ExecutionContext }
}

function toolCall(server: TestServer, token?: string) {
  return new Request(new URL(new URL(server.urls.resource).pathname, ORIGIN), {
    method: 'POST',
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'echo', arguments: {}, _meta: META } }),
    headers: {
      'Content-Type': 'application/json',
      Accept: 'application/json, text/event-stream',
      'MCP-Protocol-Version': '2026-07-28',
      'Mcp-Method': 'tools/call',
      'Mcp-Name': 'echo',
      ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
    },
  }) as Parameters<typeof worker.fetch>[0]
}

it('answers a warm tool call without D1, KV, R2 or a Durable Object, and writes its activity once, after', async () => {
  const tools = [{ name: 'echo', inputSchema: { type: 'object' }, annotations: { readOnlyHint: true } }]
  const server = await createServer({ code: wireServer('{ echo: async () => ({ content: [] }) }'), surface: surfaceOf(tools) })
  const { token } = await createToken(server)

  const cold = counted()
  const first = await worker.fetch(toolCall(server, token), cold.env, cold.ctx)
  expect(await first.json()).toMatchObject({ result: { content: [] } })
  expect(cold.used.length).toBeGreaterThan(0)
  await Promise.all(cold.behind)

  const warm = counted()
  for (let n = 0; n < 10; n++) {
    const response = await worker.fetch(toolCall(server, token), warm.env, warm.ctx)
    expect(await response.json()).toMatchObject({ result: { content: [] } })
  }
  expect(warm.used).toEqual([])
  await Promise.all(warm.behind)
  expect(warm.used).toEqual(['SERVER_ACTIVITY.getByName'])
})
