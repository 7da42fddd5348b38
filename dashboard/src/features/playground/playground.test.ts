import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Surface, ToolDefinition } from '../../../../protocol/api.ts'
import { findToken, forgetToken } from './connection/authorization.ts'
import { bodyText, redact, redactHeaders } from './connection/redact.ts'
import { isRevision, isStateless, REVISIONS } from './connection/revisions.ts'
import type { Exchange } from './connection/wire-log.ts'
import { QuestionQueue, type RootsQuestion } from './questions/question-queue.ts'
import { durationText } from './runs/duration-text.ts'
import { summaryOf } from './runs/exchange-summary.ts'
import { tableOf } from './runs/plain-table.ts'
import { labelOf, loadRuns, saveRuns, type Run } from './runs/runs.ts'
import { canWrite, fromLiveSurface, fromUploadedSurface, titleOf } from './surface/displayed-surface.ts'
import { variablesOf } from './surface/uri-variables.ts'

let stored: Map<string, string>
beforeEach(() => {
  stored = new Map()
  vi.stubGlobal('sessionStorage', {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => void stored.set(key, value),
    removeItem: (key: string) => void stored.delete(key),
  })
})
afterEach(() => {
  vi.unstubAllGlobals()
})

describe('wire log redaction', () => {
  it('hides the token of the Authorization header, but not its scheme', () => {
    expect(redactHeaders(new Headers({ Authorization: 'Bearer secret', Accept: 'text/html' }))).toEqual([
      ['accept', 'text/html'],
      ['authorization', 'Bearer (redacted)'],
    ])
  })

  it('hides tokens, codes and verifiers in JSON, but not error codes', () => {
    const body = JSON.stringify({ access_token: 'a', refresh_token: 'b', code: 'c', code_verifier: 'd', token_type: 'Bearer' })
    expect(redact(body)).not.toMatch(/"[abcd]"/)
    expect(redact(body)).toContain('"token_type":"Bearer"')
    expect(redact('{"error":{"code":-32602}}')).toBe('{"error":{"code":-32602}}')
  })

  it('hides codes and tokens in forms', () => {
    expect(bodyText(new URLSearchParams({ code: 'x', token: 'y', client_id: 'z' }))).toBe(
      'code=%28redacted%29&token=%28redacted%29&client_id=z',
    )
  })

  it('truncates long bodies, and shows no binary body', () => {
    expect(bodyText('x'.repeat(100_010))).toMatch(/… and 10 more characters$/)
    expect(bodyText(new Uint8Array(3))).toBe('')
  })
})

describe('calls in sessionStorage', () => {
  const run = (id: number, more: Partial<Run> = {}): Run => ({
    id,
    request: { kind: 'tool', name: 'greet', args: {} },
    revision: '2026-07-28',
    version: undefined,
    startedAt: 1,
    endedAt: 2,
    progress: undefined,
    logs: [],
    outcome: undefined,
    failure: undefined,
    ...more,
  })

  it('survive a reload', () => {
    saveRuns('calls', [run(2), run(1)])
    expect(loadRuns('calls').map(({ id }) => id)).toEqual([2, 1])
  })

  it('fail on reload if they were running', () => {
    saveRuns('calls', [run(1, { endedAt: undefined })])
    expect(loadRuns('calls')[0]).toMatchObject({ endedAt: 1, failure: { kind: 'failed' } })
  })

  it('drop the oldest calls beyond the size limit', () => {
    const large = { request: { kind: 'tool', name: 'greet', args: { text: 'x'.repeat(300_000) } } } as const
    saveRuns('calls', [run(3, large), run(2, large), run(1)])
    expect(loadRuns('calls').map(({ id }) => id)).toEqual([3])
  })

  it('are empty if the stored text is invalid', () => {
    stored.set('calls', 'not json')
    expect(loadRuns('calls')).toEqual([])
  })

  it('have the name or the URI as label', () => {
    expect(labelOf({ kind: 'prompt', name: 'p', args: {} })).toBe('p')
    expect(labelOf({ kind: 'resource', uri: 'res://x' })).toBe('res://x')
  })
})

describe('findToken', () => {
  const token = { resource: 'https://a.example/mcp', userId: 'u1', accessToken: 't', scopes: ['mcp:read'], expiresAt: 100 }
  const store = () => stored.set('wharf.playground.access', JSON.stringify({ [token.resource]: token }))

  it('returns the token of the user until the token expires', () => {
    store()
    expect(findToken(token, 99)?.accessToken).toBe('t')
    expect(findToken(token, 100)).toBeUndefined()
  })

  it('returns no token of another user or another server', () => {
    store()
    expect(findToken({ ...token, userId: 'u2' }, 0)).toBeUndefined()
    expect(findToken({ ...token, resource: 'https://b.example/mcp' }, 0)).toBeUndefined()
  })

  it('returns no token after forgetToken', () => {
    store()
    forgetToken(token.resource)
    expect(findToken(token, 0)).toBeUndefined()
  })
})

describe('QuestionQueue', () => {
  const ask = (queue: QuestionQueue, signal: AbortSignal) => queue.roots(signal)

  it('resolves with the answer and removes the question', async () => {
    const queue = new QuestionQueue()
    const answered = ask(queue, new AbortController().signal)
    const [question] = queue.read()
    if (question?.kind === 'roots') question.answer({ roots: [] })
    expect(await answered).toEqual({ roots: [] })
    expect(queue.read()).toEqual([])
  })

  it('rejects with the code of the specification if the user rejects the question', async () => {
    const queue = new QuestionQueue()
    const rejected = ask(queue, new AbortController().signal)
    queue.read()[0]?.refuse('no')
    await expect(rejected).rejects.toMatchObject({ message: 'no', code: -1 })
  })

  it('rejects and removes the question if the call is cancelled', async () => {
    const queue = new QuestionQueue()
    const controller = new AbortController()
    const cancelled = ask(queue, controller.signal)
    controller.abort()
    await expect(cancelled).rejects.toThrow('cancelled')
    expect(queue.read()).toEqual([])
  })
})

it.each([
  ['a list of flat objects', [{ a: 1 }, { b: null }], ['a', 'b']],
  ['an object with one list', { items: [{ a: 1 }] }, ['a']],
  ['an empty list', [], undefined],
  ['nested objects', [{ a: { b: 1 } }], undefined],
  ['a list of strings', ['a'], undefined],
  ['an object with more than a list', { items: [{ a: 1 }], total: 1 }, undefined],
  ['too many columns', [Object.fromEntries('abcdefghi'.split('').map((name) => [name, 1]))], undefined],
])('tableOf shows %s as expected', (_, value, columns) => {
  expect(tableOf(value)?.columns).toEqual(columns)
})

it.each([
  ['{"jsonrpc":"2.0","method":"tools/call","params":{"name":"greet"}}', 'tools/call greet'],
  ['{"jsonrpc":"2.0","method":"tools/list"}', 'tools/list'],
  ['{"jsonrpc":"2.0","id":1,"result":{}}', 'response to the server'],
  ['grant_type=authorization_code', '/token'],
])('summaryOf the request body %s returns %s', (body, summary) => {
  const request = { method: 'POST', url: 'https://a.example/token', headers: [], body }
  expect(summaryOf({ request } as unknown as Exchange)).toBe(summary)
})

it.each([
  ['file://{path}', ['path']],
  ['https://a.example/{+path}{?page,size*}', ['path', 'page', 'size']],
  ['https://a.example/{id:3}/{id}', ['id']],
  ['https://a.example/plain', []],
])('variablesOf(%s) returns %j', (template, variables) => {
  expect(variablesOf(template)).toEqual(variables)
})

describe('displayed surface', () => {
  const tool = (annotations?: ToolDefinition['annotations']): ToolDefinition => ({
    name: 't',
    inputSchema: { type: 'object' },
    ...(annotations ? { annotations } : {}),
  })

  it('lists resources and templates of an uploaded surface together', () => {
    const surface = {
      tools: [tool()],
      prompts: [{ name: 'p', arguments: [{ name: 'a', required: true }, { name: 'b' }] }],
      resources: [{ uri: 'res://x', name: 'x', mimeType: 'text/plain' }],
      resourceTemplates: [{ uriTemplate: 'res://{id}', name: 'y' }],
    } as unknown as Surface
    const displayed = fromUploadedSurface(surface)
    expect(displayed.isLive).toBe(false)
    expect(displayed.resources.map(({ uri, isTemplate }) => [uri, isTemplate])).toEqual([
      ['res://x', false],
      ['res://{id}', true],
    ])
    expect(displayed.prompts[0]?.arguments.map(({ required }) => required)).toEqual([true, false])
  })

  it('ignores values of a wrong type', () => {
    const displayed = fromUploadedSurface({
      tools: [],
      prompts: [{ name: 7, title: {}, arguments: 'none' }],
      resources: [],
      resourceTemplates: [],
    } as unknown as Surface)
    expect(displayed.prompts).toEqual([{ name: '', title: undefined, description: undefined, arguments: [] }])
  })

  it('is live if listed by the server', () => {
    expect(fromLiveSurface({ tools: [], prompts: [], resources: [], templates: [], instructions: 'Hi' })).toMatchObject({
      isLive: true,
      instructions: 'Hi',
    })
  })

  it('treats a tool as read-only only if readOnlyHint is true', () => {
    expect([tool({ readOnlyHint: true }), tool({ readOnlyHint: false }), tool()].map(canWrite)).toEqual([false, true, true])
  })

  it('titles a tool by its title, then its annotation, then its name', () => {
    expect([{ ...tool({ title: 'b' }), title: 'a' }, tool({ title: 'b' }), tool()].map(titleOf)).toEqual(['a', 'b', 't'])
  })
})

it('only the newest revision is stateless', () => {
  expect(REVISIONS.filter(isStateless)).toEqual(['2026-07-28'])
  expect([isRevision('2025-06-18'), isRevision('2024-11-05'), isRevision(undefined)]).toEqual([true, false, false])
})

describe('the time of a call', () => {
  it('leaves out the time in which a question was open, also of two at once', async () => {
    vi.useFakeTimers()
    const queue = new QuestionQueue()
    const { signal } = new AbortController()
    vi.advanceTimersByTime(1_000)
    const both = [queue.roots(signal), queue.roots(signal)]
    vi.advanceTimersByTime(30_000)
    const [first, second] = queue.read() as RootsQuestion[]
    first?.answer({ roots: [] })
    vi.advanceTimersByTime(40_000)
    expect(queue.waitedMs()).toBe(70_000)
    second?.answer({ roots: [] })
    await Promise.all(both)
    vi.advanceTimersByTime(5_000)
    expect(queue.waitedMs()).toBe(70_000)
    vi.useRealTimers()
  })

  it.each([
    [{ startedAt: 0, endedAt: 1_948 }, '1,948 ms'],
    [{ startedAt: 0, endedAt: 71_948, waitedMs: 70_000 }, '1,948 ms, without 70 s for your input'],
    [{ startedAt: 0, endedAt: 100, waitedMs: 200 }, '0 ms, without 1 s for your input'],
  ])('of %j is %s', (run, text) => {
    expect(durationText(run)).toBe(text)
  })
})
