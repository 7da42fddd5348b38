import { env, exports } from 'cloudflare:workers'
import { describe, expect, inject, it } from 'vitest'
import { activateVersion, deployVersion } from '../../hosting/deploy/deploy.ts'
import { sourceOf } from '../../hosting/sources/registry.ts'
import type { Answer, Call } from '../../hosting/sources/source.ts'
import type { JsonRpcMessage } from '../../protocol/mcp/json-rpc.ts'
import { ANONYMOUS, type Principal } from '../../protocol/principal.ts'
import { newId } from '../../protocol/random.ts'
import { createServer, store, type TestServer } from '../support/platform.ts'

const ctx = { exports, waitUntil: (promise: Promise<unknown>) => void promise.catch(() => undefined) }

/** Deploys and activates an example. */
async function running(name: string, settings = {}): Promise<TestServer> {
  const server = await createServer({ settings })
  const { modules, manifest } = inject('examples')[name]!
  const { id } = server.tenant.owner
  const { number } = await deployVersion(
    { store, id: newId(), server: await server.definition(), upload: { manifest, modules }, activate: false, createdBy: id },
    env,
    ctx,
  )
  await activateVersion({ store, server: await server.definition(), number, actor: id }, env, ctx)
  return server
}

interface Options {
  params?: Record<string, unknown>
  meta?: Record<string, unknown>
  principal?: Principal
  signal?: AbortSignal
}

async function callTool(
  server: TestServer,
  name: string,
  args: unknown,
  { params, meta, principal = ANONYMOUS, signal }: Options = {},
): Promise<Answer> {
  const definition = await server.definition()
  const call: Call = {
    server: definition,
    surface: undefined,
    principal,
    signal: signal ?? AbortSignal.timeout(20_000),
  }
  const _meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientCapabilities': { elicitation: {} },
    ...meta,
  }
  return sourceOf(definition.active!, { env, ctx }).answer(
    { id: 1, method: 'tools/call', params: { name, arguments: args, ...params, _meta }, paramHeaders: {} },
    call,
  )
}

async function resultOf(answer: Promise<Answer>): Promise<Record<string, unknown>> {
  const given = await answer
  if (!('result' in given)) throw new Error(JSON.stringify(given))
  return given.result
}

describe('hello example', () => {
  it('greets by name, and whoami returns the caller from ctx.props', async () => {
    const server = await running('hello')
    const greeting = await resultOf(callTool(server, 'greet', { name: 'Ada', language: 'fr' }))
    expect(greeting).toMatchObject({ content: [{ text: 'Bonjour, Ada !' }] })
    const principal: Principal = {
      kind: 'granted',
      grantId: 'g',
      clientId: 'c',
      userId: 'u',
      scopes: ['mcp:read'],
      tools: undefined,
      expiresAt: 0,
    }
    const [who] = (await resultOf(callTool(server, 'whoami', {}, { principal })))['content'] as { text: string }[]
    expect(JSON.parse(who!.text)).toEqual({ user: 'u', client: 'c', scopes: ['mcp:read'], tenant: server.tenant.slug, server: server.slug })
  })
})

describe('weather example', () => {
  it.each([
    ['Berlin', '2026-06-21', { sunrise: '02:43', sunset: '19:33', hours: 16.8 }],
    ['Singapore', '2026-03-20', { hours: 12.1 }],
    ['Tromsø', '2026-06-21', { sunrise: null, sunset: null, hours: 24 }],
    ['Tromsø', '2026-12-21', { sunrise: null, sunset: null, hours: 0 }],
  ])('computes the daylight of %s on %s', async (place, date, expected) => {
    const { structuredContent } = await resultOf(callTool(await running('weather'), 'daylight', { place, date }))
    expect(structuredContent).toMatchObject({ place, date, ...expected })
  })

  it('explains why the forecast fails until its host is on the egress list', async () => {
    const refused = await resultOf(callTool(await running('weather'), 'forecast', { place: 'Cairo' }))
    expect(refused).toMatchObject({ isError: true, content: [{ text: expect.stringMatching(/403.*not in the list of allowed hosts/s) }] })
    const allowed = await running('weather', { egress: ['api.open-meteo.com'] })
    const { structuredContent } = await resultOf(callTool(allowed, 'forecast', { place: 'Cairo', days: 2 }))
    expect(structuredContent).toMatchObject({
      place: 'Cairo',
      days: [{ date: '2026-07-01', lowCelsius: 11, highCelsius: 21, rainMillimetres: 0.5 }, {}],
    })
  })
})

describe('report example', () => {
  const progress = { meta: { progressToken: 'p' } }
  it('sends progress for each month, then the result', async () => {
    const answer = await callTool(await running('report'), 'write_report', { year: 2025, pauseMs: 5 }, progress)
    if (!('messages' in answer)) throw new Error('no stream')
    const messages: JsonRpcMessage[] = []
    for await (const message of answer.messages) messages.push(message)
    expect(messages).toHaveLength(13)
    expect(messages[0]).toMatchObject({ method: 'notifications/progress', params: { progressToken: 'p', progress: 1, total: 12 } })
    expect(messages[12]).toMatchObject({ result: { structuredContent: { year: 2025, months: expect.any(Array) } } })
  })

  it('stops when the caller cancels', async () => {
    const cancel = new AbortController()
    const answer = await callTool(
      await running('report'),
      'write_report',
      { year: 2025, pauseMs: 1_000 },
      { ...progress, signal: cancel.signal },
    )
    if (!('messages' in answer)) throw new Error('no stream')
    const iterator = answer.messages[Symbol.asyncIterator]()
    await iterator.next()
    cancel.abort()
    // in place of the second month
    expect(await iterator.next()).toMatchObject({ value: { error: { code: -32603 } } })
  })
})

describe('trip example', () => {
  const accept = (content: unknown) => ({ action: 'accept', content })

  it('asks for details and for confirmation, then books for the same caller and destination only', async () => {
    const server = await running('trip')
    const first = await resultOf(callTool(server, 'book_trip', { destination: 'Bergen' }))
    expect(first).toMatchObject({ resultType: 'input_required', inputRequests: { details: { method: 'elicitation/create' } } })
    const answered = { inputResponses: { details: accept({ nights: 2, travellers: 3 }) } }
    const second = await resultOf(callTool(server, 'book_trip', { destination: 'Bergen' }, { params: answered }))
    expect(second).toMatchObject({
      resultType: 'input_required',
      inputRequests: { confirm: { params: { message: expect.stringMatching(/840 EUR/) } } },
    })
    const { requestState } = second
    const confirmed = { inputResponses: { confirm: accept({ book: true }) }, requestState }
    const third = await resultOf(callTool(server, 'book_trip', { destination: 'Bergen' }, { params: confirmed }))
    expect(third).toMatchObject({ content: [{ text: expect.stringMatching(/^Booked.*840 EUR/) }] })

    const declined = { inputResponses: { confirm: { action: 'decline' } }, requestState }
    const not = await resultOf(callTool(server, 'book_trip', { destination: 'Bergen' }, { params: declined }))
    expect(not).toMatchObject({ content: [{ text: 'No trip was booked.' }] })
    const elsewhere = await resultOf(callTool(server, 'book_trip', { destination: 'Kyoto' }, { params: confirmed }))
    expect(elsewhere).toMatchObject({ resultType: 'input_required' })
    const other: Principal = {
      kind: 'granted',
      grantId: 'g',
      clientId: 'other',
      userId: 'u',
      scopes: ['mcp:write'],
      tools: undefined,
      expiresAt: 0,
    }
    expect(await callTool(server, 'book_trip', { destination: 'Bergen' }, { params: confirmed, principal: other })).toMatchObject({
      error: { code: -32602 },
    })
    const forged = { ...confirmed, requestState: `${String(requestState)}x` }
    expect(await callTool(server, 'book_trip', { destination: 'Bergen' }, { params: forged })).toMatchObject({ error: { code: -32602 } })
  })

  it('fails with -32021 when the client did not declare elicitation', async () => {
    const meta = { 'io.modelcontextprotocol/clientCapabilities': {} }
    expect(await callTool(await running('trip'), 'book_trip', { destination: 'Bergen' }, { meta })).toMatchObject({
      error: { code: -32021 },
    })
  })
})
