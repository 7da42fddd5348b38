import { expect, it, vi } from 'vitest'
import { drain, openSession } from '../support/legacy.ts'
import { callModern, eventsOf, wireServer } from '../support/modern.ts'
import { createServer, surfaceOf } from '../support/platform.ts'

const TOOLS = `{
  visit: async () => { throw Object.assign(new Error('Visit a page first.'), { code: -32042, data: { elicitations: [{ mode: 'url', url: 'https://pay.example/1', elicitationId: 'pay-1', message: 'Pay' }] } }) },
  ask: async (_, { params, notify }) => {
    if (params.inputResponses) { await notify('notifications/elicitation/complete', { elicitationId: 'own-7' }); return { content: [] } }
    return { resultType: 'input_required', inputRequests: { pay: { method: 'elicitation/create', params: { mode: 'url', url: 'https://pay.example/7', message: 'Pay', elicitationId: 'own-7' } } }, requestState: 's' }
  },
  finish: async (_, { notify }) => { await notify('notifications/elicitation/complete', { elicitationId: 'pay-1' }); return { content: [] } },
  cleanUp: async (_, { signal }) => {
    signal.addEventListener('abort', async () => { await scheduler.wait(300); globalThis.cleaned = (globalThis.cleaned ?? 0) + 1 })
    await scheduler.wait(20_000)
    return { content: [] }
  },
  cleaned: async () => ({ content: [{ type: 'text', text: String(globalThis.cleaned ?? 0) }] }),
}`
const surface = surfaceOf(
  ['visit', 'ask', 'finish', 'cleanUp', 'cleaned'].map((name) => ({
    name,
    inputSchema: { type: 'object' },
    annotations: { readOnlyHint: true },
  })),
)
const open = () => createServer({ code: wireServer(TOOLS), surface, settings: { access: 'public' } })
const capabilities = { elicitation: { form: {}, url: {} } }

it('client of 2025-11-25 gets -32042 with the URLs of a tool that needs a visit', async () => {
  const session = await openSession(await open(), { capabilities })
  expect(await (await session.call(1, 'visit')).json()).toMatchObject({
    error: { code: -32042, data: { elicitations: [{ mode: 'url', url: 'https://pay.example/1', elicitationId: 'pay-1' }] } },
  })
})

it.each([['2025-06-18'], ['2025-03-26']])('client of %s gets the URLs as text of a tool error', async (revision) => {
  const session = await openSession(await open(), { revision })
  expect(await (await session.call(1, 'visit')).json()).toMatchObject({
    result: { isError: true, content: [{ type: 'text', text: 'Visit a page first.\nhttps://pay.example/1' }] },
  })
})

it('client of 2025-11-25 gets the end of an elicitation under the id of the error and of the question', async () => {
  const session = await openSession(await open(), { capabilities })
  expect(await drain(await session.call(1, 'finish'))).toMatchObject([
    { method: 'notifications/elicitation/complete', params: { elicitationId: 'pay-1' } },
    { id: 1, result: {} },
  ])
  const seen: Record<string, unknown>[] = []
  for await (const { message } of eventsOf(await session.call(2, 'ask'))) {
    if (!message) continue
    seen.push(message)
    if (message['method'] === 'elicitation/create') await session.answer(message['id'], { action: 'accept' })
  }
  expect(seen).toMatchObject([
    { method: 'elicitation/create', params: { mode: 'url', elicitationId: 'own-7' } },
    { method: 'notifications/elicitation/complete', params: { elicitationId: 'own-7' } },
    { id: 2, result: {} },
  ])
})

it('clients of other revisions get no end of an elicitation', async () => {
  const server = await open()
  const session = await openSession(server, { revision: '2025-06-18' })
  const texts = [await (await session.call(1, 'finish')).text(), await (await callModern(server, { params: { name: 'finish' } })).text()]
  for (const text of texts) {
    expect(text).toContain('"result"')
    expect(text).not.toContain('elicitation/complete')
  }
})

it('tool runs the code after its abort event when the client has cancelled or has gone', async () => {
  const server = await open()
  const session = await openSession(server)
  const running = session.call(1, 'cleanUp')
  await scheduler.wait(600)
  await session.notify('notifications/cancelled', { requestId: 1 })
  await running
  const cleaned = async () => (await callModern(server, { params: { name: 'cleaned' } })).text()
  await vi.waitFor(async () => expect(await cleaned()).toContain('"text":"1"'), { timeout: 10_000, interval: 200 })
  const hangUp = new AbortController()
  const call = callModern(server, { params: { name: 'cleanUp' }, signal: hangUp.signal }).then((response) => response.text())
  await scheduler.wait(600)
  hangUp.abort()
  await call.catch(() => undefined)
  await vi.waitFor(async () => expect(await cleaned()).toContain('"text":"2"'), { timeout: 10_000, interval: 200 })
})
