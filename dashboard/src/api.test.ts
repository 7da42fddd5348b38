import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { apiPath, ApiProblem, call, faultsOf, request } from './api.ts'
import { IS_MARK, MARKS } from './components/invisible-characters.ts'
import { relativeText } from './components/relative-text.ts'

const sent: { url: string; init: RequestInit }[] = []
let responses: (() => Response)[]
const assign = vi.fn()

beforeEach(() => {
  vi.useFakeTimers()
  sent.length = 0
  assign.mockClear()
  vi.stubGlobal('location', { pathname: '/dashboard/t/acme', search: '?a=1', assign })
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
    sent.push({ url, init })
    const next = responses.shift()
    if (!next) throw new TypeError('offline')
    return next()
  })
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

/** Starts a call and passes over all pauses between retries. */
async function settle<T>(started: Promise<T>): Promise<T> {
  started.catch(() => undefined)
  await vi.runAllTimersAsync()
  return started
}

const problem =
  (status: number, body: object = {}, headers: HeadersInit = {}) =>
  () =>
    Response.json({ status, title: 'T', detail: 'D', ...body }, { status, headers })
const ok = () => Response.json({ ok: true })

describe('request', () => {
  it('retries a 503 with the same idempotency key', async () => {
    responses = [problem(503), ok]
    expect(await settle(call('POST', '/tenants', {}))).toEqual({ ok: true })
    const [first, second] = sent.map(({ init }) => (init.headers as Record<string, string>)['Idempotency-Key'])
    expect(first).toBeDefined()
    expect(second).toBe(first)
  })

  it('retries a 409 only if the response has Retry-After', async () => {
    responses = [problem(409, {}, { 'Retry-After': '1' }), ok]
    expect(await settle(call('POST', '/tenants'))).toEqual({ ok: true })
    responses = [problem(409), ok]
    await expect(settle(call('POST', '/tenants'))).rejects.toMatchObject({ status: 409 })
  })

  it('does not retry a PATCH, because a PATCH has no idempotency key', async () => {
    responses = [problem(503), ok]
    await expect(settle(call('PATCH', '/me', {}))).rejects.toMatchObject({ status: 503 })
    expect(sent).toHaveLength(1)
  })

  it('reports a missing connection after three attempts', async () => {
    responses = []
    await expect(settle(call('GET', '/me'))).rejects.toMatchObject({ status: 0, title: 'No connection' })
    expect(sent).toHaveLength(3)
  })

  it('does not retry an aborted request', async () => {
    responses = []
    const controller = new AbortController()
    controller.abort()
    await expect(settle(request('GET', '/me', undefined, { signal: controller.signal }))).rejects.toThrow('offline')
    expect(sent).toHaveLength(1)
  })

  it('leads a GET without a sign-in to the sign-in page and back', async () => {
    responses = [problem(401)]
    void request('GET', '/me')
    await vi.runAllTimersAsync()
    expect(assign).toHaveBeenCalledExactlyOnceWith('/auth/sign-in?continue=%2Fdashboard%2Ft%2Facme%3Fa%3D1')
  })

  it('throws for a change without a sign-in, so the form keeps its input', async () => {
    responses = [problem(401)]
    await expect(settle(call('PUT', '/me/password', {}))).rejects.toMatchObject({ status: 401, title: 'Not signed in' })
    expect(assign).not.toHaveBeenCalled()
  })

  it('throws an ApiProblem with the errors of the fields', async () => {
    responses = [problem(400, { errors: [{ pointer: '/name', detail: 'is taken' }] })]
    const error = await settle(call('PUT', '/x', {})).catch((cause: unknown) => cause)
    expect(error).toBeInstanceOf(ApiProblem)
    expect(faultsOf(error)).toEqual(new Map([['/name', 'is taken']]))
    expect(faultsOf(new Error('other'))).toEqual(new Map())
  })

  it('throws an ApiProblem if the error response is not JSON', async () => {
    responses = [() => new Response('<html>', { status: 500 })]
    await expect(settle(call('PUT', '/x', {}))).rejects.toMatchObject({ status: 500, title: 'Unexpected response' })
  })

  it('returns undefined for a 204', async () => {
    responses = [() => new Response(null, { status: 204 })]
    expect(await settle(call('DELETE', '/x'))).toBeUndefined()
  })
})

it('apiPath escapes slugs', () => {
  expect(apiPath.server('a/b', 'c?d')).toBe('/tenants/a%2Fb/servers/c%3Fd')
})

const DAY = 86_400_000
it.each([
  [0, 'just now'],
  [-59_000, 'just now'],
  [30_000, 'in a moment'],
  [-60_000, '1 minute ago'],
  [-DAY * 1.9, 'yesterday'],
  [DAY * 90, 'in 90 days'],
  [DAY * 120, 'in 4 months'],
  [DAY * 365, 'next year'],
])('relativeText for an offset of %d ms returns "%s"', (offset, text) => {
  expect(relativeText(offset, 0)).toBe(text)
})

it.each([
  ['a right-to-left override', '\u202e', true],
  ['a zero-width space', '\u200b', true],
  ['a bell', '\u0007', true],
  ['a tab', '\t', false],
  ['a line feed', '\n', false],
  ['an emoji joiner', '\u200d', false],
  ['a letter', 'a', false],
])('IS_MARK and MARKS classify %s as expected', (_, character, isMark) => {
  expect(IS_MARK.test(character)).toBe(isMark)
  expect(`x${character}y`.split(MARKS)).toHaveLength(isMark ? 3 : 1)
})
