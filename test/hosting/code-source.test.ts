import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { env, exports } from 'cloudflare:workers'
import { eq } from 'drizzle-orm'
import { expect, it, vi } from 'vitest'
import { Events } from '../../hosting/events.ts'
import { isolateId } from '../../hosting/sources/code/isolate.ts'
import { workerCode, type CodeVersion } from '../../hosting/sources/code/worker-code.ts'
import { sourceOf } from '../../hosting/sources/registry.ts'
import type { Answer, Call, HostingContext, McpRequest } from '../../hosting/sources/source.ts'
import { sealEnvironment } from '../../hosting/vault.ts'
import type { JsonRpcMessage } from '../../protocol/mcp/json-rpc.ts'
import { ANONYMOUS } from '../../protocol/principal.ts'
import { findBundle, putBundle } from '../../store/servers/bundles.ts'
import { hostedServers } from '../../store/schema/servers.ts'
import { createServer, store, type TestServer } from '../support/platform.ts'

const background: Promise<unknown>[] = []
const context = { exports, waitUntil: (promise: Promise<unknown>) => void background.push(promise) }
const source = {
  answer: (request: McpRequest, call: VersionCall, ctx: HostingContext = context) =>
    sourceOf(call.version, { env, ctx }).answer(request, call),
}

interface VersionCall extends Call {
  version: CodeVersion
}

async function callOf(server: TestServer, options: Partial<Call> & { timeoutMs?: number } = {}): Promise<VersionCall> {
  const definition = await server.definition()
  if (!definition.active) throw new Error('no active version')
  const timeoutMs = options.timeoutMs ?? 10_000
  return {
    server: definition,
    surface: undefined,
    version: definition.active as CodeVersion,
    principal: ANONYMOUS,
    signal: AbortSignal.timeout(timeoutMs),
    ...options,
  }
}

function toolCall(change: Partial<McpRequest> = {}): McpRequest {
  return { id: 7, method: 'tools/call', params: { name: 'tool', arguments: {}, _meta: {} }, paramHeaders: {}, ...change }
}

/**
 * Returns a module that answers each request with `expression`, which can use `message`, `request`,
 * `env` and `ctx`.
 */
function answering(expression: string): string {
  return `const ok = (result) => Response.json({ jsonrpc: '2.0', id: 7, result })
export default { async fetch(request, env, ctx) { const message = await request.clone().json(); return ${expression} } }`
}

async function ask(code: string, change: Partial<McpRequest> = {}, options: Partial<Call> & { timeoutMs?: number } = {}): Promise<Answer> {
  return source.answer(toolCall(change), await callOf(await createServer({ code }), options))
}

async function collect(answer: Answer): Promise<JsonRpcMessage[]> {
  if (!('messages' in answer)) throw new Error(`not a stream: ${JSON.stringify(answer)}`)
  const all: JsonRpcMessage[] = []
  for await (const message of answer.messages) all.push(message)
  return all
}

const internalError = { code: -32603, message: expect.stringMatching(/under [\da-f-]{36}\.$/), data: { correlationId: expect.any(String) } }

it('code source sends tenant code a newly built request, with the caller in ctx.props', async () => {
  const code = answering(
    `ok({ url: request.url, method: request.method, headers: Object.fromEntries(request.headers), message, props: ctx.props })`,
  )
  const server = await createServer({ code })
  const principal = {
    kind: 'granted' as const,
    grantId: 'g',
    clientId: 'c1',
    userId: 'u1',
    scopes: ['mcp:read' as const],
    tools: undefined,
    expiresAt: 0,
  }
  const request = toolCall({
    params: { name: 'café', arguments: { a: 1 } },
    paramHeaders: { 'Mcp-Param-Region': 'eu', Authorization: 'Bearer x', Cookie: 'a=b' },
  })
  const answer = await source.answer(request, await callOf(server, { principal }))
  expect(answer).toEqual({
    result: {
      url: server.urls.resource,
      method: 'POST',
      headers: {
        accept: 'application/json, text/event-stream',
        'content-type': 'application/json',
        'mcp-protocol-version': '2026-07-28',
        'mcp-method': 'tools/call',
        'mcp-name': '=?base64?Y2Fmw6k=?=',
        'mcp-param-region': 'eu',
        'wharf-call-id': expect.any(String),
        'content-length': expect.any(String),
      },
      message: { jsonrpc: '2.0', id: 7, method: 'tools/call', params: { name: 'café', arguments: { a: 1 } } },
      props: { user: 'u1', client: 'c1', scopes: ['mcp:read'], tenant: server.tenant.slug, server: server.slug },
    },
  })
})

it('code source returns a JSON-RPC error of tenant code without its HTTP status and headers', async () => {
  const answer = await ask(
    answering(
      `Response.json({ jsonrpc: '2.0', id: 7, error: { code: -32602, message: 'no' } }, { status: 401, headers: { 'Set-Cookie': 'a=b', Location: 'https://evil.example' } })`,
    ),
  )
  expect(answer).toEqual({ error: { code: -32602, message: 'no' } })
})

it.each([
  ['throws', `(() => { throw new Error('secret detail') })()`],
  ['returns HTML', `new Response('<h1>hi</h1>', { headers: { 'Content-Type': 'text/html' } })`],
  ['returns a redirect', `Response.redirect('https://evil.example/')`],
  [
    'returns a challenge',
    `new Response(null, { status: 401, headers: { 'WWW-Authenticate': 'Bearer resource_metadata="https://evil.example"' } })`,
  ],
  ['returns malformed JSON', `new Response('{"jsonrpc":', { headers: { 'Content-Type': 'application/json' } })`],
  ['returns an array', `Response.json([])`],
  [
    'returns a repeated member',
    `new Response('{"jsonrpc":"2.0","id":7,"result":{"a":1,"a":2}}', { headers: { 'Content-Type': 'application/json' } })`,
  ],
  [
    'returns a member named __proto__',
    `new Response('{"jsonrpc":"2.0","id":7,"result":{"__proto__":{}}}', { headers: { 'Content-Type': 'application/json' } })`,
  ],
  ['returns another id', `Response.json({ jsonrpc: '2.0', id: 8, result: {} })`],
  ['returns a notification', `Response.json({ jsonrpc: '2.0', method: 'notifications/progress' })`],
  ['returns JSON nested a million levels deep', `new Response('['.repeat(1e6), { headers: { 'Content-Type': 'application/json' } })`],
  [
    'returns endless output',
    `new Response(new ReadableStream({ pull(c) { c.enqueue(new Uint8Array(65536).fill(32)) } }), { headers: { 'Content-Type': 'application/json' } })`,
  ],
  [
    'returns an internal error with its own text',
    `Response.json({ jsonrpc: '2.0', id: 7, error: { code: -32603, message: 'password is sesame' } })`,
  ],
  ['returns an object that is not a Response', `({ result: {} })`],
])('code source answers -32603 with a correlation id when tenant code %s', async (_, expression) => {
  expect(await ask(answering(expression))).toEqual({ error: internalError })
})

it('code source ends a call at the deadline when tenant code has not answered', async () => {
  const answer = await ask(answering('new Promise((resolve) => setTimeout(resolve, 60000))'), {}, { timeoutMs: 300 })
  expect(answer).toEqual({ error: internalError })
})

it('code source ends a call when its promise can never settle', async () => {
  expect(await ask(answering('new Promise(() => undefined)'), {}, { timeoutMs: 1000 })).toEqual({ error: internalError })
})

const sse = (body: string) => `export default { async fetch(request, env, ctx) {
  const send = (controller, message) => controller.enqueue(new TextEncoder().encode('event: message\\ndata: ' + JSON.stringify(message) + '\\n\\n'))
  return new Response(new ReadableStream({ ${body} }), { headers: { 'Content-Type': 'text/event-stream' } })
} }`

it('code source streams progress as it happens and ends with the response', async () => {
  const code = `let seen = false
export default { async fetch(request, env, ctx) {
  const message = await request.clone().json()
  if (message.method === 'seen') {
    seen = true
    return Response.json({ jsonrpc: '2.0', id: 7, result: {} })
  }
  const line = (message) => new TextEncoder().encode('data: ' + JSON.stringify(message) + '\\n\\n')
  return new Response(new ReadableStream({ async start(c) {
    c.enqueue(line({ jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken: 't', progress: 1 } }))
    while (!seen) await scheduler.wait(10)
    c.enqueue(line({ jsonrpc: '2.0', id: 7, result: { done: true } }))
    c.close()
  } }), { headers: { 'Content-Type': 'text/event-stream' } })
} }`
  const call = await callOf(await createServer({ code }))
  const answer = await source.answer(toolCall({ params: { name: 'slow', _meta: { progressToken: 't' } } }), call)
  if (!('messages' in answer)) throw new Error('no stream')
  const iterator = answer.messages[Symbol.asyncIterator]()
  expect(await iterator.next()).toMatchObject({ value: { method: 'notifications/progress' } })
  await source.answer(toolCall({ method: 'seen' }), call)
  expect(await iterator.next()).toMatchObject({ value: { id: 7, result: { done: true } } })
  expect(await iterator.next()).toEqual({ done: true, value: undefined })
})

it('code source drops notifications that do not belong to the request', async () => {
  const code = sse(`start(c) {
    send(c, { jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken: 'other', progress: 1 } })
    send(c, { jsonrpc: '2.0', method: 'notifications/tools/list_changed' })
    send(c, { jsonrpc: '2.0', method: 'notifications/message', params: { level: 'info', data: 'quiet' } })
    send(c, { jsonrpc: '2.0', method: 'notifications/message', params: { level: 'error', data: 'loud' } })
    send(c, { jsonrpc: '2.0', id: 7, result: {} })
    c.close()
  }`)
  const messages = await collect(
    await ask(code, { params: { name: 'x', _meta: { progressToken: 't', 'io.modelcontextprotocol/logLevel': 'warning' } } }),
  )
  expect(messages).toMatchObject([{ params: { data: 'loud' } }, { id: 7, result: {} }])
})

it.each([
  ['sends a request to the client', `start(c) { send(c, { jsonrpc: '2.0', id: 1, method: 'elicitation/create', params: {} }) }`],
  [
    'sends an internal error with its own message',
    `start(c) { send(c, { jsonrpc: '2.0', id: 7, error: { code: -32603, message: 'password is sesame' } }) }`,
  ],
  ['closes the stream without a response', `start(c) { c.close() }`],
  ['never stops sending', `pull(c) { send(c, { jsonrpc: '2.0', method: 'notifications/progress', params: { pad: 'x'.repeat(60000) } }) }`],
  ['breaks the stream', `start(c) { c.error(new Error('broken')) }`],
])('code source ends a stream with -32603 when tenant code %s', async (_, body) => {
  expect(await collect(await ask(sse(body)))).toEqual([{ jsonrpc: '2.0', id: 7, error: internalError }])
})

it('code source aborts tenant code when the reader leaves the stream during a wait', async () => {
  const code = `let aborted = false
export default { async fetch(request, env, ctx) {
  const message = await request.clone().json()
  if (message.method === 'aborted?') return Response.json({ jsonrpc: '2.0', id: 7, result: { aborted } })
  request.signal.addEventListener('abort', () => { aborted = true })
  const line = (message) => new TextEncoder().encode('data: ' + JSON.stringify(message) + '\\n\\n')
  let sent = false
  return new Response(new ReadableStream({ async pull(c) {
    if (sent) return scheduler.wait(20000)
    sent = true
    c.enqueue(line({ jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken: 't', progress: 1 } }))
  } }), { headers: { 'Content-Type': 'text/event-stream' } })
} }`
  const call = await callOf(await createServer({ code }))
  const answer = await source.answer(toolCall({ params: { name: 'slow', _meta: { progressToken: 't' } } }), call)
  if (!('messages' in answer)) throw new Error('no stream')
  const iterator = answer.messages[Symbol.asyncIterator]()
  await iterator.next()
  const waiting = iterator.next()
  await iterator.return?.()
  await waiting
  await vi.waitFor(async () => expect(await source.answer(toolCall({ method: 'aborted?' }), call)).toEqual({ result: { aborted: true } }))
})

it('code source aborts tenant code when the caller cancels', async () => {
  const code = `let aborted = false
export default { async fetch(request, env, ctx) {
  const message = await request.clone().json()
  if (message.method === 'aborted?') return Response.json({ jsonrpc: '2.0', id: 7, result: { aborted } })
  request.signal.addEventListener('abort', () => { aborted = true })
  await scheduler.wait(20000)
} }`
  const call = await callOf(await createServer({ code }))
  const cancel = new AbortController()
  const answer = source.answer(toolCall(), { ...call, signal: cancel.signal })
  await scheduler.wait(200)
  cancel.abort()
  expect(await answer).toEqual({ error: internalError })
  await vi.waitFor(async () => expect(await source.answer(toolCall({ method: 'aborted?' }), call)).toEqual({ result: { aborted: true } }))
})

it('isolates of two tenants with equal names and equal code have separate environments', async () => {
  const code = answering('ok({ secret: env.SECRET, all: Object.keys(env).sort(), process: process.env.SECRET ?? null })')
  const results = []
  for (const secret of ['one', 'two', undefined]) {
    const server = await createServer({ slug: 'same-name', code })
    const definition = await server.definition()
    if (secret !== undefined) definition.environment = await sealEnvironment(env, definition, { SECRET: secret })
    const call = await callOf(server)
    results.push(await source.answer(toolCall(), { ...call, server: definition }))
  }
  expect(results).toEqual([
    { result: { secret: 'one', all: ['EVENTS', 'SECRET'], process: 'one' } },
    { result: { secret: 'two', all: ['EVENTS', 'SECRET'], process: 'two' } },
    { result: { all: ['EVENTS'], process: null } },
  ])
})

it('version runs in a new isolate after its environment changes', async () => {
  const server = await createServer({ code: answering('ok({ secret: env.SECRET })') })
  const definition = await server.definition()
  const call = await callOf(server)
  for (const [epoch, secret] of [
    [1, 'old'],
    [2, 'new'],
  ] as const) {
    const changed = { ...definition, environmentEpoch: epoch, environment: await sealEnvironment(env, definition, { SECRET: secret }) }
    expect(await source.answer(toolCall(), { ...call, server: changed })).toEqual({ result: { secret } })
  }
})

it('failure details and console lines reach the log of the tenant, and not the response', async () => {
  const server = await createServer({
    code: answering(`(console.log('hello \\u001b[31m', { a: 1 }), (() => { throw new Error('secret detail') })())`),
  })
  const answer = await source.answer(toolCall(), await callOf(server))
  expect(JSON.stringify(answer)).not.toContain('secret')
  const correlationId = 'error' in answer ? (answer.error.data as { correlationId: string }).correlationId : ''
  await vi.waitFor(
    async () => {
      const lines = await env.SERVER_ACTIVITY.getByName(server.id).recent({ correlationId })
      expect(lines).toContainEqual(expect.objectContaining({ origin: 'platform', message: expect.stringContaining('secret detail') }))
      expect(lines).toContainEqual(expect.objectContaining({ origin: 'exception', message: expect.stringContaining('secret detail') }))
      expect(lines).toContainEqual(expect.objectContaining({ origin: 'console', level: 'log', message: 'hello \\u001b[31m {"a":1}' }))
    },
    { timeout: 5000 },
  )
})

it('version starts on a later call when its bundle could not be read at first', async () => {
  const server = await createServer({ code: answering('ok({})') })
  const call = await callOf(server)
  const bundle = await findBundle(env, server.tenant.id, call.version.content.bundleHash)
  await env.BUNDLES.delete(`bundles/${server.tenant.id}/${call.version.content.bundleHash}`)
  expect(await source.answer(toolCall(), call)).toEqual({ error: internalError })
  await putBundle(env, server.tenant.id, bundle!)
  expect(await source.answer(toolCall(), call)).toEqual({ result: {} })
})

it.each([
  [
    'the bundle cannot be read',
    (server: TestServer, hash: string) => env.BUNDLES.delete(`bundles/${server.tenant.id}/${hash}`),
    /could not start this version/,
  ],
  [
    'the environment cannot be opened',
    async ({ id }: TestServer) =>
      void (await store.update(hostedServers).set({ environment: 'v1.lost.AAAA.BBBB' }).where(eq(hostedServers.id, id))),
    /environment values cannot be opened; set the values again/,
  ],
])('log of a tenant has no secret of the platform when %s', async (_, spoil, reason) => {
  const server = await createServer({ code: answering('ok({})') })
  const { version } = await callOf(server)
  await spoil(server, version.content.bundleHash)
  const call = await callOf(server)
  for (let n = 0; n < 3; n++) expect(await source.answer(toolCall(), call)).toEqual({ error: internalError })
  await vi.waitFor(
    async () => {
      const lines = await env.SERVER_ACTIVITY.getByName(server.id).recent({ kind: 'line' })
      expect(lines).toHaveLength(3)
      expect(JSON.stringify(lines)).toMatch(reason)
      expect(JSON.stringify(lines)).not.toMatch(/[0-9a-f]{64}|[\w-]{43}/)
    },
    { timeout: 5000 },
  )
})

it('console log of one call keeps 64 KB and names the number of dropped lines', async () => {
  const server = await createServer({
    code: answering(`(() => { for (let n = 0; n < 40; n++) console.warn(String(n), 'x'.repeat(4000)); return ok({}) })()`),
  })
  await source.answer(toolCall(), await callOf(server))
  await vi.waitFor(
    async () => {
      const lines = await env.SERVER_ACTIVITY.getByName(server.id).recent({ kind: 'line', limit: 100 })
      expect(lines).toHaveLength(18)
      expect(lines[0]).toMatchObject({ level: 'warn', message: '24 more lines of this call were dropped' })
      expect(lines[1]).toMatchObject({ level: 'warn', message: expect.stringMatching(/^The limit of 500 lines or 65536 characters/) })
      expect(lines[2]).toMatchObject({ origin: 'console', level: 'warn', message: expect.stringMatching(/^15 x+$/) })
    },
    { timeout: 5000 },
  )
})

it.each([
  ['console.log', `console.log('line', n)`],
  ['ten methods of the console', `(n === 2 ? console.log : printers[n % printers.length])('line', n)`],
  ['the console of Node', `nodeConsole.log('line', n)`],
  ['standard output', `process.stdout.write('line ' + n + '\\n')`],
])('one call keeps 500 lines of 200,000 by %s, and other calls keep their own', async (_, print) => {
  const server = await createServer({
    code: `import nodeConsole from 'node:console'
const printers = ['debug', 'error', 'info', 'table', 'dir', 'trace', 'group', 'count', 'warn', 'log'].map((name) => console[name])
${answering(`(() => { for (let n = 0; n < message.params.arguments.lines; n++) ${print}; return ok({}) })()`)}`,
  })
  const call = await callOf(server)
  const ask = (lines: number) => source.answer(toolCall({ params: { name: 'tool', arguments: { lines }, _meta: {} } }), call)
  const start = performance.now()
  expect(await ask(200_000)).toEqual({ result: {} })
  // each line cost 30 microseconds without the limit
  expect(performance.now() - start).toBeLessThan(3_000)
  await vi.waitFor(
    async () => {
      const lines = await env.SERVER_ACTIVITY.getByName(server.id).recent({ kind: 'line', limit: 2 })
      expect(lines).toMatchObject([
        { message: expect.stringMatching(/^199\d{3} more lines of this call were dropped$/) },
        { message: expect.stringMatching(/^The limit of 500 lines/) },
      ])
    },
    { timeout: 5000 },
  )
  expect(await ask(3)).toEqual({ result: {} })
  await vi.waitFor(
    async () => {
      const [last] = await env.SERVER_ACTIVITY.getByName(server.id).recent({ kind: 'line', limit: 1 })
      expect(last).toMatchObject({ message: expect.stringMatching(/^(?:stdout: )?line 2$/) })
    },
    { timeout: 5000 },
  )
})

it('console of a class that extends WorkerEntrypoint has the same limit, and its handler gets the request', async () => {
  const server = await createServer({
    code: `import { WorkerEntrypoint } from 'cloudflare:workers'
export default class extends WorkerEntrypoint {
  async fetch(request) {
    const { id, method } = await request.json()
    for (let n = 0; n < 1_000; n++) console.log(this.ctx.props.server, n)
    return Response.json({ jsonrpc: '2.0', id, result: { method } })
  }
}`,
  })
  expect(await source.answer(toolCall(), await callOf(server))).toEqual({ result: { method: 'tools/call' } })
  await vi.waitFor(
    async () => {
      const lines = await env.SERVER_ACTIVITY.getByName(server.id).recent({ kind: 'line', limit: 3 })
      expect(lines).toMatchObject([
        { message: '500 more lines of this call were dropped' },
        { message: expect.stringMatching(/^The limit of 500 lines/) },
        { message: `${server.slug} 499` },
      ])
    },
    { timeout: 5000 },
  )
})

it('worker code always has an egress and the compatibility flags of the platform', async () => {
  const server = await createServer({ code: answering('ok({})') })
  const { server: definition, version } = await callOf(server)
  const code = await workerCode(definition, version, env, { exports, waitUntil: () => undefined })
  expect(code.globalOutbound).toBeTruthy()
  expect(code.tails).toHaveLength(1)
  expect(code.compatibilityFlags).toEqual(['nodejs_compat', 'enable_request_signal'])
  expect(code).not.toHaveProperty('allowExperimental')
})

it('isolate id differs by tenant, server, environment, egress hosts, version and bundle', async () => {
  const server = await createServer({ code: answering('ok({})') })
  const { server: definition, version } = await callOf(server)
  const ids = await Promise.all([
    isolateId(definition, version),
    isolateId({ ...definition, tenantId: 'other' }, version),
    isolateId({ ...definition, id: 'other' }, version),
    isolateId({ ...definition, environmentEpoch: 1 }, version),
    isolateId({ ...definition, egress: ['a.example.com'] }, version),
    isolateId(definition, { ...version, id: 'other' }),
    isolateId(definition, { ...version, content: { ...version.content, bundleHash: 'other' } }),
  ])
  expect(new Set(ids).size).toBe(ids.length)
  expect(await isolateId({ ...definition, name: 'another name' }, version)).toBe(ids[0])
})

it('tenant code can export an object or a WorkerEntrypoint class, and fails without either', async () => {
  const reply = `Response.json({ jsonrpc: '2.0', id: 7, result: { from: this?.constructor?.name ?? 'none' } })`
  expect(await ask(`class Own { fetch(request, env, ctx) { return ${reply} } }; export default new Own()`)).toEqual({
    result: { from: 'Own' },
  })
  const entrypoint = `import { WorkerEntrypoint } from 'cloudflare:workers'; export default class Point extends WorkerEntrypoint { fetch(request) { return ${reply} } }`
  expect(await ask(entrypoint)).toEqual({ result: { from: 'Point' } })
  expect(await ask('export const fetch = 1')).toEqual({ error: internalError })
})

it('event arrives when tenant code publishes it without waiting', async () => {
  const published = vi.spyOn(Events.prototype, 'publish').mockReturnValue(undefined)
  try {
    expect(await ask(answering(`(env.EVENTS.publish({ kind: 'tools_list_changed' }), ok({}))`))).toEqual({ result: {} })
    await vi.waitFor(() => expect(published).toHaveBeenCalledWith({ kind: 'tools_list_changed' }))
  } finally {
    published.mockRestore()
  }
})

it('version that a Durable Object started keeps running after the object is evicted', async () => {
  const server = await createServer({
    code: answering(`(console.log('still heard'), ok({ status: (await fetch('https://api.example.com/echo')).status }))`),
    settings: { egress: ['api.example.com'] },
  })
  const call = await callOf(server)
  const object = env.SERVER_ACTIVITY.getByName(`starter of ${server.id}`)
  const first = await runInDurableObject(object, (_, state) =>
    source.answer(toolCall(), call, { exports: state.exports, waitUntil: (promise) => state.waitUntil(promise) }),
  )
  expect(first).toEqual({ result: { status: 200 } })
  await evictDurableObject(object)
  expect(await source.answer(toolCall(), call)).toEqual({ result: { status: 200 } })
  await vi.waitFor(async () => expect(await env.SERVER_ACTIVITY.getByName(server.id).recent()).toHaveLength(2), { timeout: 5000 })
})
