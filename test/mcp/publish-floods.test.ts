import { env } from 'cloudflare:workers'
import { expect, it, vi } from 'vitest'
import { takeNotification } from '../../hosting/call/notification-limit.ts'
import { openSession } from '../support/legacy.ts'
import { callModern, eventsOf, wireServer } from '../support/modern.ts'
import { createServer, surfaceOf, type TestServer } from '../support/platform.ts'

const TOOLS = `{
  update: async ({ times = 1, uris = 1 }, { env }) => {
    for (let n = 0; n < times; n++) await env.EVENTS.publish({ kind: 'resource_updated', uri: 'a://' + (n % uris) })
    return { content: [] }
  },
  change: async ({ times = 1 }, { env }) => {
    for (let n = 0; n < times; n++) await env.EVENTS.publish({ kind: 'tools_list_changed' })
    return { content: [] }
  },
  log: async ({ times }, { notify }) => {
    for (let n = 0; n < times; n++) await notify('notifications/message', { level: 'error', data: n })
    return { content: [] }
  },
}`
const surface = surfaceOf(
  ['update', 'change', 'log'].map((name) => ({ name, inputSchema: { type: 'object' }, annotations: { readOnlyHint: true } })),
  { capabilities: { tools: { listChanged: true }, resources: { subscribe: true }, logging: {} } },
)
const open = () => createServer({ code: wireServer(TOOLS), surface, settings: { access: 'public' } })
const call = (server: TestServer, name: string, args = {}) => callModern(server, { params: { name, arguments: args } })

/** Counts the messages of a stream until the end of the test. */
function counted(response: Response): { messages: number } {
  const count = { messages: 0 }
  void (async () => {
    for await (const { message } of eventsOf(response))
      if (message?.['method'] !== 'notifications/subscriptions/acknowledged' && message) count.messages++
  })()
  return count
}

const linesOf = async (server: TestServer) =>
  (await env.SERVER_ACTIVITY.getByName(server.id).recent({ kind: 'line', limit: 100 })).map((entry) =>
    'message' in entry ? entry.message : '',
  )

async function untilLogged(server: TestServer, text: RegExp): Promise<void> {
  await vi.waitFor(async () => expect(await linesOf(server)).toContainEqual(expect.stringMatching(text)), { timeout: 30_000 })
}

/** Runs 40 calls at once, and times calls of another tenant meanwhile. Returns the longest time. */
async function longestOtherCall(server: TestServer, name: string, args = {}): Promise<number> {
  const other = await open()
  await (await call(other, 'log', { times: 0 })).text()
  let longest = 0
  const over = new AbortController()
  const timing = (async () => {
    while (!over.signal.aborted) {
      const since = Date.now()
      await (await call(other, 'log', { times: 0 })).text()
      longest = Math.max(longest, Date.now() - since)
    }
  })()
  const answers = await Promise.all(Array.from({ length: 40 }, async () => (await call(server, name, args)).json()))
  over.abort()
  await timing
  for (const answer of answers) expect(answer).toMatchObject({ result: {} })
  return longest
}

it('other tenants are served while a server publishes to 30 subscribed sessions in 40 calls at once', async () => {
  const server = await open()
  const streams = []
  for (let n = 0; n < 30; n++) {
    const session = await openSession(server)
    await (await session.request(1, 'resources/subscribe', { uri: 'a://0' })).text()
    streams.push(counted(await session.get()))
  }
  expect(await longestOtherCall(server, 'update', { times: 20 })).toBeLessThan(5_000)
  await untilLogged(server, /^\d+ published changes were joined with an equal change that waited for delivery$/)
  for (const stream of streams) {
    expect(stream.messages).toBeGreaterThan(0)
    expect(stream.messages).toBeLessThan(40)
  }
})

it('subscriptions of 2026-07-28 get few of the equal changes that 40 calls publish at once', async () => {
  const server = await open()
  const streams = []
  for (let n = 0; n < 20; n++) {
    streams.push(
      counted(await callModern(server, { method: 'subscriptions/listen', params: { notifications: { toolsListChanged: true } }, id: n })),
    )
  }
  expect(await longestOtherCall(server, 'change', { times: 20 })).toBeLessThan(5_000)
  await untilLogged(server, /joined/)
  for (const stream of streams) {
    expect(stream.messages).toBeGreaterThan(0)
    expect(stream.messages).toBeLessThan(40)
  }
})

it('subscriber gets every change when a server publishes different changes', async () => {
  const server = await open()
  const session = await openSession(server)
  const uris = Array.from({ length: 50 }, (_, n) => `a://${n}`)
  for (const [n, uri] of uris.entries()) await (await session.request(n, 'resources/subscribe', { uri })).text()
  const stream = counted(await session.get())
  await (await call(server, 'update', { times: 50, uris: 50 })).text()
  await vi.waitFor(() => expect(stream.messages).toBe(50), { timeout: 20_000 })
})

it('hosted server finds the number of dropped changes in its log when more than 1,000 different changes wait', async () => {
  const server = await open()
  await env.SUBSCRIPTION_HUB.getByName(server.id).publish(
    Array.from({ length: 1_100 }, (_, n) => ({ type: 'resources/updated' as const, uri: `a://${n}` })),
  )
  await untilLogged(server, /^100 published changes were dropped, because 1000 different changes waited for delivery$/)
})

it('hosted server may send 2,000 notifications at once and 200 a second, and other servers as many', () => {
  const sent = (server: string, times: number, now: number) =>
    Array.from({ length: times }, () => takeNotification(server, now)).filter(Boolean).length
  expect([sent('noisy', 6_000, 0), sent('other', 10, 0), sent('noisy', 1_000, 1_000), sent('noisy', 6_000, 60_000)]).toEqual([
    2_000, 10, 200, 2_000,
  ])
})

it('session gets the result of a call whose messages are dropped, and the log has the number of dropped messages', async () => {
  const server = await open()
  const later = Date.now() + 60_000
  for (let n = 0; n < 2_000; n++) takeNotification(server.id, later)
  const session = await openSession(server)
  expect(await (await session.call(1, 'log', { times: 50 })).text()).toContain('"result":{"content":[]}')
  await untilLogged(server, /^50 notifications of a call were dropped\. A hosted server may send 2000 at once and 200 a second\.$/)
})
