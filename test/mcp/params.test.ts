import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { parseParams } from '../../protocol/mcp/params.ts'
import { openSession } from '../support/legacy.ts'
import { callModern, post, wireServer } from '../support/modern.ts'
import { createServer, createToken, surfaceOf } from '../support/platform.ts'

/** Looks tools up by property, so the name ["write"] finds the tool write. */
const code = wireServer(`{
  read: async () => ({ content: [{ type: 'text', text: 'read' }] }),
  write: async () => ({ content: [{ type: 'text', text: 'RAN' }] }),
}`)
const tool = (name: string) => ({ name, inputSchema: { type: 'object' }, annotations: { readOnlyHint: true } })
const server = await createServer({ code, surface: surfaceOf([tool('read'), tool('write')]), settings: { access: 'members' } })
const { token } = await createToken(server, { tools: ['read'] })

const NAMES: [string, unknown][] = [
  ['an array with the name', ['write']],
  ['a nested array with the name', [['write']]],
  ['an object with toString', { toString: 'write', valueOf: 'write' }],
  ['a number', 7],
  ['true', true],
  ['null', null],
  ['absent', undefined],
]
const STRINGS = ['write', 'ｗrite', 'wrіte', 'write\u200b', ' write', 'WRITE', 'write\u0000', '__proto__', 'constructor', 'toString']

const CODE_OF = async (response: Response) => {
  const text = await response.text()
  expect(text).not.toContain('RAN')
  return JSON.parse(text) as { id?: unknown; error?: { code: number; message: string } }
}

describe('narrowed grant', () => {
  it.each(NAMES)('calls no excluded tool at 2026-07-28 when the name is %s', async (_, name) => {
    for (const header of ['read', 'write', null]) {
      const answer = await CODE_OF(await callModern(server, { token, id: 'a', params: { name }, headers: { 'Mcp-Name': header } }))
      expect(answer).toMatchObject({ id: 'a', error: { code: -32602, message: 'params.name must be a string.' } })
    }
  })

  it.each(STRINGS)('calls no excluded tool at 2026-07-28 when the name is the string %j', async (name) => {
    const encoded = `=?base64?${new TextEncoder().encode(name).toBase64()}?=`
    expect(await CODE_OF(await callModern(server, { token, params: { name }, headers: { 'Mcp-Name': encoded } }))).toMatchObject({
      error: { code: -32602, message: expect.stringContaining('Unknown tool') },
    })
  })

  it.each(['2025-03-26', '2025-06-18', '2025-11-25'])('calls no excluded tool in a session of %s', async (revision) => {
    const session = await openSession(server, { token, revision })
    for (const name of [...NAMES.map(([, value]) => value), ...STRINGS]) {
      const answer = await CODE_OF(await session.request('a', 'tools/call', { name, arguments: {} }))
      expect([name, answer]).toMatchObject([name, { id: 'a', error: { code: -32602 } }])
    }
    expect(await (await session.call(1, 'read')).json()).toMatchObject({ result: { content: [{ text: 'read' }] } })
  })

  it('calls no excluded tool in a batch, and calls the granted tool beside it', async () => {
    const session = await openSession(server, { token, revision: '2025-03-26' })
    const call = (id: number, name: unknown) => ({ jsonrpc: '2.0', id, method: 'tools/call', params: { name } })
    const response = await session.send([call(1, ['write']), call(2, 'read'), call(3, { toString: 'write' })])
    const answers = await response.json<{ id: number; error?: { code: number } }[]>()
    expect(answers.toSorted((a, b) => a.id - b.id)).toMatchObject([
      { error: { code: -32602 } },
      { result: {} },
      { error: { code: -32602 } },
    ])
  })

  it('calls the granted tool at 2026-07-28', async () => {
    expect(await (await callModern(server, { token, params: { name: 'read' } })).json()).toMatchObject({
      result: { content: [{ text: 'read' }] },
    })
  })
})

describe('activity record', () => {
  it('has the target of the method when another param has the name of a target', async () => {
    const open = await createServer({ code, surface: surfaceOf([tool('read')]), settings: { access: 'public' } })
    await (
      await callModern(open, { method: 'resources/read', params: { uri: 'a://b', name: 'forged' }, headers: { 'Mcp-Name': 'a://b' } })
    ).text()
    await (await callModern(open, { params: { name: 'read', uri: 'forged' } })).text()
    const names = async () =>
      (await env.SERVER_ACTIVITY.getByName(open.id).recent({ kind: 'call' })).map((entry) => entry.kind === 'call' && entry.name)
    await expect.poll(names).toEqual(['read', 'a://b'])
  })
})

describe('malformed params', () => {
  it.each(['2026-07-28', '2025-11-25'])('are judged at %s only if the server has the method', async (revision) => {
    const session = revision === '2026-07-28' ? undefined : await openSession(server, { token, revision })
    const send = (method: string, params: Record<string, unknown>) =>
      session ? session.request(1, method, params) : callModern(server, { token, method, params })
    const code = async (method: string, params: Record<string, unknown>) => (await CODE_OF(await send(method, params))).error?.code
    expect(await code('tools/list', { cursor: 1 })).toBe(-32602)
    expect(await code('prompts/get', { name: ['a'] })).toBe(-32601)
    expect(await code('completion/complete', {})).toBe(-32601)
  })
})

describe('params', () => {
  const prompt = { type: 'ref/prompt', name: 'p' }
  const argument = { name: 'a', value: '' }
  it.each([
    ['tools/call', { name: 'a', arguments: [] }, 'arguments'],
    ['tools/call', { name: 'a', arguments: '{}' }, 'arguments'],
    ['tools/call', { name: 'a', _meta: [] }, '_meta'],
    ['tools/call', { name: 'a', _meta: { progressToken: [1] } }, '_meta.progressToken'],
    ['tools/call', { name: 'a', _meta: { progressToken: 'x'.repeat(257) } }, '_meta.progressToken'],
    ['tools/call', { name: 'a', requestState: ['x'] }, 'requestState'],
    ['tools/call', { name: 'a', inputResponses: [] }, 'inputResponses'],
    ['tools/call', { name: 'a', inputResponses: { q: 'yes' } }, 'inputResponses.q'],
    ['prompts/get', { name: ['a'] }, 'name'],
    ['prompts/get', { name: 'a', arguments: ['x'] }, 'arguments'],
    ['resources/read', { uri: ['a://b'] }, 'uri'],
    ['resources/subscribe', { uri: { href: 'a://b' } }, 'uri'],
    ['resources/unsubscribe', {}, 'uri'],
    ['tools/list', { cursor: ['x'] }, 'cursor'],
    ['prompts/list', { cursor: 1 }, 'cursor'],
    ['resources/list', { cursor: {} }, 'cursor'],
    ['resources/templates/list', { cursor: true }, 'cursor'],
    ['completion/complete', { ref: { type: 'ref/prompt', name: ['p'] }, argument }, 'ref'],
    ['completion/complete', { ref: { type: 'ref/other' }, argument }, 'ref'],
    ['completion/complete', { ref: prompt, argument: { name: 'a', value: ['b'] } }, 'argument.value'],
    ['completion/complete', { ref: prompt, argument, context: { arguments: [] } }, 'context.arguments'],
    ['logging/setLevel', { level: ['info'] }, 'level'],
    ['subscriptions/listen', { notifications: [] }, 'notifications'],
    ['initialize', { protocolVersion: ['2025-11-25'] }, 'protocolVersion'],
    ['initialize', { capabilities: [] }, 'capabilities'],
    ['initialize', { clientInfo: { name: {}, version: '1' } }, 'clientInfo.name'],
    ['server/discover', { _meta: 'x' }, '_meta'],
    ['unknown/method', { _meta: 7 }, '_meta'],
  ])('of %s are refused when they are %j', (method, params, path) => {
    expect(parseParams(method, params)).toEqual({ error: { code: -32602, message: expect.stringMatching(`^params\\.${path} `) } })
  })

  it.each([
    ['tools/call', { name: 'a', arguments: { deep: [{}] }, _meta: { progressToken: 1, other: [] }, other: 1 }],
    ['completion/complete', { ref: { type: 'ref/resource', uri: 'a://{b}' }, argument, context: { arguments: { c: 'd' } } }],
    ['tools/list', { cursor: '' }],
    ['initialize', { protocolVersion: '2025-06-18', capabilities: { roots: {} }, clientInfo: { name: 'a', version: '1', icons: [] } }],
    ['initialize', {}],
    ['unknown/method', { name: ['kept'] }],
  ])('of %s are accepted when they are %j', (method, params) => {
    expect(parseParams(method, params)).toEqual({ params })
  })

  it('count as absent when they are null', () => {
    expect(parseParams('tools/call', { name: 'a', arguments: null, _meta: null })).toEqual({ params: { name: 'a' } })
    expect(parseParams('tools/list', { cursor: null })).toEqual({ params: {} })
    expect(parseParams('tools/call', { name: 'a', _meta: { progressToken: null } })).toHaveProperty('params.name', 'a')
  })

  it('of initialize are refused over HTTP, and no session opens, when their types are wrong', async () => {
    const params = { protocolVersion: ['2025-11-25'], capabilities: {}, clientInfo: { name: 'a', version: '1' } }
    const body = JSON.stringify({ jsonrpc: '2.0', id: 'i', method: 'initialize', params })
    const response = await post(server, body, { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` })
    expect(response.headers.has('Mcp-Session-Id')).toBe(false)
    expect(await response.json()).toMatchObject({ id: 'i', error: { code: -32602 } })
  })
})
