import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { drain, openSession, take } from '../support/legacy.ts'
import { eventsOf, post, wireServer } from '../support/modern.ts'
import { createServer, createToken, fetchPlatform, surfaceOf } from '../support/platform.ts'

const TOOLS = `{
  echo: async (args) => ({ content: [{ type: 'text', text: JSON.stringify(args) }] }),
  number: async () => ({ content: [], structuredContent: 7 }),
  log: async (_, { notify }) => {
    for (const level of ['debug', 'info', 'error']) await notify('notifications/message', { level, data: level })
    return { content: [] }
  },
  slow: async (_, { meta, notify }) => {
    for (let step = 1; step <= 3; step++) {
      await scheduler.wait(150)
      await notify('notifications/progress', { progressToken: meta.progressToken, progress: step })
    }
    return { content: [{ type: 'text', text: 'done' }] }
  },
  ask: async ({ what = 'name' }, { params }) => params.inputResponses
    ? { content: [{ type: 'text', text: what + ' ' + params.requestState + ' ' + JSON.stringify(params.inputResponses) }] }
    : { resultType: 'input_required', inputRequests: { [what]: { method: 'elicitation/create', params: { mode: 'form', message: what, requestedSchema: { type: 'object', properties: {} } } } }, requestState: 'kept' },
  later: async (_, { params }) => params.requestState ? { content: [{ type: 'text', text: 'now' }] } : { resultType: 'input_required', requestState: 'wait' },
  hang: async (_, { signal }) => new Promise((resolve) => signal.addEventListener('abort', () => resolve({ content: [] }))),
  write: async () => ({ content: [] }),
}`
const tool = (name: string, extra = {}) => ({ name, inputSchema: { type: 'object' }, annotations: { readOnlyHint: true }, ...extra })
const surface = surfaceOf(
  [
    ...['echo', 'log', 'slow', 'ask', 'later', 'hang'].map((name) => tool(name)),
    tool('number', { outputSchema: { type: 'number' } }),
    tool('write', { annotations: {} }),
  ],
  {
    capabilities: { tools: { listChanged: true }, resources: { subscribe: true, listChanged: true }, logging: {} },
    instructions: 'Be kind.',
  },
)
const open = (settings = {}) => createServer({ code: wireServer(TOOLS), surface, settings: { access: 'public', ...settings } })
const elicitation = { capabilities: { elicitation: {} } }

describe('initialize', () => {
  it.each([
    ['2025-03-26', '2025-03-26'],
    ['2025-06-18', '2025-06-18'],
    ['2025-11-25', '2025-11-25'],
    ['2024-11-05', '2025-03-26'],
    ['2026-07-28', '2025-11-25'],
    ['1999-01-01', '2025-11-25'],
  ])('answers the requested revision %s with %s', async (asked, answered) => {
    const { initialized } = await openSession(await open(), { revision: asked })
    expect(initialized).toEqual({
      protocolVersion: answered,
      capabilities: surface.capabilities,
      serverInfo: surface.serverInfo,
      instructions: 'Be kind.',
    })
  })

  it('is refused in a batch', async () => {
    const body = JSON.stringify([{ jsonrpc: '2.0', id: 1, method: 'initialize', params: {} }])
    expect((await post(await open(), body, { 'Content-Type': 'application/json' })).status).toBe(400)
  })

  const isAlive = async (session: Awaited<ReturnType<typeof openSession>>) =>
    (await session.send({ jsonrpc: '2.0', id: 1, method: 'ping' })).status === 200

  it('ends the longest-idle session of the principal when the principal has fifty', async () => {
    const server = await open()
    const { token } = await createToken(server)
    const stranger = await openSession(server)
    const sessions = []
    for (let n = 0; n < 50; n++) sessions.push(await openSession(server, { token }))
    expect(await isAlive(sessions[0]!)).toBe(true) // no longer the longest idle
    const newest = await openSession(server, { token })
    const alive = await Promise.all([stranger, newest, ...sessions].map(isAlive))
    expect(alive.flatMap((is, index) => (is ? [] : [index - 2]))).toEqual([1])
  })

  it('leaves fifty sessions and every new one when sessions of a principal open at the same time', async () => {
    const server = await open()
    const { token } = await createToken(server)
    const before = []
    for (let n = 0; n < 50; n++) before.push(await openSession(server, { token }))
    const opened = await Promise.all(Array.from({ length: 12 }, () => openSession(server, { token })))
    expect(await Promise.all(opened.map(isAlive))).not.toContain(false)
    const alive = await Promise.all(before.map(isAlive))
    expect(alive.filter(Boolean)).toHaveLength(38)
  })
})

describe('session id', () => {
  it('is required, and must be well formed, known and of the same principal', async () => {
    const server = await open()
    const session = await openSession(server)
    const status = async (id: string | null, extra: Record<string, string> = {}) =>
      (await session.send({ jsonrpc: '2.0', id: 1, method: 'ping' }, { 'Mcp-Session-Id': id, ...extra })).status
    expect(await status(session.id)).toBe(200)
    expect(await status(null)).toBe(400)
    expect(await status('x'.repeat(10_000))).toBe(400)
    expect(await status(`${session.id}, ${session.id}`)).toBe(400)
    expect(await status(session.id.replace(/^./, (first) => (first === 'A' ? 'B' : 'A')))).toBe(404)
    const { token } = await createToken(server)
    expect(await status(session.id, { Authorization: `Bearer ${token}` })).toBe(404)
    const other = await openSession(await open())
    expect(await status(other.id)).toBe(404)
  })

  it('gets 404 for every request after the session has ended', async () => {
    const session = await openSession(await open())
    expect((await session.end()).status).toBe(204)
    for (const attempt of [session.request(1, 'ping'), session.get(), session.end()]) {
      const response = await attempt
      expect([response.status, await response.json()]).toMatchObject([404, { error: { message: expect.stringContaining('ended') } }])
    }
    await session.evict()
    expect((await session.request(1, 'ping')).status).toBe(404)
  })

  it('is refused with 400 when MCP-Protocol-Version is not served, and accepted when another revision is named', async () => {
    const session = await openSession(await open(), { revision: '2025-06-18' })
    const status = async (version: string | null) =>
      (await session.send({ jsonrpc: '2.0', id: 1, method: 'ping' }, { 'MCP-Protocol-Version': version })).status
    expect(await status('2025-06-18')).toBe(200)
    expect(await status(null)).toBe(200)
    for (const served of ['2025-11-25', '2025-03-26']) expect(await status(served)).toBe(200)
    expect(await status('1999-01-01')).toBe(400)
  })
})

describe('session request', () => {
  it('is answered with plain JSON when the tool is quick', async () => {
    const session = await openSession(await open())
    const response = await session.call(1, 'echo', { a: 1 })
    expect(response.headers.get('Content-Type')).toBe('application/json')
    expect(await response.json()).toEqual({ jsonrpc: '2.0', id: 1, result: { content: [{ type: 'text', text: '{"a":1}' }] } })
  })

  it('gets 200 for an unknown method, because a 404 would end the session', async () => {
    const session = await openSession(await open())
    for (const method of ['nothing/here', 'server/discover', 'subscriptions/listen']) {
      const response = await session.request(1, method)
      expect([response.status, await response.json()]).toEqual([
        200,
        expect.objectContaining({ error: expect.objectContaining({ code: -32601 }) }),
      ])
    }
  })

  it('gets 202 when its body is a notification or a response', async () => {
    const session = await openSession(await open())
    expect((await session.notify('notifications/initialized')).status).toBe(202)
    expect((await session.answer(12_345, {})).status).toBe(202)
  })

  it('is refused with 400 while another request with the same id is running', async () => {
    const session = await openSession(await open())
    const first = session.call('x', 'slow', {}, { progressToken: 1 })
    await scheduler.wait(100)
    expect((await session.call('x', 'echo')).status).toBe(400)
    expect(await drain(await first)).toHaveLength(4)
    expect((await session.call('x', 'echo')).status).toBe(200)
  })

  it('can be a batch at 2025-03-26 only', async () => {
    const ping = (id: number) => ({ jsonrpc: '2.0', id, method: 'ping' })
    const old = await openSession(await open(), { revision: '2025-03-26' })
    expect(await (await old.send([ping(1), { jsonrpc: '2.0', method: 'notifications/initialized' }, ping(2)])).json()).toEqual([
      { jsonrpc: '2.0', id: 1, result: {} },
      { jsonrpc: '2.0', id: 2, result: {} },
    ])
    expect((await old.send([])).status).toBe(400)
    expect((await old.send(Array.from({ length: 51 }, (_, id) => ping(id)))).status).toBe(400)
    const newer = await openSession(await open(), { revision: '2025-06-18' })
    expect((await newer.send([ping(1)])).status).toBe(400)
  })

  it('gets structured output wrapped in an object when the tool returns a number', async () => {
    const session = await openSession(await open())
    expect(await (await session.call(1, 'number')).json()).toMatchObject({ result: { structuredContent: { result: 7 } } })
  })

  it('gets logs from the level of the session up, and all logs before a level is set', async () => {
    const session = await openSession(await open())
    const levels = async (id: number) =>
      (await drain(await session.call(id, 'log'))).flatMap(({ params }) => (params as { level?: string } | undefined)?.level ?? [])
    expect(await levels(1)).toEqual(['debug', 'info', 'error'])
    expect(await (await session.request(2, 'logging/setLevel', { level: 'loud' })).json()).toMatchObject({ error: { code: -32602 } })
    await session.request(3, 'logging/setLevel', { level: 'info' })
    expect(await levels(4)).toEqual(['info', 'error'])
  })

  it('gets 401 or 403 with a challenge when the scopes do not allow the call', async () => {
    const server = await open()
    expect((await (await openSession(server)).call(1, 'write')).status).toBe(401)
    const { token } = await createToken(server, { scopes: ['mcp:read'] })
    const narrow = await (await openSession(server, { token })).call(1, 'write')
    expect([narrow.status, narrow.headers.get('WWW-Authenticate')]).toEqual([403, expect.stringContaining('insufficient_scope')])
  })
})

describe('session stream', () => {
  it('begins with an event that has an id, a retry time and no message at 2025-11-25 only', async () => {
    const first = async (revision: string) => {
      const session = await openSession(await open(), { revision })
      for await (const event of eventsOf(await session.call(1, 'slow', {}, { progressToken: 1 }))) return event
      return undefined
    }
    expect(await first('2025-11-25')).toMatchObject({ id: expect.any(String), retry: '500', message: undefined })
    expect(await first('2025-06-18')).toMatchObject({ id: expect.any(String), message: { method: 'notifications/progress' } })
  })

  it('resumes after a cut with each later message once', async () => {
    const session = await openSession(await open())
    const [cut] = await take(await session.call(1, 'slow', {}, { progressToken: 1 }), 1)
    await scheduler.wait(200)
    const rest = await drain(await session.get(cut!.id))
    expect(rest.map(({ params, id }) => (params as { progress?: number } | undefined)?.progress ?? id)).toEqual([2, 3, 1])
    const again = await drain(await session.get(cut!.id))
    expect(again).toEqual(rest)
  })

  it('is refused with 400 when Last-Event-ID is malformed or of another session', async () => {
    const session = await openSession(await open())
    const other = await openSession(await open())
    const [foreign] = await take(await other.call(1, 'slow', {}, { progressToken: 1 }), 1)
    for (const id of [foreign!.id!, 'standalone_999', '-1', 'x'.repeat(500)]) expect((await session.get(id)).status).toBe(400)
  })

  it('closes when a newer GET opens one, and the newer stream gets the notifications', async () => {
    const server = await open()
    const session = await openSession(server)
    const older = await session.get()
    const newer = await session.get()
    expect(await drain(older)).toEqual([])
    await env.SUBSCRIPTION_HUB.getByName(server.id).publish({ type: 'tools/list_changed' })
    expect((await take(newer, 1))[0]?.message).toEqual({ jsonrpc: '2.0', method: 'notifications/tools/list_changed' })
  })

  it('reports updates of subscribed resources only', async () => {
    const server = await open()
    const session = await openSession(server)
    const stream = await session.get()
    const hub = env.SUBSCRIPTION_HUB.getByName(server.id)
    await hub.publish({ type: 'resources/updated', uri: 'a://1' })
    await session.request(1, 'resources/subscribe', { uri: 'a://2' })
    await hub.publish({ type: 'resources/updated', uri: 'a://1' })
    await hub.publish({ type: 'resources/updated', uri: 'a://2' })
    expect((await take(stream, 1))[0]?.message).toMatchObject({ params: { uri: 'a://2' } })
    await session.request(2, 'resources/unsubscribe', { uri: 'a://2' })
    expect(await (await session.request(3, 'resources/subscribe', { uri: 'no uri' })).json()).toMatchObject({ error: { code: -32602 } })
  })

  it('closes when the tool asks for a later retry, and has the result when it is resumed', async () => {
    const session = await openSession(await open())
    const events = []
    for await (const event of eventsOf(await session.call(1, 'later'))) events.push(event)
    expect(events).toMatchObject([{ message: undefined, retry: '500' }])
    expect(await drain(await session.get(events[0]!.id))).toMatchObject([{ id: 1, result: { content: [{ text: 'now' }] } }])
  })
})

describe('session question', () => {
  it.each([
    ['2025-11-25', { mode: 'form', message: 'name', requestedSchema: { type: 'object', properties: {} } }],
    ['2025-06-18', { message: 'name', requestedSchema: { type: 'object', properties: {} } }],
  ])('has the shape of revision %s, and the answer continues the call', async (revision, params) => {
    const session = await openSession(await open(), { revision, ...elicitation })
    const response = await session.call(1, 'ask')
    const events = eventsOf(response)
    let question
    do question = (await events.next()).value?.message
    while (question === undefined)
    expect(question).toMatchObject({ method: 'elicitation/create', params })
    expect((await session.answer(question['id'], { action: 'accept', content: {} })).status).toBe(202)
    expect((await events.next()).value?.message).toMatchObject({
      id: 1,
      result: { content: [{ text: 'name kept {"name":{"action":"accept","content":{}}}' }] },
    })
    expect((await events.next()).done).toBe(true)
  })

  it('becomes a tool error when the client did not declare elicitation', async () => {
    for (const revision of ['2025-11-25', '2025-03-26']) {
      const session = await openSession(await open(), { revision, capabilities: revision === '2025-03-26' ? { elicitation: {} } : {} })
      expect(await (await session.call(1, 'ask')).json()).toMatchObject({ result: { isError: true } })
    }
  })

  it('ends its call with a tool error when the client returns an error', async () => {
    const session = await openSession(await open(), elicitation)
    const response = await session.call(1, 'ask')
    const events = eventsOf(response)
    let question
    do question = (await events.next()).value?.message
    while (question === undefined)
    await session.send({ jsonrpc: '2.0', id: question['id'], error: { code: -1, message: 'no' } })
    expect((await events.next()).value?.message).toMatchObject({ id: 1, result: { isError: true } })
  })
})

describe('running call of a session', () => {
  it('stops without a result when the client cancels the call', async () => {
    const session = await openSession(await open())
    const response = await session.call(1, 'hang')
    await session.notify('notifications/cancelled', { requestId: 1 })
    expect(await drain(response)).toEqual([])
    expect((await session.call(1, 'echo')).status).toBe(200)
  })

  it('continues when the client closes the connection', async () => {
    const session = await openSession(await open())
    const events = eventsOf(await session.call(1, 'slow', {}, { progressToken: 1 }))
    const { value } = await events.next()
    await events.return(undefined)
    await scheduler.wait(700)
    expect((await drain(await session.get(value!.id))).at(-1)).toMatchObject({ id: 1, result: { content: [{ text: 'done' }] } })
  })
})

it('MCP endpoint answers GET, DELETE and PUT with 405 when there is no session id', async () => {
  const { urls } = await open()
  for (const method of ['GET', 'DELETE', 'PUT']) {
    const response = await fetchPlatform(new URL(urls.resource).pathname, { method })
    expect([response.status, response.headers.get('Allow')]).toEqual([405, 'POST, GET, DELETE, OPTIONS'])
  }
})
