import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { drain, openSession, take, type LegacySession } from '../support/legacy.ts'
import { eventsOf, wireServer } from '../support/modern.ts'
import { createServer, createToken, surfaceOf } from '../support/platform.ts'

const TOOLS = `{
  ask: async (_, { params, meta }) => params.inputResponses || params.requestState
    ? { content: [{ type: 'text', text: 'taken in' }] }
    : { resultType: 'input_required', inputRequests: { q: { method: 'elicitation/create', params: { message: 'Sure?', _meta: { progressToken: 't', kept: 1 }, requestedSchema: { type: 'object', properties: {} } } } }, requestState: 'mine' },
  later: async (_, { params }) => params.requestState ? { content: [{ type: 'text', text: 'now' }] } : { resultType: 'input_required', requestState: 'wait' },
  hang: async (_, { signal }) => { await scheduler.wait(60_000, { signal }); return { content: [] } },
  typed: async ({ n }) => typeof n === 'number' ? { content: [], structuredContent: [n] } : { content: [{ type: 'text', text: 'n must be a number' }], isError: true },
  coerces: async ({ n }) => Number(n) === 25 ? { content: [{ type: 'text', text: 'row 25 is locked' }], isError: true } : { content: [{ type: 'text', text: 'row ' + Number(n) }] },
  link: async () => ({ content: [{ type: 'resource_link', name: 'Notes', uri: 'a://notes' }] }),
}`
const tool = (name: string, extra = {}) => ({ name, inputSchema: { type: 'object' }, annotations: { readOnlyHint: true }, ...extra })
const surface = surfaceOf([
  ...['ask', 'later', 'hang', 'link'].map((name) => tool(name)),
  tool('coerces', { inputSchema: { type: 'object', properties: { n: { type: 'number' } }, required: ['n'] } }),
  tool('typed', {
    inputSchema: { type: 'object', properties: { n: { type: 'number' } }, required: ['n'] },
    outputSchema: { type: 'array', items: { $ref: '#/$defs/n' }, $defs: { n: { type: 'number' } } },
  }),
])
const code = wireServer(TOOLS).replace(
  "({ name, inputSchema: { type: 'object' } })",
  `({ name, inputSchema: { type: 'object' }, ...(name === 'typed' ? { outputSchema: { type: 'array', items: { $ref: '#/$defs/n' }, $defs: { n: { type: 'number' } } } } : {}) })`,
)
const open = (settings = {}, shown = surface) => createServer({ code, surface: shown, settings: { access: 'public', ...settings } })
const elicitation = { capabilities: { elicitation: {} } }

async function crash({ object }: LegacySession) {
  await runInDurableObject(object, (_, state) => state.abort('crash')).catch(() => undefined)
}

it('session ignores requestState and inputResponses that its client sends', async () => {
  const session = await openSession(await open(), elicitation)
  const forged = { name: 'ask', arguments: {}, requestState: 'mine', inputResponses: { q: { action: 'accept' } } }
  const [event] = await take(await session.request(1, 'tools/call', forged), 1)
  expect(event?.message).toMatchObject({ method: 'elicitation/create', params: { message: 'Sure?' } })
  // the progressToken of the tool is removed
  expect(event?.message).toHaveProperty('params._meta', { kept: 1 })
})

describe('session', () => {
  it.each(['2025-03-26', '2025-06-18', '2025-11-25'])('at %s keeps the error of a tool when its arguments do not fit', async (revision) => {
    const session = await openSession(await open(), { revision })
    const answered = { content: [{ type: 'text', text: 'n must be a number' }], isError: true }
    expect(await (await session.call(1, 'typed', { n: 'x' })).json()).toMatchObject({ result: answered })
    expect(await (await session.call(2, 'typed', {})).json()).toMatchObject({ result: answered })
  })

  it.each(['2025-03-26', '2025-06-18', '2025-11-25'])('at %s keeps every answer of a tool that coerces arguments', async (revision) => {
    const session = await openSession(await open(), { revision })
    for (const [n, text, isError] of [
      ['25', 'row 25 is locked', true],
      ['7', 'row 7', undefined],
      [null, 'row 0', undefined],
    ] as const) {
      const { result } = await (await session.call(1, 'coerces', { n })).json<{ result: { content: unknown; isError?: boolean } }>()
      expect([result.content, result.isError]).toEqual([[{ type: 'text', text }], isError])
    }
  })

  it('rewrites the references in an output schema that it wraps in an object', async () => {
    const session = await openSession(await open())
    const { result } = await (
      await session.request(1, 'tools/list')
    ).json<{ result: { tools: { name: string; outputSchema: unknown }[] } }>()
    expect(result.tools.find(({ name }) => name === 'typed')?.outputSchema).toEqual({
      type: 'object',
      properties: { result: { type: 'array', items: { $ref: '#/properties/result/$defs/n' }, $defs: { n: { type: 'number' } } } },
      required: ['result'],
    })
    expect(await (await session.call(2, 'typed', { n: 1 })).json()).toMatchObject({
      result: { structuredContent: { result: [1] }, content: [{ text: '[1]' }] },
    })
  })

  it('at 2025-03-26 omits structured output and turns resource links into text', async () => {
    const session = await openSession(await open(), { revision: '2025-03-26' })
    expect(await (await session.request(1, 'tools/list')).text()).not.toContain('outputSchema')
    const { result } = await (await session.call(2, 'typed', { n: 1 })).json<{ result: unknown }>()
    expect(result).toEqual({ content: [{ type: 'text', text: '[1]' }] })
    expect(await (await session.call(3, 'link')).json()).toMatchObject({
      result: { content: [{ type: 'text', text: 'Notes\na://notes' }] },
    })
  })
})

it('session refuses methods and sends no notifications of capabilities that the server lacks', async () => {
  const server = await open({}, { ...surface, capabilities: { tools: {} } })
  const session = await openSession(server)
  for (const [method, params] of [
    ['logging/setLevel', { level: 'info' }],
    ['resources/subscribe', { uri: 'a://1' }],
  ] as const) {
    expect(await (await session.request(1, method, params)).json()).toMatchObject({ error: { code: -32601 } })
  }
  const stream = await session.get()
  await env.SUBSCRIPTION_HUB.getByName(server.id).publish({ type: 'tools/list_changed' })
  await (await session.end()).text()
  expect(await drain(stream)).toEqual([])
})

it('call that waits for its retry time continues after a crash of the session object', async () => {
  const session = await openSession(await open())
  let primer: string | undefined
  for await (const event of eventsOf(await session.call(1, 'later'))) primer = event.id
  await crash(session)
  expect(await drain(await session.get(primer))).toMatchObject([{ id: 1, result: { content: [{ text: 'now' }] } }])
})

it('session answers a GET with 204 when the stream to resume has ended', async () => {
  const session = await openSession(await open(), elicitation)
  const [event] = await take(await session.call(1, 'ask'), 1)
  await session.notify('notifications/cancelled', { requestId: 1 })
  expect((await session.get(event!.id)).status).toBe(204)
})

it('session refuses a request with 429 while a hundred others wait', async () => {
  const session = await openSession(await open(), { ...elicitation, revision: '2025-03-26', capabilities: {} })
  await runInDurableObject(session.object, (_, state) => {
    for (let n = 0; n < 100; n++) state.storage.sql.exec("INSERT INTO calls (key, stream, state) VALUES (?, 's', 'asking')", `"${n}"`)
  })
  expect((await session.request(1, 'ping')).status).toBe(429)
  expect((await session.notify('notifications/initialized')).status).toBe(202)
})

describe('grant of a session', () => {
  it('ends running calls when it ends, and the session continues under the next grant', async () => {
    const server = await open()
    const first = await createToken(server)
    const session = await openSession(server, { token: first.token })
    const running = await session.call(1, 'hang')
    await env.SUBSCRIPTION_HUB.getByName(server.id).endGrants([first.grantId])
    expect(await drain(running)).toMatchObject([{ id: 1, error: { code: -32603 } }])
    const next = await createToken(server, { user: first.user, clientId: first.clientId })
    const headers = { Authorization: `Bearer ${next.token}` }
    expect(await (await session.send({ jsonrpc: '2.0', id: 1, method: 'ping' }, headers)).json()).toEqual({
      jsonrpc: '2.0',
      id: 1,
      result: {},
    })
  })

  it('ends running calls when it ends after it replaced the first grant of the session', async () => {
    const server = await open()
    const first = await createToken(server)
    const session = await openSession(server, { token: first.token })
    const next = await createToken(server, { user: first.user, clientId: first.clientId })
    await (await session.send({ jsonrpc: '2.0', id: 1, method: 'ping' }, { Authorization: `Bearer ${next.token}` })).text()
    const running = await session.send(
      { jsonrpc: '2.0', id: 2, method: 'tools/call', params: { name: 'hang' } },
      { Authorization: `Bearer ${next.token}` },
    )
    await env.SUBSCRIPTION_HUB.getByName(server.id).endGrants([first.grantId])
    await env.SUBSCRIPTION_HUB.getByName(server.id).endGrants([next.grantId])
    expect(await drain(running)).toMatchObject([{ id: 2, error: { code: -32603 } }])
  })

  it('closes a stream when the token that opened it expires', async () => {
    const server = await open()
    const { token } = await createToken(server, { expiresIn: 3 })
    const session = await openSession(server, { token })
    expect(await drain(await session.get())).toEqual([])
  })
})

it('session cap does not count sessions that are silent for an hour', async () => {
  const server = await open()
  const hub = env.SUBSCRIPTION_HUB.getByName(server.id)
  const subscriber = { principalKey: 'somebody', grantId: undefined, expiresAt: undefined }
  for (let n = 0; n < 50; n++) await hub.attach(`gone ${n}`, subscriber)
  await runInDurableObject(hub, (_, state) => void state.storage.sql.exec('UPDATE sessions SET seen_at = seen_at - 3600001'))
  await hub.attach('new', subscriber)
  const names = await runInDurableObject(hub, (_, state) => state.storage.sql.exec('SELECT name FROM sessions').toArray())
  expect(names).toEqual([{ name: 'new' }])
})

it('session object refuses a principal other than its own', async () => {
  const server = await open()
  const { token } = await createToken(server)
  const session = await openSession(server, { token })
  const definition = await server.definition()
  const caller = {
    server: definition,
    version: definition.active!,
    principal: { kind: 'anonymous' as const },
    revision: '',
    resourceMetadata: '',
  }
  const object = env.MCP_SESSION.getByName(`${server.id}:${session.id}`)
  expect((await object.delete(caller)).status).toBe(404)
  expect((await session.end()).status).toBe(204)
})

describe('DELETE of a session', () => {
  /** Returns `answered` if the request got its response, and `ended` if the session was gone. */
  async function ending(waiting: Promise<Response>, id: number): Promise<'answered' | 'ended'> {
    const response = await waiting
    const isStream = response.headers.get('Content-Type') === 'text/event-stream'
    const last = isStream ? (await drain(response)).at(-1) : await response.json<Record<string, unknown>>()
    expect([200, 404]).toContain(response.status)
    if (response.status === 200) expect(last).toMatchObject({ id })
    return last?.['error'] === undefined ? 'answered' : 'ended'
  }

  it('answers all waiting requests and closes the stream, whenever it arrives', async () => {
    const server = await open()
    const { token } = await createToken(server)
    const seen = new Set<string>()
    const round = async (n: number) => {
      const revision = n % 2 === 0 ? '2025-11-25' : '2025-06-18'
      const session = await openSession(server, { ...elicitation, token, revision })
      const listening = n % 3 === 0 ? await session.get() : undefined
      // at 2025-11-25, the stream of a call that waits for its retry time closes early
      const names = ['hang', 'ask', 'link', ...(revision === '2025-11-25' ? [] : ['later'])]
      const waiting = names.map((name, place) => ending(session.call(place, name), place))
      const stream = listening ?? session.get()
      await scheduler.wait(n % 8)
      const [ended, listened, late] = await Promise.all([session.end(), stream, ending(session.call(9, 'link'), 9)])
      expect(ended.status).toBe(204)
      if (listened.status === 200) expect(await drain(listened)).toEqual([])
      else expect(listened.status).toBe(404)
      for (const outcome of [...(await Promise.all(waiting)), late]) seen.add(outcome)
      expect((await session.request(10, 'ping')).status).toBe(404)
    }
    for (let n = 0; n < 32; n++) await round(n)
    const remembered = await runInDurableObject(env.SUBSCRIPTION_HUB.getByName(server.id), (_, { storage }) =>
      storage.sql.exec('SELECT name FROM sessions').toArray(),
    )
    expect(remembered).toEqual([])
    expect(seen).toEqual(new Set(['answered', 'ended']))
  })
})
