import { exports } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { callModern, META, post, wireServer } from '../support/modern.ts'
import { createServer, createToken, fetchPlatform, surfaceOf, type TestServer } from '../support/platform.ts'

const region = {
  type: 'object',
  properties: {
    region: { type: 'string', 'x-mcp-header': 'Region' },
    size: { type: 'integer', 'x-mcp-header': 'Size' },
    dry: { type: 'boolean', 'x-mcp-header': 'Dry' },
  },
}
const surface = surfaceOf([
  { name: 'echo', inputSchema: { type: 'object' }, annotations: { readOnlyHint: true } },
  { name: 'héllo wörld', inputSchema: { type: 'object' }, annotations: { readOnlyHint: true } },
  { name: 'region', inputSchema: region, annotations: { readOnlyHint: true } },
])
const TOOLS = `{
  echo: async (args) => ({ content: [{ type: 'text', text: JSON.stringify(args) }] }),
  'héllo wörld': async () => ({ content: [] }),
  region: async (_, { request }) => ({ content: [{ type: 'text', text: JSON.stringify([...request.headers].filter(([name]) => name.startsWith('mcp-param-'))) }] }),
}`
const open = (settings = {}) => createServer({ code: wireServer(TOOLS), surface, settings: { access: 'public', ...settings } })
const server = await open()

const correct = {
  'Content-Type': 'application/json',
  Accept: 'application/json, text/event-stream',
  'MCP-Protocol-Version': '2026-07-28',
  'Mcp-Method': 'tools/call',
  'Mcp-Name': 'echo',
}
const message = (change: Record<string, unknown> = {}) => ({
  jsonrpc: '2.0',
  id: 7,
  method: 'tools/call',
  params: { name: 'echo', arguments: {}, _meta: META },
  ...change,
})
const send = (body: unknown, headers: Record<string, string | null> = {}, at: TestServer = server) =>
  post(
    at,
    typeof body === 'string' || body instanceof Uint8Array || body instanceof ReadableStream ? (body as BodyInit) : JSON.stringify(body),
    { ...correct, ...headers },
  )
const answer = async (response: Response) => ({
  status: response.status,
  ...(await response.json<{ id?: unknown; error?: { code: number; data?: unknown }; result?: unknown }>()),
})

it('MCP endpoint answers the unchanged request, which the tests below vary, with 200', async () => {
  expect(await answer(await send(message()))).toMatchObject({ status: 200, id: 7, result: {} })
})

describe('MCP request body', () => {
  it.each([
    ['is not JSON', '{', -32700],
    ['is empty', '', -32700],
    ['starts with a byte order mark', `\ufeff${JSON.stringify(message())}`, -32700],
    ['is not UTF-8', new Uint8Array([0x22, 0xff, 0x22]), -32700],
    ['is a number', '7', -32600],
    ['is null', 'null', -32600],
    ['repeats a member', '{"jsonrpc":"2.0","id":1,"method":"a","method":"b"}', -32600],
    ['repeats a member in an escaped spelling', '{"jsonrpc":"2.0","id":1,"method":"a","m\\u0065thod":"b"}', -32600],
    ['has a __proto__ member', '{"jsonrpc":"2.0","id":1,"method":"a","params":{"__proto__":{}}}', -32600],
    [
      'is nested more than 64 levels deep',
      `{"jsonrpc":"2.0","id":1,"method":"a","params":{"a":${'['.repeat(70)}${']'.repeat(70)}}}`,
      -32600,
    ],
    ['is nested a million levels deep', '['.repeat(1_000_000), -32600],
    ['has an id of more than 256 bytes', message({ id: 'x'.repeat(257) }), -32600],
    ['has an id of more than 256 bytes in fewer characters', message({ id: 'ü'.repeat(129) }), -32600],
    ['is a batch', [message()], -32600],
    ['has the id null', message({ id: null }), -32600],
    ['has a fractional id', message({ id: 1.5 }), -32600],
    ['has another JSON-RPC version', message({ jsonrpc: '1.0' }), -32600],
    ['has a method that is not a string', message({ method: 7 }), -32600],
    ['has an array as params', message({ params: [] }), -32600],
    ['is neither a request nor a notification nor a response', { jsonrpc: '2.0', id: 1 }, -32600],
    ['is a response to a request that the server never sent', { jsonrpc: '2.0', id: 1, result: {} }, -32600],
  ])('is refused with 400 when it %s', async (_, body, code) => {
    expect(await answer(await send(body))).toMatchObject({ status: 400, error: { code } })
  })

  it.each([
    ['12,000 integers', { rows: Array.from({ length: 1000 }, () => [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]) }],
    ['a hundred thousand empty objects', { rows: Array.from({ length: 100_000 }, () => ({})) }],
    ['a member for each of fifty thousand names', Object.fromEntries(Array.from({ length: 50_000 }, (_, n) => [`n${n}`, n]))],
  ])('reaches the tool whole, and so does the answer, when it has %s', async (_, args) => {
    const response = await send(message({ id: 'x'.repeat(256), params: { name: 'echo', arguments: args, _meta: META } }))
    const { result } = await response.json<{ result: { content: { text: string }[] } }>()
    expect(JSON.parse(result.content[0]!.text)).toEqual(args)
  })

  const deep = `${'['.repeat(70)}${']'.repeat(70)}`
  it.each([
    ['before the fault', `{"jsonrpc":"2.0","id":"a","method":"m","params":{"a":${deep}}}`, 'a'],
    ['after the fault', `{"jsonrpc":"2.0","params":{"id":1,"a":${deep}},"method":"id","id" : -7 }`, -7],
    ['in an escaped spelling', `{"jsonrpc":"2.0","\\u0069d":"\\u00fc","params":{"a":${deep}}}`, 'ü'],
    ['beside a member that is named twice', '{"jsonrpc":"2.0","id":3,"method":"a","method":"b"}', 3],
    ['nowhere', `{"jsonrpc":"2.0","params":{"id":1,"a":${deep}}}`, undefined],
    ['twice', `{"id":1,"jsonrpc":"2.0","id":2,"params":{"a":${deep}}}`, undefined],
    ['as a fraction', `{"jsonrpc":"2.0","id":1.5,"params":{"a":${deep}}}`, undefined],
    ['at more than 256 bytes', `{"jsonrpc":"2.0","id":"${'x'.repeat(2000)}","params":{"a":${deep}}}`, undefined],
  ])('is refused with its id when the structure is refused and the id stands %s', async (_, body, id) => {
    const answered = await answer(await send(body))
    expect(answered).toMatchObject({ status: 400, error: { code: -32600 } })
    expect(answered.id).toBe(id)
  })

  it('is refused with 413 when it exceeds 4 MiB, and the rest is not read', async () => {
    expect(
      (await send(JSON.stringify(message({ params: { name: 'echo', arguments: { a: 'x'.repeat(4 * 1024 * 1024) }, _meta: META } }))))
        .status,
    ).toBe(413)
    let pulled = 0
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        pulled++
        controller.enqueue(new Uint8Array(64 * 1024).fill(0x20))
      },
    })
    expect((await send(endless)).status).toBe(413)
    expect(pulled).toBeLessThan(100)
  })

  it('gets 415 when it is not JSON, and 406 when Accept lacks JSON or event streams', async () => {
    expect((await send(message(), { 'Content-Type': 'text/plain' })).status).toBe(415)
    expect((await send(message(), { 'Content-Type': null })).status).toBe(415)
    expect((await send(message(), { 'Content-Type': 'application/json; charset=utf-8' })).status).toBe(200)
    for (const accept of ['application/json', 'text/event-stream', 'text/html', 'application/json, text/event-stream;q=0']) {
      expect([accept, (await send(message(), { Accept: accept })).status]).toEqual([accept, 406])
    }
    for (const accept of ['*/*', null, 'application/*, text/*']) expect((await send(message(), { Accept: accept })).status).toBe(200)
  })
})

describe('envelope of a stateless request', () => {
  const V = 'io.modelcontextprotocol/protocolVersion'
  const C = 'io.modelcontextprotocol/clientCapabilities'
  it.each([
    ['has no _meta', undefined, -32602],
    ['has no protocol version', { [C]: {} }, -32602],
    ['has no client capabilities', { [V]: '2026-07-28' }, -32602],
    ['has a list as client capabilities', { ...META, [C]: [] }, -32602],
    ['has a number as protocol version', { ...META, [V]: 7 }, -32602],
    ['has an unknown log level', { ...META, 'io.modelcontextprotocol/logLevel': 'loud' }, -32602],
    ['has a malformed clientInfo', { ...META, 'io.modelcontextprotocol/clientInfo': 'me' }, -32602],
    ['has an object as progress token', { ...META, progressToken: {} }, -32602],
    ['has a progress token of more than 256 bytes', { ...META, progressToken: 'x'.repeat(257) }, -32602],
  ])('gets an error with its id when it %s', async (_, meta, code) => {
    const params = { name: 'echo', arguments: {}, ...(meta ? { _meta: meta } : {}) }
    expect(await answer(await send(message({ params })))).toMatchObject({ status: 400, id: 7, error: { code } })
  })

  it('is accepted without clientInfo and with unknown keys', async () => {
    expect((await send(message({ params: { name: 'echo', _meta: { ...META, 'com.example/x': 1, traceparent: 'x' } } }))).status).toBe(200)
  })

  it('is refused with the list of served versions when its version is not served', async () => {
    const params = { name: 'echo', _meta: { ...META, [V]: '2099-01-01' } }
    expect(await answer(await send(message({ params }), { 'MCP-Protocol-Version': '2099-01-01' }))).toMatchObject({
      status: 400,
      error: { code: -32022, data: { supported: ['2026-07-28', '2025-11-25', '2025-06-18', '2025-03-26'], requested: '2099-01-01' } },
    })
  })

  it('is required when only a header or the method marks the message as stateless', async () => {
    const bare = { jsonrpc: '2.0', id: 7, method: 'server/discover' }
    expect(await answer(await send(bare, { 'Mcp-Method': 'server/discover', 'Mcp-Name': null }))).toMatchObject({
      status: 400,
      error: { code: -32602 },
    })
    expect(await answer(await send(bare, { 'MCP-Protocol-Version': null, 'Mcp-Method': null, 'Mcp-Name': null }))).toMatchObject({
      status: 400,
      error: { code: -32602 },
    })
  })
})

describe('headers of a stateless request', () => {
  it.each([
    ['lack the version', { 'MCP-Protocol-Version': null }],
    ['name another version than the body', { 'MCP-Protocol-Version': '2025-11-25' }],
    ['lack the method', { 'Mcp-Method': null }],
    ['name another method than the body', { 'Mcp-Method': 'tools/list' }],
    ['spell the method in another case', { 'Mcp-Method': 'Tools/Call' }],
    ['lack the tool name', { 'Mcp-Name': null }],
    ['name another tool than the body', { 'Mcp-Name': 'other' }],
    ['have broken base64 in the tool name', { 'Mcp-Name': '=?base64?ZWNobw=?=' }],
    ['spell the base64 marker in upper case', { 'Mcp-Name': '=?BASE64?ZWNobw==?=' }],
  ])('are refused when they %s', async (_, headers) => {
    expect(await answer(await send(message(), headers))).toMatchObject({ status: 400, id: 7, error: { code: -32020 } })
  })

  it.each([
    ['have spaces around a value', { 'Mcp-Method': '  tools/call ' }],
    ['carry the tool name in base64', { 'Mcp-Name': '=?base64?ZWNobw==?=' }],
    ['carry a session id and an event id, which are ignored', { 'Mcp-Session-Id': 'x', 'Last-Event-ID': 'y' }],
  ])('are accepted when they %s', async (_, headers) => {
    expect((await send(message(), headers)).status).toBe(200)
  })

  it('are accepted when they carry a non-ASCII tool name in base64', async () => {
    const name = 'héllo wörld'
    const encoded = `=?base64?${new TextEncoder().encode(name).toBase64()}?=`
    expect((await callModern(server, { params: { name }, headers: { 'Mcp-Name': encoded } })).status).toBe(200)
  })

  it.each([
    [
      'are accepted when equal',
      { region: 'eu', size: 3, dry: true },
      { 'Mcp-Param-Region': 'eu', 'Mcp-Param-Size': '3', 'Mcp-Param-Dry': 'true' },
      200,
    ],
    ['are accepted when equal as numbers', { size: 3 }, { 'Mcp-Param-Size': '3.0' }, 200],
    ['are accepted when equal after base64 decoding', { region: 'ü' }, { 'Mcp-Param-Region': '=?base64?w7w=?=' }, 200],
    ['are accepted when a null argument has no header', { region: null }, {}, 200],
    ['are refused when a header is missing', { region: 'eu' }, {}, 400],
    ['are refused when not equal', { region: 'eu' }, { 'Mcp-Param-Region': 'us' }, 400],
    ['are refused when not equal as numbers', { size: 3 }, { 'Mcp-Param-Size': '4' }, 400],
    ['are refused when their base64 is broken', { region: 'ü' }, { 'Mcp-Param-Region': '=?base64?w7w?=' }, 400],
    ['are refused when the argument is a list with the same text', { region: ['eu'] }, { 'Mcp-Param-Region': 'eu' }, 400],
    ['are refused when the argument is a list of numbers with the same text', { size: [3] }, { 'Mcp-Param-Size': '3' }, 400],
    ['are refused when the argument is missing', {}, { 'Mcp-Param-Region': 'eu' }, 400],
  ])('that mirror tool arguments %s', async (_, args, headers, status) => {
    const response = await callModern(server, { params: { name: 'region', arguments: args }, headers })
    expect(await answer(response)).toMatchObject(status === 200 ? { status, result: {} } : { status, error: { code: -32020 } })
  })
})

describe('stateless MCP endpoint', () => {
  it.each(['initialize', 'ping', 'logging/setLevel', 'resources/subscribe', 'resources/unsubscribe', 'tasks/get', 'nothing/here'])(
    'answers the unknown method %s with 404',
    async (method) => {
      expect(await answer(await callModern(server, { method, id: 'a' }))).toMatchObject({ status: 404, id: 'a', error: { code: -32601 } })
    },
  )

  it('answers a method that the hosted server does not have with 404', async () => {
    expect(await answer(await callModern(server, { method: 'prompts/list' }))).toMatchObject({ status: 404, error: { code: -32601 } })
  })

  it('answers a notification with 202 and no body', async () => {
    const response = await send({ jsonrpc: '2.0', method: 'notifications/anything' }, { 'Mcp-Method': null, 'Mcp-Name': null })
    expect([response.status, await response.text()]).toEqual([202, ''])
  })

  it('requires the write scope before it reports a tool as unknown', async () => {
    expect((await callModern(server, { params: { name: 'nobody' } })).status).toBe(401)
    const { token } = await createToken(server)
    expect(await answer(await callModern(server, { token, params: { name: 'nobody' } }))).toMatchObject({
      status: 200,
      error: { code: -32602 },
    })
  })
})

describe('MCP endpoint over HTTP', () => {
  const path = new URL(server.urls.resource).pathname
  it.each(['GET', 'DELETE', 'PUT', 'PATCH'])('answers %s with 405 when there is no session', async (method) => {
    const response = await fetchPlatform(path, { method, headers: { 'MCP-Protocol-Version': '2026-07-28', 'Mcp-Session-Id': 'x' } })
    expect([response.status, response.headers.get('Allow')]).toEqual([405, 'POST, GET, DELETE, OPTIONS'])
  })

  it('accepts web pages of the platform and of the origins that the tenant lists', async () => {
    const listed = await open({ origins: ['https://app.example.com'] })
    const status = async (origin: string) => {
      const response = await send(message(), { Origin: origin }, listed)
      return [response.status, response.headers.get('Access-Control-Allow-Origin')]
    }
    expect(await status('https://app.example.com')).toEqual([200, 'https://app.example.com'])
    expect(await status('http://localhost:8787')).toEqual([200, 'http://localhost:8787'])
    for (const origin of ['https://evil.example', 'null', 'https://app.example.com.evil.example', 'http://app.example.com'])
      expect(await status(origin)).toEqual([403, null])
  })

  it('answers a preflight with the headers that a web page may send and read', async () => {
    const preflight = (origin: string) =>
      fetchPlatform(path, {
        method: 'OPTIONS',
        headers: { Origin: origin, 'Access-Control-Request-Method': 'POST', 'Access-Control-Request-Headers': 'mcp-param-region, x-evil' },
      })
    const allowed = await preflight('http://localhost:8787')
    expect(allowed.status).toBe(204)
    expect(allowed.headers.get('Access-Control-Allow-Headers')).toContain('mcp-param-region')
    expect(allowed.headers.get('Access-Control-Allow-Headers')).not.toContain('x-evil')
    expect(allowed.headers.get('Access-Control-Expose-Headers')).toContain('Mcp-Session-Id')
    expect((await preflight('https://evil.example')).status).toBe(403)
  })

  it.each(['https://evil.example', 'http://127.0.0.1:8787', 'http://localhost:9999'])(
    'refuses a request to the host %s with 403',
    async (host) => {
      expect(
        (await exports.default.fetch(`${host}${path}`, { method: 'POST', body: JSON.stringify(message()), headers: correct })).status,
      ).toBe(403)
    },
  )
})
