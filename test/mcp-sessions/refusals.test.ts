import { describe, expect, it } from 'vitest'
import { openSession } from '../support/legacy.ts'
import { callModern, post, wireServer } from '../support/modern.ts'
import { createServer, surfaceOf, type TestServer } from '../support/platform.ts'

const tool = (name: string) => ({ name, inputSchema: { type: 'object' }, annotations: { readOnlyHint: true } })
const surface = surfaceOf([tool('echo'), tool('hang')])
const code = wireServer(`{
  echo: async (args, { meta }) => ({ content: [{ type: 'text', text: JSON.stringify([args, meta]) }] }),
  hang: async (_, { signal }) => { await scheduler.wait(60_000, { signal }); return { content: [] } },
}`)
const open = (settings = {}) => createServer({ code, surface, settings: { access: 'public', ...settings } })
const refused = async (response: Response) => ({
  status: response.status,
  ...(await response.json<{ id?: unknown; error: { code: number; message: string } }>()),
})
const JSON_TYPE = { 'Content-Type': 'application/json' }
const initialize = (server: TestServer, params: Record<string, unknown>) =>
  post(server, JSON.stringify({ jsonrpc: '2.0', id: 'i', method: 'initialize', params }), JSON_TYPE)

describe('refusal in a session', () => {
  it('has status 400 and the id when initialize is sent again', async () => {
    const session = await openSession(await open())
    const again = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'a', version: '1' } }
    const answered = await refused(await session.request('i', 'initialize', again))
    expect(answered).toMatchObject({ status: 400, id: 'i', error: { code: -32600, message: expect.stringContaining('already') } })
    expect((await session.request(1, 'ping')).status).toBe(200)
  })

  it('has status 400 when a batch has initialize', async () => {
    const session = await openSession(await open(), { revision: '2025-03-26' })
    const batch = ['ping', 'initialize'].map((method, id) => ({ jsonrpc: '2.0', id, method }))
    expect((await session.send(batch)).status).toBe(400)
  })

  it('has the id of the request when the version header, the id or the body is refused, or the session has ended', async () => {
    const server = await open()
    const session = await openSession(server)
    const ping = (id: string) => ({ jsonrpc: '2.0', id, method: 'ping' })
    const version = { 'MCP-Protocol-Version': '1999-01-01' }
    expect(await refused(await session.send(ping('v'), version))).toMatchObject({ status: 400, id: 'v' })
    expect(await refused(await session.send(ping('n'), { 'Mcp-Session-Id': null }))).toMatchObject({ status: 400, id: 'n' })
    expect(await refused(await session.send(ping('m'), { 'Mcp-Session-Id': 'a b' }))).toMatchObject({ status: 400, id: 'm' })
    expect(await refused(await session.send(ping('x'.repeat(257))))).toMatchObject({ status: 400, error: { code: -32600 } })
    expect((await session.send(ping('x'.repeat(256)))).status).toBe(200)
    let deep: unknown = []
    for (let n = 0; n < 70; n++) deep = [deep]
    expect(await refused(await session.request('d', 'tools/call', { name: 'echo', arguments: { deep } }))).toMatchObject({
      status: 400,
      id: 'd',
    })
    await session.end()
    expect(await refused(await session.send(ping('e')))).toMatchObject({ status: 404, id: 'e' })
  })

  it('never happens because of the number of values', async () => {
    const session = await openSession(await open())
    const rows = Array.from({ length: 1000 }, () => [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
    const { result } = await (await session.call(1, 'echo', { rows })).json<{ result: { content: { text: string }[] } }>()
    expect(JSON.parse(result.content[0]!.text)[0]).toEqual({ rows })
  })
})

it('503 of a server at its limit has the id of the request, in a session and at 2026-07-28', async () => {
  const server = await open({ limits: { deadlineSeconds: 5, concurrentCalls: 1 } })
  const session = await openSession(server)
  const running = session.call(1, 'hang')
  await scheduler.wait(200)
  expect(await refused(await session.call('s', 'echo'))).toMatchObject({ status: 503, id: 's' })
  expect(await refused(await callModern(server, { id: 'm', params: { name: 'echo' } }))).toMatchObject({ status: 503, id: 'm' })
  await session.notify('notifications/cancelled', { requestId: 1 })
  await (await running).body?.cancel()
})

it('503 of a server without a version has the id of the request', async () => {
  const server = await createServer({ settings: { access: 'public' } })
  expect(await refused(await callModern(server, { id: 'm', params: { name: 'echo' } }))).toMatchObject({ status: 503, id: 'm' })
  expect(await refused(await initialize(server, {}))).toMatchObject({ status: 503, id: 'i' })
})

describe('initialize', () => {
  const clientInfo = { name: 'a', version: '1' }
  it.each([
    ['clientInfo', { clientInfo: { ...clientInfo, description: 'x'.repeat(17_000) } }],
    ['clientInfo with members of any name', { clientInfo: { ...clientInfo, other: { deep: ['x'.repeat(17_000)] } } }],
    ['capabilities', { clientInfo, capabilities: { experimental: { a: { b: 'x'.repeat(17_000) } } } }],
  ])('is refused when %s exceeds 16 KiB', async (_, params) => {
    const response = await initialize(await open(), { protocolVersion: '2025-11-25', ...params })
    expect(response.headers.has('Mcp-Session-Id')).toBe(false)
    expect(await refused(response)).toMatchObject({ id: 'i', error: { code: -32602, message: expect.stringContaining('16384') } })
  })

  it.each([
    [
      'without icons that exceed 16 KiB',
      { clientInfo: { ...clientInfo, icons: [{ src: `data:image/png;base64,${'A'.repeat(20_000)}` }] } },
      clientInfo,
    ],
    [
      'with small icons',
      { clientInfo: { ...clientInfo, icons: [{ src: 'https://a.example/i.png' }] } },
      { ...clientInfo, icons: [{ src: 'https://a.example/i.png' }] },
    ],
    ['as absent when the client sent none', {}, undefined],
  ])('passes the client info to tools %s', async (_, params, expected) => {
    const server = await open()
    const started = await initialize(server, { protocolVersion: '2025-11-25', capabilities: {}, ...params })
    const call = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'echo', arguments: {} } }
    const response = await post(server, JSON.stringify(call), { ...JSON_TYPE, 'Mcp-Session-Id': started.headers.get('Mcp-Session-Id') })
    const { result } = await response.json<{ result: { content: { text: string }[] } }>()
    expect(JSON.parse(result.content[0]!.text)[1]['io.modelcontextprotocol/clientInfo']).toEqual(expected)
  })
})
