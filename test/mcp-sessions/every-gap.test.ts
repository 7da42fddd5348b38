import { runInDurableObject } from 'cloudflare:test'
import { beforeAll, expect, it, vi } from 'vitest'
import { drain, openSession, type LegacySession } from '../support/legacy.ts'
import { eventsOf, wireServer } from '../support/modern.ts'
import { createServer, surfaceOf } from '../support/platform.ts'

/*
 * One conversation runs once undisturbed, then once for each gap between two messages with the
 * session object lost in that gap. The client must see the same result each time. The stream of a
 * slow tool is also cut after each of its messages.
 */

const TOOLS = `{
  echo: async (args) => ({ content: [{ type: 'text', text: JSON.stringify(args) }] }),
  log: async (_, { notify }) => {
    for (const level of ['debug', 'error']) await notify('notifications/message', { level, data: level })
    return { content: [] }
  },
  ask: async (_, { params }) => {
    const round = Number(params.requestState ?? 0)
    const heard = JSON.stringify(params.inputResponses ?? {})
    if (round === 2) return { content: [{ type: 'text', text: heard }] }
    return { resultType: 'input_required', inputRequests: { ['round' + round]: { method: 'elicitation/create', params: { mode: 'form', message: heard, requestedSchema: { type: 'object', properties: {} } } } }, requestState: String(round + 1) }
  },
  slow: async (_, { meta, notify }) => {
    for (let progress = 1; progress <= 6; progress++) {
      await notify('notifications/progress', { progressToken: meta.progressToken, progress })
      await scheduler.wait(40)
    }
    return { content: [{ type: 'text', text: 'done' }] }
  },
}`
const tools = ['echo', 'log', 'ask', 'slow'].map((name) => ({
  name,
  inputSchema: { type: 'object' },
  annotations: { readOnlyHint: true },
}))
const surface = surfaceOf(tools, { capabilities: { tools: { listChanged: true }, resources: { subscribe: true }, logging: {} } })
const open = () => createServer({ code: wireServer(TOOLS), surface, settings: { access: 'public' } })

type Loss = (session: LegacySession) => Promise<unknown>
/** Retries until the eviction succeeds, because a call is recorded after its response. */
const evict: Loss = (session) => vi.waitFor(() => session.evict(), { timeout: 30_000, interval: 200 })
/** Drops all memory and open streams at once, and waits for no running work. */
const crash: Loss = ({ object }) => runInDurableObject(object, (_, state) => state.abort('crash')).catch(() => undefined)

/** State that the client of the conversation keeps between messages. */
interface Memory {
  first?: { ask: unknown; eventId: string }
  second?: { ask: unknown; eventId: string }
}

/** Returns the first question of a stream and the id of its event, then leaves the stream. */
async function question(response: Response) {
  for await (const { message, id } of eventsOf(response)) {
    if (message?.['method'] === 'elicitation/create' && id !== undefined) {
      return { ask: message['id'], eventId: id, params: message['params'] as { message: string } }
    }
  }
  throw new Error('no question arrived')
}

const accept = (content: Record<string, unknown>) => ({ action: 'accept', content })

/** Returns the messages of a response, which is plain JSON if quick and a stream otherwise. */
async function messagesOf(response: Response): Promise<unknown[]> {
  return response.headers.get('Content-Type') === 'text/event-stream' ? drain(response) : [await response.json()]
}

/** Each step sends one message and returns a summary of the reply that is equal in every run. */
const CONVERSATION: ((session: LegacySession, memory: Memory) => Promise<unknown>)[] = [
  async (session) => (await session.notify('notifications/initialized')).status,
  async (session) => messagesOf(await session.request(1, 'logging/setLevel', { level: 'error' })),
  async (session) => messagesOf(await session.request(2, 'resources/subscribe', { uri: 'a://1' })),
  async (session) => messagesOf(await session.call(3, 'echo', { a: 1 })),
  async (session) => drain(await session.call(4, 'log')),
  async (session, memory) => {
    memory.first = await question(await session.call(5, 'ask'))
    return 'asked'
  },
  async (session) => messagesOf(await session.request(6, 'tools/list')),
  async (session, { first }) => (await session.answer(first?.ask, accept({ n: 1 }))).status,
  async (session, memory) => {
    const { params, ...second } = await question(await session.get(memory.first?.eventId))
    memory.second = second
    return [params.message, second.ask === memory.first?.ask]
  },
  async (session, { first }) => (await session.answer(first?.ask, accept({ late: true }))).status,
  async (session, { second }) => (await session.answer(second?.ask, accept({ n: 2 }))).status,
  async (session, { second }) => drain(await session.get(second?.eventId)),
  async (session) => messagesOf(await session.request(7, 'ping')),
  async (session) => (await session.end()).status,
  async (session) => (await session.request(8, 'ping')).status,
]

/** Waits until no tool runs, because an interrupted call is not run again. */
async function settled({ object }: LegacySession) {
  const running = (_: unknown, { storage }: DurableObjectState) =>
    storage.kv.get('initialized') === undefined
      ? 0
      : storage.sql.exec<{ n: number }>("SELECT count(*) AS n FROM calls WHERE state = 'running'").one().n
  await vi.waitFor(async () => expect(await runInDurableObject(object, running)).toBe(0), { timeout: 10_000 })
}

async function converse(gap: number, lose: Loss) {
  const session = await openSession(await open(), { capabilities: { elicitation: {} } })
  const memory: Memory = {}
  const seen: unknown[] = []
  for (const [index, step] of CONVERSATION.entries()) {
    if (index === gap) {
      await settled(session)
      await lose(session)
    }
    seen.push(await step(session, memory))
  }
  return seen
}

let undisturbed: unknown[]
beforeAll(async () => {
  undisturbed = await converse(-1, async () => undefined)
})

/** Gaps before the client first leaves a stream; the runtime evicts no object afterwards. */
const BEFORE_STREAMS = 6
const gaps = CONVERSATION.map((_, gap) => gap)

it.each([
  ...gaps.map((gap) => ['crashes', gap, crash] as const),
  ...gaps.slice(0, BEFORE_STREAMS).map((gap) => ['is evicted', gap, evict] as const),
])('session continues unchanged when its object %s before message %i', async (_, gap, lose) => {
  expect(await converse(gap, lose)).toEqual(undisturbed)
})

it('undisturbed conversation gets the expected answers and statuses', () => {
  const seen = undisturbed
  expect(seen[8]).toEqual(['{"round0":{"action":"accept","content":{"n":1}}}', false])
  expect(seen[11]).toMatchObject([{ id: 5, result: { content: [{ text: '{"round1":{"action":"accept","content":{"n":2}}}' }] } }])
  expect(seen.slice(-2)).toEqual([204, 404])
})

it.each([0, 1, 2, 3, 4, 5, 6])('stream of a slow tool resumes with every later message once when cut after %i messages', async (after) => {
  const session = await openSession(await open())
  const before: unknown[] = []
  let last: string | undefined
  for await (const { id, message } of eventsOf(await session.call(1, 'slow', {}, { progressToken: 'p' }))) {
    last = id ?? last
    if (message) before.push(message)
    if (before.length === after) break // if 0, leaves at the first event, which has no message
  }
  const later = await drain(await session.get(last))
  const messages = [...before, ...later] as { id?: number; params?: { progress: number }; result?: unknown }[]
  expect(messages.map(({ params, id }) => params?.progress ?? `response ${id}`)).toEqual([1, 2, 3, 4, 5, 6, 'response 1'])
  // after the call has ended, a second resumption reads the same messages from the log
  await settled(session)
  await evict(session)
  expect(await drain(await session.get(last))).toEqual(later)
})
