import { env } from 'cloudflare:workers'
import { expect, it, vi } from 'vitest'
import { putBundle, findBundle } from '../../store/servers/bundles.ts'
import { drain, openSession } from '../support/legacy.ts'
import { callModern, wireServer } from '../support/modern.ts'
import { createServer, surfaceOf, type TestServer } from '../support/platform.ts'

const CODE = `import { abortIsolate } from 'cloudflare:workers'
let calls = 0
${wireServer(`{
  count: async () => ({ content: [{ type: 'text', text: String(++calls) }] }),
  slow: async () => { await scheduler.wait(500); return { content: [{ type: 'text', text: 'slow' }] } },
  end: async () => { abortIsolate('the tool ends its isolate') },
  endLater: async (_, { notify, meta }) => {
    await notify('notifications/progress', { progressToken: meta.progressToken, progress: 1 })
    await scheduler.wait(50)
    abortIsolate('the tool ends its isolate')
  },
}`)}`
const surface = surfaceOf(
  ['count', 'slow', 'end', 'endLater'].map((name) => ({ name, inputSchema: { type: 'object' }, annotations: { readOnlyHint: true } })),
)
const open = () => createServer({ code: CODE, surface, settings: { access: 'public' } })

const send = (server: TestServer, name: string) => callModern(server, { params: { name, arguments: {} }, meta: { progressToken: 'p' } })
const call = async (server: TestServer, name: string) =>
  (await send(server, name)).json<{ result?: { content: { text: string }[] }; error?: { message: string } }>()
const text = async (server: TestServer, name: string) => (await call(server, name)).result?.content[0]?.text

const ENDED = /^The hosted server ended during the call\. The call may have run\. The owner finds the reason in the log under /

it('hosted server answers the next call from a new isolate when a tool has ended its isolate', async () => {
  const server = await open()
  for (let n = 0; n < 5; n++) {
    expect(await text(server, 'count')).toBe('1')
    expect(await text(server, 'count')).toBe('2')
    expect(await call(server, 'end')).toMatchObject({ error: { code: -32603, message: expect.stringMatching(ENDED) } })
  }
})

it('hosted server answers the next call when a tool has ended its isolate in the middle of a stream', async () => {
  const server = await open()
  const messages = await drain(await send(server, 'endLater'))
  expect(messages).toMatchObject([{ params: { progress: 1 } }, { error: { code: -32603, message: expect.stringMatching(ENDED) } }])
  expect(await text(server, 'count')).toBe('1')
})

it('session answers the next call when a tool has ended its isolate', async () => {
  const session = await openSession(await open())
  const ended = await (await session.call(1, 'end')).json()
  expect(ended).toMatchObject({ error: { message: expect.stringMatching(ENDED) } })
  expect(await (await session.call(2, 'count')).json()).toMatchObject({ result: { content: [{ text: '1' }] } })
})

it('hosted server fails no call but those of the tool when many calls race a tool that ends the isolate', async () => {
  const server = await open()
  const names = Array.from({ length: 30 }, (_, n) => ['count', 'slow', 'end'][n % 3]!)
  const results = await Promise.all(names.map((name) => call(server, name)))
  for (const [n, { error }] of results.entries()) {
    if (names[n] === 'end') expect(error?.message).toMatch(ENDED)
    else if (error) expect(error.message).toMatch(/may have run/)
  }
  expect(await text(server, 'slow')).toBe('slow')
})

it('call that reached no code of the tenant says that it has not run, and no log line has the mark of the platform', async () => {
  const server = await open()
  const { active } = await server.definition()
  const { content } = active!
  const hash = 'bundleHash' in content ? content.bundleHash : ''
  const bundle = await findBundle(env, server.tenant.id, hash)
  await env.BUNDLES.delete(`bundles/${server.tenant.id}/${hash}`)
  const { error } = await call(server, 'count')
  expect(error?.message).toMatch(/^The hosted server could not be started, and the call has not run\./)
  await putBundle(env, server.tenant.id, bundle!)
  expect(await text(server, 'count')).toBe('1')
  const activity = env.SERVER_ACTIVITY.getByName(server.id)
  await vi.waitFor(async () => expect(await activity.recent({ kind: 'line' })).not.toEqual([]), { timeout: 5_000 })
  expect(JSON.stringify(await activity.recent({ kind: 'line' }))).not.toMatch(/[\da-f]{64}/)
})
