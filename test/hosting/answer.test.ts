import { env, exports } from 'cloudflare:workers'
import { expect, it, vi } from 'vitest'
import { answer } from '../../hosting/call/answer.ts'
import type { CallRequest } from '../../hosting/call/call-request.ts'
import type { McpRequest } from '../../hosting/sources/source.ts'
import type { Limits } from '../../protocol/limits.ts'
import { ANONYMOUS } from '../../protocol/principal.ts'
import { createServer } from '../support/platform.ts'

/** Sends one progress notification, then stalls until the call is cancelled. */
const STALLING = `export default { async fetch(request) {
  let sent = false
  return new Response(new ReadableStream({ pull(c) {
    if (sent) return scheduler.wait(60000)
    sent = true
    c.enqueue(new TextEncoder().encode('data: {"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"p","progress":1}}\\n\\n'))
  } }), { headers: { 'Content-Type': 'text/event-stream' } })
} }`

const request: McpRequest = { id: 1, method: 'prompts/get', params: { name: 'x', _meta: { progressToken: 'p' } }, paramHeaders: {} }

async function stalling(limits?: Limits) {
  const server = await createServer({ code: STALLING, ...(limits ? { settings: { limits } } : {}) })
  const definition = await server.definition()
  const asked: Omit<CallRequest, 'signal'> = {
    server: definition,
    version: definition.active!,
    principal: ANONYMOUS,
    surface: undefined,
    tool: undefined,
    revision: '2026-07-28',
    resourceMetadata: server.urls.resourceMetadata,
  }
  const held: Promise<unknown>[] = []
  const ctx = { exports, waitUntil: (promise: Promise<unknown>) => void held.push(promise) }
  /** Starts a call and returns after its first message. */
  const begin = async (network = 'first network') => {
    const hangUp = new AbortController()
    const given = await answer(request, { ...asked, network, signal: hangUp.signal }, env, ctx)
    if (!('messages' in given)) throw new Error(JSON.stringify(given))
    const iterator = given.messages[Symbol.asyncIterator]()
    await iterator.next()
    return { hangUp, iterator }
  }
  return { server, begin, held }
}

it('running call is recorded as cancelled when its client disconnects', async () => {
  const { server, begin, held } = await stalling()
  const { hangUp, iterator } = await begin()
  expect(held).toHaveLength(1)
  hangUp.abort()
  await iterator.next()
  await held[0]
  await Promise.all(held)
  expect(await env.SERVER_ACTIVITY.getByName(server.id).recent({ kind: 'call' })).toMatchObject([{ outcome: 'cancelled' }])
})

it('hosted server runs at most 64 calls at once, and accepts another when one has ended', async () => {
  const { begin } = await stalling()
  const calls = await Promise.all(Array.from({ length: 64 }, (_, count) => begin(count % 2 === 0 ? 'first network' : 'second network')))
  await expect(begin('third network')).rejects.toMatchObject({ status: 503, headers: { 'Retry-After': expect.any(String) } })
  calls[0]!.hangUp.abort()
  await calls[0]!.iterator.next()
  await begin()
})

it('one caller has at most three quarters of the places, so that calls of others go on', async () => {
  const { begin } = await stalling()
  const calls = await Promise.all(Array.from({ length: 48 }, () => begin('stranger')))
  const refused = { status: 503, message: expect.stringMatching(/^48 of the 64 requests .* are yours, which is the limit for one caller/) }
  await expect(begin('stranger')).rejects.toMatchObject(refused)
  await Promise.all(Array.from({ length: 16 }, () => begin('customer')))
  calls[0]!.hangUp.abort()
  await calls[0]!.iterator.next()
  await begin('stranger')
})

it('call that never reports its end stops counting some time after its deadline', async () => {
  const { begin } = await stalling()
  vi.useFakeTimers({ now: Date.now() - 60_000, toFake: ['Date'] })
  await Promise.all(Array.from({ length: 64 }, (_, count) => begin(`network ${count % 2}`)))
  vi.useRealTimers()
  await begin()
})

it('hosted server applies the concurrency limit and the deadline that its tenant set', async () => {
  const { begin } = await stalling({ deadlineSeconds: 1, totalSeconds: 1, concurrentCalls: 2 })
  const [first] = await Promise.all([begin(), begin()])
  await expect(begin()).rejects.toMatchObject({ status: 503, message: expect.stringContaining('2 requests') })
  expect((await first.iterator.next()).value).toMatchObject({ error: { code: -32603 } })
})
