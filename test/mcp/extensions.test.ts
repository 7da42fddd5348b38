import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { openSession } from '../support/legacy.ts'
import { callModern, wireServer } from '../support/modern.ts'
import { createServer, surfaceOf } from '../support/platform.ts'

const UI = 'io.modelcontextprotocol/ui'
const TASKS = 'io.modelcontextprotocol/tasks'
const ui = { [UI]: { mimeTypes: ['text/html;profile=mcp-app'] } }
const mixed = { ...ui, [TASKS]: {}, 'com.example/skills': {} }
const CAPABILITIES = 'io.modelcontextprotocol/clientCapabilities'
const LEGACY = ['2025-03-26', '2025-06-18', '2025-11-25']

const capabilities = { tools: { listChanged: true }, tasks: { list: {} }, extensions: mixed }
const code = wireServer(`{
  who: async (_, { meta }) => ({ content: [{ type: 'text', text: JSON.stringify(meta['${CAPABILITIES}']) }] }),
  task: async () => ({ resultType: 'task', taskId: 't1', status: 'working', ttlMs: null }),
  task_2025: async () => ({ task: { taskId: 't1', status: 'working', ttl: null } }),
  later: async () => ({ resultType: 'com.example/later', content: [] }),
  stream: async (_, { notify, meta }) => { await notify('notifications/progress', { progressToken: meta.progressToken, progress: 1 }); return { resultType: 'task', taskId: 't1' } },
}`)
  .replace('capabilities: { tools: { listChanged: true } }', `capabilities: ${JSON.stringify(capabilities)}`)
  .replace(
    "inputSchema: { type: 'object' } })",
    `inputSchema: { type: 'object' }, execution: { taskSupport: 'required' }, _meta: { ui: { resourceUri: 'ui://a' } } })`,
  )
const tool = (name: string) => ({ name, inputSchema: { type: 'object' }, annotations: { readOnlyHint: true } })
const surface = surfaceOf(['who', 'task', 'task_2025', 'later', 'stream'].map(tool), { capabilities })
const open = () => createServer({ code, surface, settings: { access: 'public' } })

describe('extensions of a hosted server', () => {
  it('reach a client of 2026-07-28 only if the platform serves them', async () => {
    const response = await callModern(await open(), { method: 'server/discover' })
    const { result } = await response.json<{ result: { capabilities: unknown } }>()
    expect(result.capabilities).toEqual({ tools: { listChanged: true }, extensions: ui })
  })

  it.each(LEGACY)('reach a client of %s only if the platform serves them', async (revision) => {
    const { initialized } = await openSession(await open(), { revision })
    expect(initialized['capabilities']).toEqual({ tools: { listChanged: true }, extensions: ui })
  })

  it('announce no tasks in the list of tools, and keep the interface of an app', async () => {
    const server = await open()
    const lists = [
      callModern(server, { method: 'tools/list' }),
      ...LEGACY.map(async (revision) => (await openSession(server, { revision })).request(1, 'tools/list')),
    ]
    for (const list of lists) {
      const text = await (await list).text()
      expect(text).not.toContain('execution')
      expect(text).toContain('"_meta":{"ui":{"resourceUri":"ui://a"}}')
    }
  })
})

describe('extensions of a client', () => {
  it('reach the tool at 2026-07-28 only if the platform serves them', async () => {
    const response = await callModern(await open(), { params: { name: 'who' }, meta: { [CAPABILITIES]: { roots: {}, extensions: mixed } } })
    const { result } = await response.json<{ result: { content: { text: string }[] } }>()
    expect(JSON.parse(result.content[0]!.text)).toEqual({ roots: {}, extensions: ui })
  })

  it.each(LEGACY)('reach the tool in a session of %s only if the platform serves them', async (revision) => {
    const session = await openSession(await open(), { revision, capabilities: { roots: {}, tasks: {}, extensions: mixed } })
    const { result } = await (await session.call(1, 'who')).json<{ result: { content: { text: string }[] } }>()
    expect(JSON.parse(result.content[0]!.text)).toEqual({ roots: {}, extensions: ui })
  })
})

describe('result that no client can use', () => {
  it.each([
    ['task', 'task', /is a task/],
    ['task_2025', 'task', /is a task/],
    ['later', 'unknown type', /resultType must be/],
  ])('of the tool %s becomes an error with a finding in the log', async (name, shown, logged) => {
    const server = await open()
    const sessions = await Promise.all(LEGACY.map((revision) => openSession(server, { revision })))
    const responses = [
      await callModern(server, { params: { name } }),
      ...(await Promise.all(sessions.map((session) => session.call(1, name)))),
    ]
    for (const response of responses) {
      const { error } = await response.json<{ error: { code: number; message: string; data: { correlationId: string } } }>()
      expect(error).toMatchObject({ code: -32603, message: expect.stringContaining(shown) })
      const { correlationId } = error.data
      const found = async () => await env.SERVER_ACTIVITY.getByName(server.id).recent({ correlationId })
      await expect.poll(async () => (await found()).map(({ kind }) => kind).toSorted()).toEqual(['call', 'line'])
      expect(await found()).toContainEqual(expect.objectContaining({ level: 'error', message: expect.stringMatching(logged) }))
    }
  })

  it('becomes the error at the end of a stream', async () => {
    const response = await callModern(await open(), { params: { name: 'stream' }, meta: { progressToken: 'p' } })
    expect(await response.text()).toMatch(/"error":\{"code":-32603,"message":"The hosted server answered with a task/)
  })
})
