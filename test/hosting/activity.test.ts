import { env } from 'cloudflare:workers'
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { describe, expect, it, vi } from 'vitest'
import { inert, recordCall, recordLines, type CallRecord, type LogLine } from '../../hosting/activity/record.ts'
import { newId } from '../../protocol/random.ts'

const call = (change: Partial<CallRecord> = {}): CallRecord => ({
  at: Date.now(),
  durationMs: 3,
  method: 'tools/call',
  name: 'greet',
  revision: '2026-07-28',
  version: 1,
  outcome: 'ok',
  ...change,
})
const line = (message: string, change: Partial<LogLine> = {}): LogLine => ({
  at: Date.now(),
  level: 'log',
  origin: 'console',
  message,
  ...change,
})

describe('ServerActivity', () => {
  it('returns calls and lines newest first, by page and by filter', async () => {
    const activity = env.SERVER_ACTIVITY.getByName(newId())
    await activity.record({ calls: [call({ name: 'one' }), call({ name: 'two' })], lines: [line('three', { correlationId: 'c' })] })
    const all = await activity.recent()
    expect(all.map(({ kind }) => kind)).toEqual(['line', 'call', 'call'])
    expect(await activity.recent({ limit: 1, before: all[0]!.id })).toMatchObject([{ kind: 'call', name: 'two' }])
    expect(await activity.recent({ kind: 'call' })).toMatchObject([{ name: 'two' }, { name: 'one' }])
    expect(await activity.recent({ correlationId: 'c' })).toMatchObject([{ message: 'three' }])
  })

  it('keeps the newest thousand calls and the newest two thousand lines', async () => {
    const activity = env.SERVER_ACTIVITY.getByName(newId())
    for (let batch = 0; batch < 6; batch++) {
      await activity.record({
        calls: Array.from({ length: 250 }, (_, n) => call({ name: `${batch}-${n}` })),
        lines: Array.from({ length: 450 }, (_, n) => line(`${batch}-${n}`)),
      })
    }
    const counts = await runInDurableObject(activity, (_, { storage }) => [
      ...storage.sql.exec('SELECT kind, COUNT(*) AS kept FROM entries GROUP BY kind ORDER BY kind'),
    ])
    expect(counts).toEqual([
      { kind: 'call', kept: 1_000 },
      { kind: 'line', kept: 2_000 },
    ])
    expect(await activity.recent({ kind: 'call', limit: 1 })).toMatchObject([{ name: '5-249' }])
  })

  it('survives eviction and drops entries after two weeks', async () => {
    const activity = env.SERVER_ACTIVITY.getByName(newId())
    await activity.record({ calls: [call({ name: 'old', at: Date.now() - 15 * 24 * 3600 * 1000 }), call({ name: 'new' })], lines: [] })
    await evictDurableObject(activity)
    expect(await activity.recent()).toHaveLength(2)
    expect(await runDurableObjectAlarm(activity)).toBe(true)
    expect(await activity.recent()).toMatchObject([{ name: 'new' }])
  })

  it('is empty after being cleared, and records again', async () => {
    const activity = env.SERVER_ACTIVITY.getByName(newId())
    await activity.record({ calls: [call()], lines: [] })
    await activity.clear()
    expect(await activity.recent()).toEqual([])
    await activity.record({ calls: [call()], lines: [] })
    expect(await activity.recent()).toHaveLength(1)
  })
})

describe('activity recording', () => {
  it('writes simultaneous records as one batch per hosted server', async () => {
    const server = { id: newId(), tenantId: 't' }
    const waits: Promise<unknown>[] = []
    const ctx = { waitUntil: (promise: Promise<unknown>) => void waits.push(promise) }
    for (let n = 0; n < 20; n++) recordCall(server, call({ name: String(n) }), env, ctx)
    recordLines(server, [line('hello')], env, ctx)
    expect(waits).toHaveLength(1)
    await Promise.all(waits)
    expect(await env.SERVER_ACTIVITY.getByName(server.id).recent({ limit: 50 })).toHaveLength(21)
  })

  it('drops records of a flood and logs how many were dropped', async () => {
    const server = { id: newId(), tenantId: 't' }
    const waits: Promise<unknown>[] = []
    const ctx = { waitUntil: (promise: Promise<unknown>) => void waits.push(promise) }
    for (let n = 0; n < 900; n++) recordCall(server, call(), env, ctx)
    await Promise.all(waits)
    expect(await env.SERVER_ACTIVITY.getByName(server.id).recent({ kind: 'line' })).toMatchObject([
      { message: expect.stringMatching(/^400 records were dropped/) },
    ])
  })

  it('starts a new flush when the earlier one was cut short', async () => {
    const server = { id: newId(), tenantId: 't' }
    const waits: Promise<unknown>[] = []
    vi.useFakeTimers({ now: Date.now() - 60_000, toFake: ['Date'] })
    // the request ends before its flush, so its waitUntil promise never runs
    recordCall(
      server,
      call({ name: 'first' }),
      { SERVER_ACTIVITY: {} as never },
      { waitUntil: (promise) => void promise.catch(() => undefined) },
    )
    vi.useRealTimers()
    recordCall(server, call({ name: 'second' }), env, { waitUntil: (promise) => void waits.push(promise) })
    expect(waits).toHaveLength(1)
    await Promise.all(waits)
  })
})

it.each([
  ['escapes an escape sequence', '\u001b[2Jcleared', '\\u001b[2Jcleared'],
  ['escapes a direction mark', 'abc\u202edef', 'abc\\u202edef'],
  ['escapes a carriage return', 'real\rforged', 'real\\u000dforged'],
  ['keeps a line break', 'one\ntwo', 'one\ntwo'],
])('inert %s', (_, text, shown) => expect(inert(text)).toBe(shown))

it('inert cuts a line after 8,192 characters', () => expect(inert('x'.repeat(10_000))).toMatch(/x… \(1808 characters more\)$/))
