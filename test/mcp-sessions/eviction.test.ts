import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect, it, vi } from 'vitest'
import { drain, openSession, take, type LegacySession } from '../support/legacy.ts'
import { eventsOf, wireServer } from '../support/modern.ts'
import { createServer, createToken, surfaceOf } from '../support/platform.ts'

const TOOLS = `{
  echo: async (args) => ({ content: [{ type: 'text', text: JSON.stringify(args) }] }),
  log: async (_, { notify }) => {
    for (const level of ['debug', 'error']) await notify('notifications/message', { level, data: level })
    return { content: [] }
  },
  ask: async ({ what = 'name', rounds = 1 }, { params }) => {
    const round = Number(params.requestState ?? 0)
    if (params.inputResponses && round >= rounds) return { content: [{ type: 'text', text: what + ' ' + JSON.stringify(params.inputResponses) }] }
    return { resultType: 'input_required', inputRequests: { [what + round]: { method: 'elicitation/create', params: { mode: 'form', message: what, requestedSchema: { type: 'object', properties: {} } } } }, requestState: String(round + 1) }
  },
  large: async ({ size, text = 'x', before = '' }, { notify }) => {
    await notify('notifications/message', { level: 'error', data: 'first' })
    return { content: [{ type: 'text', text: before + text.repeat(size) }] }
  },
  many: async ({ n, size }, { notify }) => {
    for (let i = 0; i < n; i++) await notify('notifications/message', { level: 'error', data: i + 'x'.repeat(size) })
    return { content: [] }
  },
  hang: async () => scheduler.wait(60_000),
}`
const surface = surfaceOf(
  ['echo', 'log', 'ask', 'large', 'many', 'hang'].map((name) => ({
    name,
    inputSchema: { type: 'object' },
    annotations: { readOnlyHint: true },
  })),
  { capabilities: { tools: { listChanged: true }, resources: { subscribe: true }, logging: {} } },
)
const open = (settings = {}) => createServer({ code: wireServer(TOOLS), surface, settings: { access: 'public', ...settings } })
const elicitation = { capabilities: { elicitation: {} } }

/** Drops all memory at once, as a crash does, and waits for no running work. */
async function crash({ object }: LegacySession) {
  await runInDurableObject(object, (_, state) => state.abort('crash')).catch(() => undefined)
}

function countRunningCalls({ object }: LegacySession) {
  return runInDurableObject(object, (_, { storage }) => storage.sql.exec<{ n: number }>('SELECT count(*) AS n FROM calls').one().n)
}

/** Returns the first question of a stream and the id of its event. */
async function question(response: Response) {
  for await (const { message, id } of eventsOf(response)) {
    if (message?.['method'] === 'elicitation/create')
      return { ask: message['id'], params: message['params'] as { message: string }, eventId: id! }
  }
  throw new Error('no question arrived')
}

describe.each([
  ['evicted', (session: LegacySession) => session.evict()],
  ['crashed', crash],
])('session whose object was %s', (_, lose) => {
  it('continues between any two of its messages', async () => {
    const session = await openSession(await open())
    await lose(session)
    expect((await session.notify('notifications/initialized')).status).toBe(202)
    await lose(session)
    await (await session.request(1, 'logging/setLevel', { level: 'error' })).text()
    await lose(session)
    expect((await drain(await session.call(2, 'log'))).map(({ params }) => (params as { level?: string } | undefined)?.level)).toEqual([
      'error',
      undefined,
    ])
    await lose(session)
    expect(await (await session.call(3, 'echo', { a: 1 })).json()).toMatchObject({ result: { content: [{ text: '{"a":1}' }] } })
    await lose(session)
    expect((await session.end()).status).toBe(204)
  })

  it('keeps its resource subscriptions', async () => {
    const server = await open()
    const session = await openSession(server)
    await (await session.request(1, 'resources/subscribe', { uri: 'a://1' })).text()
    await lose(session)
    const stream = await session.get()
    await env.SUBSCRIPTION_HUB.getByName(server.id).publish({ type: 'resources/updated', uri: 'a://1' })
    expect((await take(stream, 1))[0]?.message).toMatchObject({ params: { uri: 'a://1' } })
  })
})

describe('open question of a session', () => {
  it('can be answered after a crash, and the tool runs again only after the answer', async () => {
    const session = await openSession(await open(), elicitation)
    const { ask, eventId } = await question(await session.call(1, 'ask', { rounds: 2 }))
    await crash(session)
    expect((await session.answer(ask, { action: 'accept', content: { a: 1 } })).status).toBe(202)
    const second = await question(await session.get(eventId))
    expect(second.ask).not.toBe(ask)
    await crash(session)
    expect((await session.answer(second.ask, { action: 'accept', content: { a: 2 } })).status).toBe(202)
    const rest = await drain(await session.get(second.eventId))
    expect(rest).toMatchObject([{ id: 1, result: { content: [{ text: 'name {"name1":{"action":"accept","content":{"a":2}}}' }] } }])
  })

  it('is not answered by a late answer to an earlier question', async () => {
    const session = await openSession(await open(), elicitation)
    const first = await question(await session.call(1, 'ask', { what: 'delete everything' }))
    await session.notify('notifications/cancelled', { requestId: 1 })
    await crash(session)
    const second = await question(await session.call(2, 'ask', { what: 'colour' }))
    expect(second.ask).not.toBe(first.ask)
    expect((await session.answer(first.ask, { action: 'accept', content: { late: true } })).status).toBe(202)
    expect((await session.answer(String(second.ask), { action: 'accept', content: { text: true } })).status).toBe(202)
    await session.answer(second.ask, { action: 'decline' })
    expect(await drain(await session.get(second.eventId))).toMatchObject([
      { id: 2, result: { content: [{ text: 'colour {"colour0":{"action":"decline"}}' }] } },
    ])
  })

  it('ends its call with an error when no answer arrives in time', async () => {
    const session = await openSession(await open(), elicitation)
    const { eventId } = await question(await session.call(1, 'ask'))
    await runInDurableObject(session.object, (_, state) => void state.storage.sql.exec('UPDATE calls SET asked_until = 1'))
    await runDurableObjectAlarm(session.object)
    expect(await drain(await session.get(eventId))).toMatchObject([{ id: 1, error: { code: -32603 } }])
  })
})

it('session answers a call that a crash interrupted with an error, and does not run the call again', async () => {
  const session = await openSession(await open())
  const response = await session.call(1, 'hang')
  let primer
  for await (const event of eventsOf(response)) {
    primer = event.id
    break
  }
  await crash(session)
  expect(await drain(await session.get(primer))).toEqual([
    { jsonrpc: '2.0', id: 1, error: { code: -32603, message: 'The call was interrupted and may have run.' } },
  ])
})

it('session keeps a result larger than a database row across a crash', async () => {
  const session = await openSession(await open())
  const [first] = await take(await session.call(1, 'large', { size: 3_000_000 }), 1)
  await scheduler.wait(300)
  await crash(session)
  const [last] = await drain(await session.get(first!.id))
  expect((last!['result'] as { content: { text: string }[] }).content[0]!.text.length).toBe(3_000_000)
})

it.each([[''], ['x']])(
  'session splits a long result into rows without breaking a character when the text starts with %j',
  async (before) => {
    const session = await openSession(await open())
    const [first] = await take(await session.call(1, 'large', { size: 205_000, text: '😀', before }), 1)
    await vi.waitFor(async () => expect(await countRunningCalls(session)).toBe(0), { timeout: 10_000 })
    const [last] = await drain(await session.get(first!.id))
    expect((last!['result'] as { content: { text: string }[] }).content[0]!.text === before + '😀'.repeat(205_000)).toBe(true)
  },
)

it('session keeps the newest thousand events and answers an older Last-Event-ID with 404', async () => {
  const session = await openSession(await open())
  const events = []
  for await (const event of eventsOf(await session.call(1, 'many', { n: 1_100, size: 10 }))) events.push(event)
  expect(events.filter(({ message }) => message)).toHaveLength(1_101)
  expect((await session.get(events[0]!.id)).status).toBe(404)
  expect(await drain(await session.get(events.at(-101)!.id))).toHaveLength(100)
  const { n } = await runInDurableObject(session.object, (_, state) =>
    state.storage.sql.exec<{ n: number }>('SELECT count(*) AS n FROM events').one(),
  )
  expect(n).toBeLessThanOrEqual(1_000)
})

it('session ends after half an hour without a request, and the next request gets 404', async () => {
  const session = await openSession(await open())
  await (await session.call(1, 'echo')).text()
  await runInDurableObject(session.object, (_, state) => state.storage.kv.put('activeAt', Date.now() - 31 * 60_000))
  await runDurableObjectAlarm(session.object)
  expect((await session.request(2, 'ping')).status).toBe(404)
})

it('session closes its streams when its grant ends', async () => {
  const server = await open()
  const { token, grantId } = await createToken(server)
  const session = await openSession(server, { token })
  const stream = await session.get()
  await env.SUBSCRIPTION_HUB.getByName(server.id).endGrants([grantId])
  expect(await drain(stream)).toEqual([])
})

it('session stores only the principal, the tenant and the version of the caller of a pending call', async () => {
  const server = await open()
  const session = await openSession(server, elicitation)
  await question(await session.call(1, 'ask'))
  const stored = await runInDurableObject(session.object, (_, { storage }) =>
    storage.sql.exec<{ text: string }>("SELECT text FROM texts WHERE key = 'call:1'").one(),
  )
  const { active } = await server.definition()
  expect((JSON.parse(stored.text) as { caller: unknown }).caller).toEqual({
    principal: { kind: 'anonymous' },
    tenantId: server.tenant.id,
    versionId: active!.id,
  })
})
