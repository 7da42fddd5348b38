import { expect, it } from 'vitest'
import { callModern, eventsOf, wireServer } from '../support/modern.ts'
import { createServer, createToken, surfaceOf } from '../support/platform.ts'

const ASK = `async (_, { params }) => params.inputResponses
    ? { content: [{ type: 'text', text: params.requestState + ' ' + JSON.stringify(params.inputResponses) }] }
    : { resultType: 'input_required', inputRequests: { name: { method: 'elicitation/create', params: { message: 'Who?', requestedSchema: { type: 'object', properties: {} } } } }, requestState: 'kept' }`
const TOOLS = `{
  echo: async (args) => ({ content: [{ type: 'text', text: JSON.stringify(args) }] }),
  who: async (_, { props, request }) => ({ content: [{ type: 'text', text: JSON.stringify({ props, headers: [...request.headers.keys()] }) }] }),
  slow: async (_, { meta, notify }) => {
    for (let step = 1; step <= 3; step++) await notify('notifications/progress', { progressToken: meta.progressToken, progress: step })
    return { content: [] }
  },
  write: async () => ({ content: [] }),
  ask: ${ASK},
  ask_write: ${ASK},
}`
const tool = (name: string, readOnlyHint = true) => ({ name, inputSchema: { type: 'object' }, annotations: { readOnlyHint } })
const surface = surfaceOf([tool('echo'), tool('who'), tool('slow'), tool('ask'), tool('write', false), tool('ask_write', false)])

const open = (settings = {}) => createServer({ code: wireServer(TOOLS), surface, settings: { access: 'public', ...settings } })

it('tool call is answered with one JSON object', async () => {
  const response = await callModern(await open(), { params: { name: 'echo', arguments: { a: 1 } } })
  expect([response.status, response.headers.get('Content-Type')]).toEqual([200, 'application/json'])
  expect(await response.json()).toMatchObject({
    id: 1,
    result: { resultType: 'complete', content: [{ text: '{"a":1}' }], _meta: { 'io.modelcontextprotocol/serverInfo': { name: 'test' } } },
  })
})

it('tool call that reports progress is answered with a stream that ends with the response', async () => {
  const response = await callModern(await open(), { id: 'x', params: { name: 'slow' }, meta: { progressToken: 't' } })
  expect([response.headers.get('Content-Type'), response.headers.get('X-Accel-Buffering')]).toEqual(['text/event-stream', 'no'])
  const messages = []
  for await (const { message } of eventsOf(response)) messages.push(message)
  expect(messages.map((message) => (message?.['params'] as { progress?: number } | undefined)?.progress ?? message?.['id'])).toEqual([
    1,
    2,
    3,
    'x',
  ])
})

it('tenant code receives the caller in ctx.props, and neither token nor cookie', async () => {
  const server = await createServer({ code: wireServer(TOOLS), surface })
  const { token, user, clientId } = await createToken(server)
  const who = await (
    await callModern(server, { token, headers: { Cookie: 'a=b' }, params: { name: 'who' } })
  ).json<{ result: { content: { text: string }[] } }>()
  const { props, headers } = JSON.parse(who.result.content[0]!.text)
  expect(props).toEqual({
    user: user.id,
    client: clientId,
    scopes: ['mcp:read', 'mcp:write'],
    tenant: server.tenant.slug,
    server: server.slug,
  })
  expect(headers).not.toContain('authorization')
  expect(headers).not.toContain('cookie')
})

it('tool call without a token gets 401 with the resource metadata URL when the server is not public', async () => {
  const server = await createServer({ code: wireServer(TOOLS), surface })
  const refused = await callModern(server, { params: { name: 'echo' } })
  expect([refused.status, refused.headers.get('WWW-Authenticate')]).toEqual([
    401,
    `Bearer resource_metadata="${server.urls.resourceMetadata}", scope="mcp:read mcp:write"`,
  ])
})

it('call of a writing tool gets 401 without a token, and 403 when the token lacks mcp:write', async () => {
  const server = await open()
  const anonymous = await callModern(server, { params: { name: 'write' } })
  expect([anonymous.status, anonymous.headers.get('WWW-Authenticate')]).toEqual([
    401,
    expect.stringContaining('scope="mcp:read mcp:write"'),
  ])
  const { token } = await createToken(server, { scopes: ['mcp:read'] })
  const narrow = await callModern(server, { token, params: { name: 'write' } })
  expect([narrow.status, narrow.headers.get('WWW-Authenticate')]).toEqual([
    403,
    expect.stringMatching(/scope="mcp:read mcp:write", error="insufficient_scope"/),
  ])
  const wide = await createToken(server, { scopes: ['mcp:write'] })
  expect((await callModern(server, { token: wide.token, params: { name: 'write' } })).status).toBe(200)
})

it('tools/list includes tools that need a wider scope and omits tools that the grant excludes', async () => {
  const server = await open()
  const names = async (token: string) => {
    const listed = await (await callModern(server, { token, method: 'tools/list' })).json<{ result: { tools: { name: string }[] } }>()
    return listed.result.tools.map(({ name }) => name)
  }
  expect(await names((await createToken(server, { scopes: ['mcp:read'] })).token)).toContain('write')
  const { token } = await createToken(server, { tools: ['echo'] })
  expect(await names(token)).toEqual(['echo'])
  expect(await (await callModern(server, { token, params: { name: 'who' } })).json()).toMatchObject({ error: { code: -32602 } })
})

it('tools/list has cacheScope public without a token and private with a token', async () => {
  const server = await open()
  const scope = async (token?: string) => {
    const listed = await (
      await callModern(server, { method: 'tools/list', ...(token ? { token } : {}) })
    ).json<{ result: { cacheScope: string; ttlMs: number } }>()
    return [listed.result.cacheScope, listed.result.ttlMs]
  }
  expect(await scope()).toEqual(['public', 60_000])
  expect(await scope((await createToken(server)).token)).toEqual(['private', 60_000])
})

it('server/discover lists every revision that the URL serves', async () => {
  const found = await (await callModern(await open(), { method: 'server/discover' })).json()
  expect(found).toMatchObject({ result: { supportedVersions: ['2026-07-28', '2025-11-25', '2025-06-18', '2025-03-26'] } })
})

const capabilities = { 'io.modelcontextprotocol/clientCapabilities': { elicitation: {} } }
type Asking = { result: { resultType: string; requestState: string } }

it('requestState is sealed, and accepted once for the same request of the same principal', async () => {
  const server = await open()
  const params = { name: 'ask', arguments: { a: 1, b: 2 } }
  const { result } = await (await callModern(server, { params, meta: capabilities })).json<Asking>()
  expect(result.resultType).toBe('input_required')
  expect(result.requestState).not.toContain('kept')
  const retry = (change: Record<string, unknown>, token?: string) =>
    callModern(server, {
      ...(token ? { token } : {}),
      meta: capabilities,
      params: {
        ...params,
        arguments: { b: 2, a: 1 },
        inputResponses: { name: { action: 'accept' } },
        requestState: result.requestState,
        ...change,
      },
    })
  const flipped = (result.requestState.startsWith('A') ? 'B' : 'A') + result.requestState.slice(1)
  const { token } = await createToken(server)
  for (const refused of [
    retry({ requestState: flipped }),
    retry({ requestState: 7 }),
    retry({ arguments: { a: 2, b: 2 } }),
    retry({}, token),
  ]) {
    expect(await (await refused).json()).toMatchObject({ error: { code: -32602 } })
  }
  // the refused retries did not use up the state
  expect(await (await retry({})).json()).toMatchObject({ result: { content: [{ text: 'kept {"name":{"action":"accept"}}' }] } })
  expect(await (await retry({})).json()).toMatchObject({ error: { code: -32602 } })
})

it('requestState is accepted once when ten retries arrive at the same time', async () => {
  const server = await open()
  const params = { name: 'ask', arguments: {} }
  for (let round = 0; round < 20; round++) {
    const { result } = await (await callModern(server, { params, meta: capabilities })).json<Asking>()
    const answer = { ...params, inputResponses: { name: { action: 'accept' } }, requestState: result.requestState }
    const answers = await Promise.all(
      Array.from({ length: 10 }, async (_, id) =>
        (await callModern(server, { id, params: answer, meta: capabilities })).json<{ result?: unknown; error?: { code: number } }>(),
      ),
    )
    expect(answers.filter((each) => each.result)).toHaveLength(1)
    expect(answers.flatMap(({ error }) => error?.code ?? [])).toEqual(Array.from({ length: 9 }, () => -32602))
  }
})

it('requestState stays valid when a retry is refused for a missing scope', async () => {
  const server = await open({ access: 'signed-in' })
  const wide = await createToken(server)
  const params = { name: 'ask_write', arguments: {} }
  const { result } = await (await callModern(server, { params, meta: capabilities, token: wide.token })).json<Asking>()
  const answer = { ...params, inputResponses: { name: { action: 'accept' } }, requestState: result.requestState }
  const narrow = await createToken(server, { user: wide.user, clientId: wide.clientId, scopes: ['mcp:read'] })
  expect((await callModern(server, { params: answer, meta: capabilities, token: narrow.token })).status).toBe(403)
  expect(await (await callModern(server, { params: answer, meta: capabilities, token: wide.token })).json()).toMatchObject({
    result: { content: [{ text: expect.stringContaining('kept') }] },
  })
})

it('input request fails with -32021 when the client did not declare elicitation', async () => {
  const response = await callModern(await open(), { params: { name: 'ask' } })
  expect(response.status).toBe(400)
  expect(await response.json()).toMatchObject({ error: { code: -32021, data: { requiredCapabilities: { elicitation: { form: {} } } } } })
})

it('call gets 503 with Retry-After when the server has no active version', async () => {
  const response = await callModern(await createServer({ settings: { access: 'public' } }), { method: 'server/discover' })
  expect([response.status, response.headers.get('Retry-After')]).toEqual([503, '60'])
})

it('version endpoint runs that version for members who may deploy, and is 404 for everyone else', async () => {
  const server = await createServer({ code: wireServer(TOOLS), surface, settings: { access: 'signed-in' } })
  const path = `${new URL(server.urls.resource).pathname}/versions/1`
  const { token } = await createToken(server)
  expect((await callModern(server, { token, path, params: { name: 'echo' } })).status).toBe(200)
  expect((await callModern(server, { token, path: path.replace(/1$/, '2'), params: { name: 'echo' } })).status).toBe(404)
  const stranger = await createToken(server, { user: (await open()).tenant.owner })
  expect((await callModern(server, { token: stranger.token, path, params: { name: 'echo' } })).status).toBe(404)
})

it.each([
  ['the header names a served version and the body an unknown one', '2026-07-28', 'v999', -32020],
  ['header and body name the same unknown version', 'v999', 'v999', -32022],
])('tool call is refused when %s', async (_, header, version, code) => {
  const response = await callModern(await open(), {
    params: { name: 'echo' },
    headers: { 'MCP-Protocol-Version': header },
    meta: { 'io.modelcontextprotocol/protocolVersion': version },
  })
  expect(response.status).toBe(400)
  expect(await response.json()).toMatchObject({ error: { code } })
})
