import { expect, it } from 'vitest'
import type { Limits } from '../../protocol/limits.ts'
import { drain, openSession } from '../support/legacy.ts'
import { callModern, wireServer } from '../support/modern.ts'
import { createServer, surfaceOf, type TestServer } from '../support/platform.ts'

const TOOLS = `{
  wait: async ({ ms }) => { await scheduler.wait(ms); return { content: [] } },
  progress: async ({ times, ms, last = 0 }, { notify, meta }) => {
    for (let n = 1; n <= times; n++) {
      await notify('notifications/progress', { progressToken: meta.progressToken, progress: n })
      await scheduler.wait(ms)
    }
    await scheduler.wait(last)
    return { content: [{ type: 'text', text: 'done' }] }
  },
  large: async ({ bytes }) => ({ content: [{ type: 'text', text: 'x'.repeat(bytes) }] }),
  deep: async ({ levels }) => {
    let value = {}
    for (let n = 0; n < levels; n++) value = { value }
    return { content: [], structuredContent: value }
  },
}`
const surface = surfaceOf(
  ['wait', 'progress', 'large', 'deep'].map((name) => ({ name, inputSchema: { type: 'object' }, annotations: { readOnlyHint: true } })),
)
const limited = (limits: Partial<Limits> = {}) =>
  createServer({
    code: wireServer(TOOLS),
    surface,
    settings: { access: 'public', limits: { deadlineSeconds: 1, totalSeconds: 3, concurrentCalls: 8, ...limits } },
  })

/** Calls a tool without a session. Returns the last message. */
async function callOnce(server: TestServer, name: string, args: Record<string, unknown>): Promise<Record<string, unknown>> {
  return lastOf(await callModern(server, { params: { name, arguments: args }, meta: { progressToken: 'p' } }))
}

/** Calls a tool in a session. Returns the last message. */
async function callInSession(server: TestServer, name: string, args: Record<string, unknown>): Promise<Record<string, unknown>> {
  const session = await openSession(server)
  return lastOf(await session.call(1, name, args, { progressToken: 'p' }))
}

async function lastOf(response: Response): Promise<Record<string, unknown>> {
  if (response.headers.get('Content-Type') !== 'text/event-stream') return response.json()
  return (await drain(response)).at(-1)!
}

const refused = (message: RegExp) => ({ error: { code: -32603, message: expect.stringMatching(message) } })

it.each([
  ['stateless call', callOnce],
  ['call of a session', callInSession],
])('%s names the limit that ended it', async (_, callTool) => {
  const server = await limited()
  const results = await Promise.all([
    callTool(server, 'wait', { ms: 10_000 }),
    callTool(server, 'progress', { times: 2, ms: 400, last: 10_000 }),
    callTool(server, 'progress', { times: 100, ms: 400 }),
    callTool(server, 'large', { bytes: 4_200_000 }),
    callTool(server, 'deep', { levels: 70 }),
  ])
  expect(results).toMatchObject([
    refused(/^The call was stopped at the deadline of this hosted server, 1 s\. It may have run\./),
    refused(/^The call was stopped because it sent no progress for 1 s, the deadline of this hosted server\. It may have run\./),
    refused(/^The call was stopped at the time limit of calls with progress, 3 s\. It may have run\./),
    refused(/^The response of the hosted server is larger than the limit of 4194304 bytes\./),
    refused(/^The response of the hosted server is nested deeper than 64 levels\./),
  ])
})

it.each([
  ['stateless call', callOnce],
  ['call of a session', callInSession],
])('%s runs longer than the deadline when it sends progress', async (_, callTool) => {
  const answered = await callTool(await limited(), 'progress', { times: 5, ms: 400 })
  expect(answered).toMatchObject({ result: { content: [{ text: 'done' }] } })
})

it('call ends at the deadline in spite of progress when the total of the tenant is the deadline', async () => {
  const answered = await callOnce(await limited({ totalSeconds: 1 }), 'progress', { times: 20, ms: 200 })
  expect(answered).toMatchObject(refused(/at the deadline of this hosted server, 1 s/))
})

it('call with progress keeps its place in the concurrency limit until it ends', async () => {
  const server = await limited({ concurrentCalls: 1, totalSeconds: 20 })
  const running = callOnce(server, 'progress', { times: 17, ms: 400 })
  await scheduler.wait(6_500) // past the deadline and its grace
  const second = await callModern(server, { params: { name: 'wait', arguments: { ms: 1 } } })
  expect([second.status, second.headers.get('Retry-After')]).toEqual([503, '1'])
  expect(await second.json()).toMatchObject(refused(/already runs 1 requests, which is the limit/))
  expect(await running).toMatchObject({ result: { content: [{ text: 'done' }] } })
  expect((await callModern(server, { params: { name: 'wait', arguments: { ms: 1 } } })).status).toBe(200)
})
