import { afterAll, beforeAll, expect, it } from 'vitest'
import { connect, ScriptedProvider } from '../../scripts/scripted-client.ts'
import { eventsOf, type Message, RawSession, type Received } from './raw-session.ts'
import { untilRestarted, PERSON, signalWorkerd, type Site, startSite } from './support.ts'

let site: Site
beforeAll(async () => {
  site = await startSite()
})
afterAll(() => site?.stop())

/** Authorizes an app for all scopes of the server. Returns its credentials. */
async function authorized(url: string): Promise<ScriptedProvider> {
  const provider = new ScriptedProvider(PERSON)
  await (await connect(url, provider, { pin: '2026-07-28' })).close()
  return provider
}

const tokenFor = async (url: string): Promise<string> => (await authorized(url)).stored.tokens?.access_token ?? ''

async function kill(): Promise<void> {
  const before = site.platform.restarts()
  expect(signalWorkerd(site.platform, 'SIGKILL')).toBeGreaterThan(0)
  await untilRestarted(site.platform, before)
}

const answer = (id: Message['id'], content: Record<string, unknown>): Message => ({
  ...(id === undefined ? {} : { id }),
  result: { action: 'accept', content },
})

it('session continues after kill -9 between messages, with or without an open question', async () => {
  const url = await site.deployed('trip')
  // signs requestState with a fixed key, because the isolate would lose a key of its own
  await site.management.call('PUT', '/api/tenants/demo/servers/trip/environment', { values: { STATE_KEY: 'k'.repeat(48) } })
  const session = await RawSession.open(url, await tokenFor(url))
  await kill() // between two messages

  const call = await session.post({ id: 7, method: 'tools/call', params: { name: 'book_trip', arguments: { destination: 'Lisbon' } } })
  const first = await question(eventsOf(call))
  await kill() // while the question is open

  expect((await session.post(answer(first.message.id, { nights: 3, travellers: 2 }))).status).toBe(202)
  const second = await question(eventsOf(await session.resume(first.id)))
  expect(second.message.id).not.toBe(first.message.id)
  expect(second.message.params?.['message']).toContain('3 nights in Lisbon for 2')
  await kill()

  // a late answer to the first question does not answer the second
  await session.post(answer(first.message.id, { book: false }))
  expect((await session.post(answer(second.message.id, { book: true }))).status).toBe(202)
  const rest = await all(await session.resume(second.id))
  const results = rest.filter(({ message }) => message?.id === 7)
  expect(results).toHaveLength(1)
  expect(JSON.stringify(results[0]?.message?.result)).toContain('Lisbon')
  expect(results[0]?.message?.result?.['isError'] ?? false).toBe(false)
})

it('stream of a slow tool resumes from Last-Event-ID with every later message once', async () => {
  const url = await site.deployed('report')
  const session = await RawSession.open(url, await tokenFor(url))
  const call = await session.post(report(200))
  const seen: Received[] = []
  for await (const event of eventsOf(call)) {
    seen.push(event)
    // leaving the loop closes the connection
    if (seen.filter(({ message }) => message).length === 3) break
  }
  const later = await all(await session.resume(seen.at(-1)?.id ?? ''))
  const progress = [...seen, ...later].flatMap(({ message }) => message?.params?.['progress'] ?? [])
  expect(progress).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
  expect(later.filter(({ message }) => message?.id === 1 && message.result)).toHaveLength(1)
})

it('session reports a tool call ended by kill -9 as one error, and continues', async () => {
  const url = await site.deployed('report')
  const session = await RawSession.open(url, await tokenFor(url))
  const call = await session.post(report(1000))
  let last: string | undefined
  for await (const { id, message } of eventsOf(call)) {
    last = id ?? last
    if (message?.params?.['progress'] === 2) break
  }
  await kill()
  const later = await all(await session.resume(last ?? ''))
  const answers = later.filter(({ message }) => message?.id === 1)
  expect(answers.map(({ message }) => message?.error?.code)).toEqual([-32603])
  const again = await session.post({ id: 2, method: 'tools/list' })
  expect(again.status).toBe(200)
  expect(await again.text()).toContain('write_report')
})

it('platform restarts a frozen workerd, and still knows which refresh tokens were used', async () => {
  const url = await site.deployed('report')
  const [twice, once] = [await holderAt(url), await holderAt(url)]
  const { refresh_token: second = '' } = await twice.refresh(twice.first)
  const { refresh_token: third = '' } = await twice.refresh(second)
  const { refresh_token: newest = '' } = await once.refresh(once.first)

  const before = site.platform.restarts()
  signalWorkerd(site.platform, 'SIGSTOP')
  await untilRestarted(site.platform, before)
  expect(site.platform.restarts()).toBe(before + 1)

  expect(await once.refresh(newest)).toMatchObject({ refresh_token: expect.any(String) })
  for (const token of [twice.first, third]) expect(await twice.refresh(token)).toMatchObject({ error: 'invalid_grant' })
})

/** Authorizes an app. Returns its refresh token and a function to refresh. */
async function holderAt(url: string) {
  const { stored } = await authorized(url)
  const refresh = async (token: string): Promise<{ refresh_token?: string; error?: string }> => {
    const body = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: token, client_id: stored.client?.client_id ?? '' })
    const response = await fetch(url.replace(/mcp$/, 'token'), { method: 'POST', body })
    return (await response.json()) as { refresh_token?: string; error?: string }
  }
  return { first: stored.tokens?.refresh_token ?? '', refresh }
}

function report(pauseMs: number): Message {
  return {
    id: 1,
    method: 'tools/call',
    params: { name: 'write_report', arguments: { year: 2025, pauseMs }, _meta: { progressToken: 'p' } },
  }
}

async function question(events: AsyncGenerator<Received>): Promise<{ id: string; message: Message }> {
  for await (const { id, message } of events) if (message?.method === 'elicitation/create' && id !== undefined) return { id, message }
  throw new Error('the stream ended without a question')
}

async function all(response: Response): Promise<Received[]> {
  const events: Received[] = []
  for await (const event of eventsOf(response)) events.push(event)
  return events
}
