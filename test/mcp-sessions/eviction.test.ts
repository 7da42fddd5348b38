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

/** As a crash does it: everything in memory is gone, no one is waited for. */
async function crash({ object }: LegacySession) {
  await runInDurableObject(object, (_, state) => state.abort('crash')).catch(() => undefined)
}

function callsUnderWay({ object }: LegacySession) {
  return runInDurableObject(object, (_, { storage }) => storage.sql.exec<{ n: number }>('SELECT count(*) AS n FROM calls').one().n)
}

/** A call's open question, with the event that carried it. */
async function question(response: Response) {
  for await (const { message, id } of eventsOf(response)) {
    if (message?.['method'] === 'elicitation/create')
      return { ask: message['id'], params: message['params'] as { message: string }, eventId: id! }
  }
  throw new Error('nothing was asked')
}

describe.each([
  ['evicted', (session: LegacySession) => session.evict()],
  ['crashed', crash],
])('a session whose object was %s', (_, gone) => {
  it('goes on between any two of its messages', async () => {
    const session = await openSession(await open())
    await gone(session)
    expect((await session.notify('notifications/initialized')).status).toBe(202)
    await gone(session)
    await (await session.request(1, 'logging/setLevel', { level: 'error' })).text()
    await gone(session)
    expect((await drain(await session.call(2, 'log'))).map(({ params }) => (params as { level?: string } | undefined)?.level)).toEqual([
      'error',
      undefined,
    ])
    await gone(session)
    expect(await (await session.call(3, 'echo', { a: 1 })).json()).toMatchObject({ result: { content: [{ text: '{"a":1}' }] } })
    await gone(session)
    expect((await session.end()).status).toBe(204)
  })

  it('still knows what it subscribed to', async () => {
    const server = await open()
    const session = await openSession(server)
    await (await session.request(1, 'resources/subscribe', { uri: 'a://1' })).text()
    await gone(session)
    const stream = await session.get()
    await env.SUBSCRIPTION_HUB.getByName(server.id).publish({ type: 'resources/updated', uri: 'a://1' })
    expect((await take(stream, 1))[0]?.message).toMatchObject({ params: { uri: 'a://1' } })
  })
})

describe('a question that is open when the object goes', () => {
  it('can be answered later; the tool is not run again before, nor the question sent again', async () => {
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

  it('is never met by a late answer to another', async () => {
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

  it('ends by itself when nobody answers in time', async () => {
    const session = await openSession(await open(), elicitation)
    const { eventId } = await question(await session.call(1, 'ask'))
    await runInDurableObject(session.object, (_, state) => void state.storage.sql.exec('UPDATE calls SET asked_until = 1'))
    await runDurableObjectAlarm(session.object)
    expect(await drain(await session.get(eventId))).toMatchObject([{ id: 1, error: { code: -32603 } }])
  })
})

it('answers a call that was running when the object crashed with an error, never by running it again', async () => {
  const session = await openSession(await open())
  const response = await session.call(1, 'hang')
  let primer
  for await (const event of eventsOf(response)) {
    primer = event.id
    break
  }
  await crash(session)
  expect(await drain(await session.get(primer))).toEqual([
    { jsonrpc: '2.0', id: 1, error: { code: -32603, message: 'The call was interrupted; it may have run.' } },
  ])
})

it('keeps a result larger than a row can be', async () => {
  const session = await openSession(await open())
  const [first] = await take(await session.call(1, 'large', { size: 3_000_000 }), 1)
  await scheduler.wait(300)
  await crash(session)
  const [last] = await drain(await session.get(first!.id))
  expect((last!['result'] as { content: { text: string }[] }).content[0]!.text.length).toBe(3_000_000)
})

it.each([[''], ['x']])('keeps a long result character by character, wherever it is cut for its rows (after %j)', async (before) => {
  const session = await openSession(await open())
  const [first] = await take(await session.call(1, 'large', { size: 205_000, text: '😀', before }), 1)
  await vi.waitFor(async () => expect(await callsUnderWay(session)).toBe(0), { timeout: 10_000 })
  const [last] = await drain(await session.get(first!.id))
  expect((last!['result'] as { content: { text: string }[] }).content[0]!.text === before + '😀'.repeat(205_000)).toBe(true)
})

it('keeps a thousand events, and tells a client that comes back for more that they are gone', async () => {
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

it('ends a session that idles, with everything it stored', async () => {
  const session = await openSession(await open())
  await (await session.call(1, 'echo')).text()
  await runInDurableObject(session.object, (_, state) => state.storage.kv.put('activeAt', Date.now() - 31 * 60_000))
  await runDurableObjectAlarm(session.object)
  expect((await session.request(2, 'ping')).status).toBe(404)
})

it('closes a session’s streams when its grant ends', async () => {
  const server = await open()
  const { token, grantId } = await createToken(server)
  const session = await openSession(server, { token })
  const stream = await session.get()
  await env.SUBSCRIPTION_HUB.getByName(server.id).endGrants([grantId])
  expect(await drain(stream)).toEqual([])
})
