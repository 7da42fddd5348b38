import { describe, expect, it } from 'vitest'
import * as sdk20250326 from 'mcp-sdk-1-11/types.js'
import * as sdk20250618 from 'mcp-sdk-1-17/types.js'
import * as sdk20251125 from '@modelcontextprotocol/sdk/types.js'
import { openSession, take } from '../support/legacy.ts'
import { createServer, surfaceOf } from '../support/platform.ts'

const icons = [{ src: 'https://a.example/i.png' }]
const annotations = { audience: ['user'], priority: 1, lastModified: '2026-01-01T00:00:00Z' }
const older = { audience: ['user'], priority: 1 }
const link = { type: 'resource_link', uri: 'a://b', name: 'b', title: 'Bee', description: 'About b', icons, annotations }
const text = { type: 'text', text: 'Hi', annotations, _meta: { kept: 1 } }
const audio = { type: 'audio', data: 'AAAA', mimeType: 'audio/wav' }
const embedded = { type: 'resource', resource: { uri: 'a://b', text: 'Body' } }

const tools = [
  {
    name: 'look',
    title: 'Look',
    icons,
    description: 'Looks.',
    annotations: { readOnlyHint: true },
    inputSchema: { type: 'object', properties: { any: true, none: false, n: { type: 'number' } } },
    outputSchema: { type: 'object', properties: { any: true } },
    execution: { taskSupport: 'required' },
    _meta: { ui: { resourceUri: 'ui://a' } },
  },
  { name: 'ask', inputSchema: { type: 'object' }, annotations: { readOnlyHint: true } },
]
const prompt = { name: 'p', title: 'Pee', icons, arguments: [{ name: 'x', title: 'Ex', required: true }] }
const resource = { uri: 'a://b', name: 'b', title: 'Bee', icons, annotations, size: 4, mimeType: 'text/plain' }
const template = { uriTemplate: 'a://{b}', name: 'b', title: 'Bee', description: 'One b', icons }

const results = {
  'tools/list': { tools, ttlMs: 1, cacheScope: 'public' },
  'prompts/list': { prompts: [prompt], ttlMs: 1, cacheScope: 'public' },
  'resources/list': { resources: [resource], nextCursor: 'n', ttlMs: 1, cacheScope: 'public' },
  'resources/templates/list': { resourceTemplates: [template], ttlMs: 1, cacheScope: 'public' },
  'prompts/get': { description: 'd', messages: [link, text, audio, embedded].map((content) => ({ role: 'user', content })) },
  'resources/read': { contents: [{ uri: 'a://b', text: 'Body', _meta: { kept: 1 } }], ttlMs: 1, cacheScope: 'public' },
  'completion/complete': { completion: { values: Array.from({ length: 150 }, (_, n) => `v${n}`) } },
}
const called = {
  content: [link, text, audio, embedded, { type: 'video', uri: 'a://v' }, { type: 'hologram' }],
  structuredContent: { any: 1 },
}
/** Answers every method with a fixed result. The tool ask sends the questions in its arguments. */
const code = `
const results = ${JSON.stringify(results)}
export default { async fetch(request) {
  const { id, method, params } = await request.json()
  const reply = (result) => Response.json({ jsonrpc: '2.0', id, result: { resultType: 'complete', ...result } })
  if (method !== 'tools/call') return reply(results[method])
  if (params.name === 'look') return reply(${JSON.stringify(called)})
  if (params.inputResponses) return reply({ content: [{ type: 'text', text: JSON.stringify(params.inputResponses) }] })
  return reply({ resultType: 'input_required', inputRequests: params.arguments })
} }`
const serverInfo = { name: 's', version: '1', title: 'Server', icons, description: 'Serves.', websiteUrl: 'https://a.example' }
const capabilities = { tools: {}, prompts: {}, resources: {}, completions: {} }
const surface = surfaceOf(tools, { serverInfo, capabilities })
const server = await createServer({ code, surface, settings: { access: 'public' } })

const REVISIONS = ['2025-03-26', '2025-06-18', '2025-11-25'] as const
type Revision = (typeof REVISIONS)[number]
/** Schemas of the official SDK that has the revision as its newest. */
const SDKS = { '2025-03-26': sdk20250326, '2025-06-18': sdk20250618, '2025-11-25': sdk20251125 }
const REQUESTS = [
  ['tools/list', 'ListToolsResultSchema', {}],
  ['prompts/list', 'ListPromptsResultSchema', {}],
  ['resources/list', 'ListResourcesResultSchema', {}],
  ['resources/templates/list', 'ListResourceTemplatesResultSchema', {}],
  ['prompts/get', 'GetPromptResultSchema', { name: 'p', arguments: { x: 'y' } }],
  ['resources/read', 'ReadResourceResultSchema', { uri: 'a://b' }],
  ['completion/complete', 'CompleteResultSchema', { ref: { type: 'ref/prompt', name: 'p' }, argument: { name: 'x', value: '' } }],
  ['tools/call', 'CallToolResultSchema', { name: 'look' }],
] as const

const resultOf = async (revision: Revision, method: string, params: Record<string, unknown> = {}) => {
  const session = await openSession(server, { revision })
  const { result } = await (await session.request(1, method, params)).json<{ result: Record<string, any> }>()
  await session.end()
  return result
}

describe.each(REVISIONS)('result at %s', (revision) => {
  it.each(REQUESTS)('of %s is valid for the SDK of the revision', async (method, schema, params) => {
    const result = await resultOf(revision, method, params)
    const parsed = SDKS[revision][schema].safeParse(result)
    expect(parsed.error).toBeUndefined()
    expect(JSON.stringify(result)).not.toMatch(/resultType|ttlMs|cacheScope/)
    if (revision !== '2025-11-25') expect(JSON.stringify(result)).not.toContain('icons')
    if (revision === '2025-03-26') expect(JSON.stringify(result)).not.toMatch(/resource_link|lastModified|structuredContent|outputSchema/)
  })

  it('of initialize has server info in the words of the revision', async () => {
    const { initialized } = await openSession(server, { revision })
    expect(SDKS[revision].InitializeResultSchema.safeParse(initialized).error).toBeUndefined()
    expect(initialized['serverInfo']).toEqual(
      { '2025-03-26': { name: 's', version: '1' }, '2025-06-18': { name: 's', version: '1', title: 'Server' }, '2025-11-25': serverInfo }[
        revision
      ],
    )
  })

  it('of completion/complete has at most a hundred values', async () => {
    const { completion } = await resultOf(revision, 'completion/complete', REQUESTS[6][2])
    expect([completion.values.length, completion.total, completion.hasMore]).toEqual([100, 150, true])
  })

  it('of tools/list has objects as property schemas, and no tasks', async () => {
    const [look] = (await resultOf(revision, 'tools/list'))['tools']
    expect(look.inputSchema.properties).toEqual({ any: {}, none: { not: {} }, n: { type: 'number' } })
    expect(look.outputSchema?.properties).toEqual(revision === '2025-03-26' ? undefined : { any: {} })
    expect(look._meta).toEqual({ ui: { resourceUri: 'ui://a' } })
    expect(look.execution).toBeUndefined()
  })
})

describe('newer words', () => {
  it('become the nearest words of 2025-03-26', async () => {
    const linked = { type: 'text', text: 'Bee\nAbout b\na://b', annotations: older }
    const shown = [linked, { ...text, annotations: older }, audio, embedded]
    const got = await resultOf('2025-03-26', 'prompts/get', REQUESTS[4][2])
    expect(got['messages'].map(({ content }: { content: unknown }) => content)).toEqual(shown)
    const { content } = await resultOf('2025-03-26', 'tools/call', { name: 'look' })
    expect(content).toEqual([...shown, { type: 'text', text: 'a://v' }, { type: 'text', text: '[hologram content]' }])
    const [look] = (await resultOf('2025-03-26', 'tools/list'))['tools']
    expect([look.title, look.annotations]).toEqual([undefined, { title: 'Look', readOnlyHint: true }])
    expect((await resultOf('2025-03-26', 'prompts/list'))['prompts']).toEqual([
      { name: 'p', description: 'Pee', arguments: [{ name: 'x', description: 'Ex', required: true }] },
    ])
    expect((await resultOf('2025-03-26', 'resources/list'))['resources']).toEqual([
      { uri: 'a://b', name: 'b', description: 'Bee', annotations: older, size: 4, mimeType: 'text/plain' },
    ])
    expect((await resultOf('2025-03-26', 'resources/templates/list'))['resourceTemplates']).toEqual([
      { uriTemplate: 'a://{b}', name: 'b', description: 'One b' },
    ])
  })

  it('are kept by a revision that has them', async () => {
    const { icons: _icons, ...withoutIcons } = link
    const first = async (revision: Revision) => (await resultOf(revision, 'prompts/get', REQUESTS[4][2]))['messages'][0].content
    expect(await first('2025-06-18')).toEqual(withoutIcons)
    expect(await first('2025-11-25')).toEqual(link)
    expect((await resultOf('2025-06-18', 'prompts/list'))['prompts']).toEqual([
      { name: 'p', title: 'Pee', arguments: [{ name: 'x', title: 'Ex', required: true }] },
    ])
    expect((await resultOf('2025-11-25', 'resources/list'))['resources']).toEqual([resource])
    expect((await resultOf('2025-06-18', 'tools/call', { name: 'look' }))['structuredContent']).toEqual({ any: 1 })
  })
})

/** Opens a session and returns the first question of the tool ask. */
async function asked(revision: Revision, declared: Record<string, unknown>, question: { method: string; params: unknown }) {
  const session = await openSession(server, { revision, capabilities: declared })
  const response = await session.call(1, 'ask', { q: question })
  const reader = take(response, 1)
  const [event] = await reader
  const message = event?.message as { id: number; params: Record<string, any> }
  /** Sends the response of the client. Returns the responses that the tool receives. */
  const respond = async (given: Record<string, unknown>) => {
    await session.answer(message.id, given)
    const [last] = await take(await session.get(event?.id), 1)
    const { result } = last!.message as { result: { content: { text: string }[] } }
    return JSON.parse(result.content[0]!.text).q
  }
  return { params: message.params, respond }
}

describe('form', () => {
  const options = [
    { const: 'r', title: 'Red' },
    { const: 'b', title: 'Blue' },
  ]
  const requestedSchema = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    properties: {
      name: { type: 'string', title: 'Name', minLength: 1, default: 'Ann' },
      age: { type: 'integer', minimum: 0, default: 7 },
      sure: { type: 'boolean', default: true },
      one: { type: 'string', title: 'One', oneOf: options, default: 'b' },
      plain: { type: 'string', enum: ['x', 'y'], default: 'x' },
      many: { type: 'array', title: 'Many', description: 'Colors', minItems: 1, maxItems: 2, items: { anyOf: options }, default: ['b'] },
      tags: { type: 'array', items: { type: 'string', enum: ['t1', 't2'] } },
      tags_1: { type: 'boolean' },
    },
    required: ['name', 'many'],
  }
  const question = { method: 'elicitation/create', params: { mode: 'form', message: 'Who?', requestedSchema, task: { ttl: 1 } } }

  it('is asked at 2025-06-18 without words of later revisions', async () => {
    const { params } = await asked('2025-06-18', { elicitation: {} }, question)
    expect(sdk20250618.ElicitRequestSchema.safeParse({ method: 'elicitation/create', params }).error).toBeUndefined()
    const many = 'Many. Colors. Choose at least 1 and at most 2'
    expect(params).toEqual({
      message: 'Who?',
      requestedSchema: {
        type: 'object',
        properties: {
          name: { type: 'string', title: 'Name', minLength: 1 },
          age: { type: 'integer', minimum: 0 },
          sure: { type: 'boolean', default: true },
          one: { type: 'string', title: 'One', enum: ['r', 'b'], enumNames: ['Red', 'Blue'] },
          plain: { type: 'string', enum: ['x', 'y'] },
          many_1: { type: 'boolean', title: 'Red', description: many, default: false },
          many_2: { type: 'boolean', title: 'Blue', description: many, default: true },
          tags_1_: { type: 'boolean', title: 't1', description: 'tags', default: false },
          tags_2: { type: 'boolean', title: 't2', description: 'tags', default: false },
          tags_1: { type: 'boolean' },
        },
        required: ['name'],
      },
    })
  })

  it('answered at 2025-06-18 reaches the tool with lists', async () => {
    const { respond } = await asked('2025-06-18', { elicitation: {} }, question)
    const content = { name: 'Bo', one: 'r', many_1: true, many_2: false, tags_2: true, tags_1: true }
    expect(await respond({ action: 'accept', content })).toEqual({
      action: 'accept',
      content: { name: 'Bo', one: 'r', many: ['r'], tags: ['t2'], tags_1: true },
    })
  })

  it('declined at 2025-06-18 reaches the tool unchanged', async () => {
    const { respond } = await asked('2025-06-18', { elicitation: {} }, question)
    expect(await respond({ action: 'decline' })).toEqual({ action: 'decline' })
  })

  it('is asked at 2025-11-25 as the tool wrote it', async () => {
    const { params, respond } = await asked('2025-11-25', { elicitation: {} }, question)
    expect(params).toEqual({ mode: 'form', message: 'Who?', requestedSchema })
    expect(await respond({ action: 'accept', content: { many: ['r', 'b'] } })).toEqual({ action: 'accept', content: { many: ['r', 'b'] } })
  })
})

describe('sampling', () => {
  const block = { type: 'text', text: 'Hi' }
  const params = {
    messages: [
      { role: 'user', content: [block, audio] },
      { role: 'assistant', content: block },
    ],
    maxTokens: 5,
    systemPrompt: 'Be kind.',
    task: { ttl: 1 },
  }
  it.each(['2025-03-26', '2025-06-18'] as const)('is asked at %s with one block in each message', async (revision) => {
    const { params: shown, respond } = await asked(revision, { sampling: {} }, { method: 'sampling/createMessage', params })
    expect(SDKS[revision].CreateMessageRequestSchema.safeParse({ method: 'sampling/createMessage', params: shown }).error).toBeUndefined()
    expect(shown).toEqual({
      messages: [
        { role: 'user', content: block },
        { role: 'user', content: audio },
        { role: 'assistant', content: block },
      ],
      maxTokens: 5,
      systemPrompt: 'Be kind.',
    })
    const answer = { role: 'assistant', model: 'm', content: block }
    expect(await respond(answer)).toEqual(answer)
  })

  it('is asked at 2025-11-25 with tools in the words of the revision', async () => {
    const outcome = { type: 'tool_result', toolUseId: '1', content: [link], structuredContent: [1] }
    const withTools = {
      messages: [
        { role: 'assistant', content: [{ type: 'tool_use', id: '1', name: 'a', input: {} }] },
        { role: 'user', content: [outcome] },
      ],
      maxTokens: 5,
      tools: [{ name: 'a', inputSchema: { type: 'object' }, outputSchema: { type: 'array' }, execution: {} }],
    }
    const question = { method: 'sampling/createMessage', params: withTools }
    const { params: shown } = await asked('2025-11-25', { sampling: { tools: {} } }, question)
    expect(sdk20251125.CreateMessageRequestSchema.safeParse({ method: 'sampling/createMessage', params: shown }).error).toBeUndefined()
    expect(shown['messages'][1].content[0]).toEqual({ ...outcome, structuredContent: { result: [1] } })
    expect(shown['tools'][0]).toEqual({
      name: 'a',
      inputSchema: { type: 'object' },
      outputSchema: { type: 'object', properties: { result: { type: 'array' } }, required: ['result'] },
    })
  })
})
