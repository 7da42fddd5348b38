import { describe, expect, it } from 'vitest'
import { matchUriTemplate, parseUriTemplate } from '../../hosting/sources/static/uri-template.ts'
import { openSession } from '../support/legacy.ts'
import { callModern } from '../support/modern.ts'
import { person, tenantOf, type Person } from '../support/person.ts'
import { addresses, fetchPlatform } from '../support/platform.ts'
import { serverUrls } from '../../protocol/location.ts'

const PROMPT = {
  name: 'answer-question',
  title: 'Answer a question',
  description: 'Answers from the handbook.',
  arguments: [
    { name: 'question', description: 'The question.', required: true },
    { name: 'language', values: ['English', 'Estonian', 'German'] },
  ],
  messages: [
    { text: 'Answer in {{language}}: {{question}}' },
    { role: 'assistant', text: 'I read the page on leave first.' },
    { resource: 'handbook://leave' },
  ],
}
const LEAVE = {
  uri: 'handbook://leave',
  name: 'leave',
  title: 'Leave',
  description: 'Days off.',
  mimeType: 'text/markdown',
  text: '# Leave',
}
const LOGO = { uri: 'handbook://logo.png', name: 'logo', mimeType: 'image/png', blob: 'iVBORw0KGgo=' }
const OFFICE = {
  uriTemplate: 'handbook://offices/{city}',
  name: 'office',
  mimeType: 'text/plain',
  text: 'The office in {{city}}.',
  values: { city: ['Berlin', 'Lisbon'] },
}
const MANIFEST = {
  source: 'static',
  note: 'first',
  server: { name: 'handbook', title: 'Staff handbook', version: '2.0.0' },
  instructions: 'Answers come from the handbook.',
  prompts: [PROMPT],
  resources: [LEAVE, LOGO],
  resourceTemplates: [OFFICE],
}

interface Site {
  owner: Person
  tenant: string
  base: string
}

async function site(settings: Record<string, unknown> = { access: 'public' }): Promise<Site> {
  const owner = await person()
  const tenant = await tenantOf(owner)
  await owner.call('POST', `/tenants/${tenant}/servers`, { slug: 'handbook', name: 'Handbook', ...settings })
  return { owner, tenant, base: `/tenants/${tenant}/servers/handbook` }
}

const deploy = ({ owner, base }: Site, manifest: unknown = MANIFEST, activate = true) =>
  owner.call('POST', `${base}/versions`, { manifest, activate })

/** Sends one request of 2026-07-28 and returns the message. */
async function ask({ tenant }: Site, method: string, params: Record<string, unknown> = {}) {
  const urls = serverUrls({ tenant, server: 'handbook' }, 'path', addresses)
  const response = await callModern({ urls } as never, { method, params })
  const { result, error } = await response.json<{
    result?: Record<string, unknown>
    error?: { code: number; message: string; data?: unknown }
  }>()
  return { status: response.status, result, error }
}

describe('static version', () => {
  it('is deployed, activated and rolled back, and its manifest can be read again', async () => {
    const at = await site()
    const first = await deploy(at)
    expect([first.status, first.body]).toEqual([
      201,
      expect.objectContaining({
        number: 1,
        state: 'ready',
        active: true,
        source: 'static',
        note: 'first',
        content: { source: 'static', bundleHash: expect.stringMatching(/^[0-9a-f]{64}$/) },
        findings: [],
      }),
    ])
    const second = await deploy(at, { ...MANIFEST, instructions: 'Changed.' })
    expect(second.body).toMatchObject({ number: 2, active: true })
    expect((await ask(at, 'server/discover')).result).toMatchObject({ instructions: 'Changed.' })
    expect((await at.owner.call('POST', `${at.base}/versions/1/activate`)).status).toBe(200)
    expect((await ask(at, 'server/discover')).result).toMatchObject({ instructions: MANIFEST.instructions })

    const { body } = await at.owner.call('GET', `${at.base}/versions/2/manifest`)
    expect(body.manifest).toMatchObject({ ...MANIFEST, instructions: 'Changed.', prompts: [{ name: 'answer-question' }] })
    expect((await deploy(at, body.manifest, false)).body).toMatchObject({ number: 3, state: 'ready', active: false })
    expect((await at.owner.call('GET', `${at.base}/versions/2/modules`)).status).toBe(404)
  })

  it('has the surface that its data describes', async () => {
    const at = await site()
    const { body } = await deploy(at)
    expect(body.surface).toEqual({
      serverInfo: { name: 'handbook', title: 'Staff handbook', version: '2.0.0' },
      supportedVersions: ['2026-07-28'],
      capabilities: { prompts: { listChanged: true }, resources: { listChanged: true }, completions: {} },
      instructions: MANIFEST.instructions,
      tools: [],
      prompts: [
        {
          name: 'answer-question',
          title: 'Answer a question',
          description: 'Answers from the handbook.',
          arguments: [
            { name: 'question', description: 'The question.', required: true },
            { name: 'language', required: false },
          ],
        },
      ],
      resources: [
        { uri: 'handbook://leave', name: 'leave', title: 'Leave', description: 'Days off.', mimeType: 'text/markdown', size: 7 },
        { uri: 'handbook://logo.png', name: 'logo', mimeType: 'image/png', size: 8 },
      ],
      resourceTemplates: [{ uriTemplate: 'handbook://offices/{city}', name: 'office', mimeType: 'text/plain' }],
    })
  })

  it('reports the steps of its deployment, and the probe sends no requests', async () => {
    const { owner, base } = await site()
    const headers = { Cookie: owner.cookie, Origin: addresses.origin, 'Content-Type': 'application/json', Accept: 'application/x-ndjson' }
    const response = await fetchPlatform(`/api${base}/versions`, { method: 'POST', headers, body: JSON.stringify({ manifest: MANIFEST }) })
    const steps = new TextDecoder()
      .decode(await response.arrayBuffer())
      .trim()
      .split('\n')
    expect(steps.map((line) => (JSON.parse(line) as { step: string }).step)).toEqual(['accepted', 'stored', 'probed', 'version', 'done'])
  })

  it('is named after the hosted server when the manifest names no server', async () => {
    const { body } = await deploy(await site(), { source: 'static', instructions: 'Be kind.' })
    expect(body).toMatchObject({ state: 'ready', surface: { serverInfo: { name: 'handbook', version: '1.0.0' }, capabilities: {} } })
  })
})

describe('client of 2026-07-28', () => {
  it('gets the discover result and the lists with cache fields', async () => {
    const at = await site()
    await deploy(at)
    const cache = { resultType: 'complete', ttlMs: 10_000, cacheScope: 'public' }
    const discovered = await ask(at, 'server/discover')
    expect(discovered.result).toMatchObject({
      ...cache,
      capabilities: { prompts: {} },
      supportedVersions: expect.arrayContaining(['2026-07-28']),
    })
    expect(discovered.result).toMatchObject({ _meta: { 'io.modelcontextprotocol/serverInfo': { name: 'handbook', version: '2.0.0' } } })
    expect((await ask(at, 'prompts/list')).result).toMatchObject({ ...cache, prompts: [{ name: 'answer-question' }] })
    expect((await ask(at, 'resources/list')).result).toMatchObject({ ...cache, resources: [{ uri: LEAVE.uri }, { uri: LOGO.uri }] })
    expect((await ask(at, 'resources/templates/list')).result).toMatchObject({ ...cache, resourceTemplates: [{ name: 'office' }] })
  })

  it('gets a 401 without a token when the server is for members', async () => {
    const at = await site({ access: 'members' })
    await deploy(at)
    const urls = serverUrls({ tenant: at.tenant, server: 'handbook' }, 'path', addresses)
    expect((await callModern({ urls } as never, { method: 'prompts/list' })).status).toBe(401)
  })

  it('gets a prompt with its arguments filled in and its document embedded', async () => {
    const at = await site()
    await deploy(at)
    const { result } = await ask(at, 'prompts/get', {
      name: 'answer-question',
      arguments: { question: 'How long is {{language}}?', language: 'German' },
    })
    expect(result).toMatchObject({
      resultType: 'complete',
      description: 'Answers from the handbook.',
      messages: [
        { role: 'user', content: { type: 'text', text: 'Answer in German: How long is {{language}}?' } },
        { role: 'assistant', content: { type: 'text', text: 'I read the page on leave first.' } },
        { role: 'user', content: { type: 'resource', resource: { uri: 'handbook://leave', mimeType: 'text/markdown', text: '# Leave' } } },
      ],
    })
    const without = await ask(at, 'prompts/get', { name: 'answer-question', arguments: { question: 'Why?' } })
    expect(without.result).toMatchObject({ messages: [{ content: { text: 'Answer in : Why?' } }, {}, {}] })
  })

  it.each([
    ['an unknown prompt', { name: 'x' }, 'Unknown prompt: x'],
    ['a missing required argument', { name: 'answer-question' }, 'Missing required argument of prompt answer-question: question'],
    [
      'an unknown argument',
      { name: 'answer-question', arguments: { question: '?', tone: 'x' } },
      'Unknown argument of prompt answer-question: tone',
    ],
    ['an argument that is no string', { name: 'answer-question', arguments: { question: 1 } }, 'Argument question must be a string.'],
    ['arguments that are no object', { name: 'answer-question', arguments: [] }, 'params.arguments must be an object.'],
    [
      'arguments that make the prompt too long',
      { name: 'answer-question', arguments: { question: 'x'.repeat(1_000_000) } },
      'The arguments make the prompt longer than 1000000 characters.',
    ],
  ])('gets -32602 for %s', async (_, params, message) => {
    const at = await site()
    await deploy(at)
    expect(await ask(at, 'prompts/get', params)).toMatchObject({ status: 200, error: { code: -32602, message } })
  })

  it('reads text, bytes and a template, and gets -32602 with the URI for anything else', async () => {
    const at = await site()
    await deploy(at)
    const read = (uri: string) => ask(at, 'resources/read', { uri })
    expect((await read(LEAVE.uri)).result).toMatchObject({
      contents: [{ uri: LEAVE.uri, mimeType: 'text/markdown', text: '# Leave' }],
      ttlMs: 10_000,
    })
    expect((await read(LOGO.uri)).result).toMatchObject({ contents: [{ uri: LOGO.uri, mimeType: 'image/png', blob: LOGO.blob }] })
    expect((await read('handbook://offices/S%C3%A3o%20Paulo')).result).toMatchObject({ contents: [{ text: 'The office in São Paulo.' }] })
    for (const uri of ['handbook://gone', 'handbook://offices/', 'handbook://offices/a/b', 'handbook://offices/%ff']) {
      expect(await read(uri)).toMatchObject({ status: 200, error: { code: -32602, data: { uri } } })
    }
  })

  it('gets suggestions for arguments and template variables', async () => {
    const at = await site()
    await deploy(at)
    const complete = async (ref: unknown, name: string, value: string) =>
      (await ask(at, 'completion/complete', { ref, argument: { name, value } })).result?.['completion']
    const prompt = { type: 'ref/prompt', name: 'answer-question' }
    expect(await complete(prompt, 'language', 'e')).toEqual({ values: ['English', 'Estonian'], total: 2, hasMore: false })
    expect(await complete(prompt, 'question', 'e')).toEqual({ values: [], total: 0, hasMore: false })
    expect(await complete({ type: 'ref/resource', uri: OFFICE.uriTemplate }, 'city', '')).toMatchObject({ values: ['Berlin', 'Lisbon'] })
    const unknown = { ref: { type: 'ref/prompt', name: 'x' }, argument: { name: 'y', value: '' } }
    expect((await ask(at, 'completion/complete', unknown)).error).toMatchObject({ code: -32602, message: 'Unknown reference: x' })
  })

  it('gets -32601 for methods of capabilities that the version lacks, and -32602 for an unknown cursor', async () => {
    const at = await site()
    await deploy(at, { source: 'static', prompts: [{ name: 'hello', messages: [{ text: 'Hello' }] }] })
    for (const method of ['tools/list', 'resources/list', 'resources/templates/list', 'completion/complete']) {
      expect(await ask(at, method)).toMatchObject({ status: 404, error: { code: -32601 } })
    }
    expect(await ask(at, 'prompts/list', { cursor: '' })).toMatchObject({ status: 200, error: { code: -32602 } })
    expect((await ask(at, 'prompts/list')).result).toMatchObject({ prompts: [{ name: 'hello' }] })
  })
})

describe.each(['2025-11-25', '2025-06-18', '2025-03-26'])('client of %s', (revision) => {
  it('lists, gets and reads in its session, and gets -32002 for an unknown resource', async () => {
    const at = await site()
    await deploy(at)
    const urls = serverUrls({ tenant: at.tenant, server: 'handbook' }, 'path', addresses)
    const session = await openSession({ urls, id: 'unused' } as never, { revision })
    expect(session.initialized).toMatchObject({
      serverInfo: { name: 'handbook' },
      instructions: MANIFEST.instructions,
      capabilities: { prompts: { listChanged: true } },
    })
    const request = async (id: number, method: string, params?: Record<string, unknown>) =>
      (await session.request(id, method, params)).json()
    expect(await request(1, 'prompts/list')).toMatchObject({ result: { prompts: [{ name: 'answer-question' }] } })
    expect(await request(2, 'prompts/get', { name: 'answer-question', arguments: { question: 'Why?' } })).toMatchObject({
      result: { messages: [{ content: { text: 'Answer in : Why?' } }, {}, {}] },
    })
    expect(await request(3, 'resources/read', { uri: LEAVE.uri })).toMatchObject({ result: { contents: [{ text: '# Leave' }] } })
    expect(await request(4, 'resources/read', { uri: 'handbook://gone' })).toMatchObject({
      error: { code: -32002, data: { uri: 'handbook://gone' } },
    })
    expect(await request(5, 'tools/list')).toMatchObject({ error: { code: -32601 } })
    expect(await request(6, 'prompts/get', { name: 'answer-question' })).toMatchObject({ error: { code: -32602 } })
  })
})

describe('upload of a static manifest', () => {
  it.each([
    ['a tool', { ...MANIFEST, tools: [] }, '/manifest/tools', /no tools: use the source code/],
    ['an unknown source', { ...MANIFEST, source: 'cobol' }, '/manifest/source', /must be one of: code, static/],
    ['an unknown field', { ...MANIFEST, pages: [] }, '/manifest/pages', /./],
    ['a prompt without messages', { ...MANIFEST, prompts: [{ ...PROMPT, messages: [] }] }, '/manifest/prompts/0/messages', /./],
    [
      'a message without content',
      { ...MANIFEST, prompts: [{ ...PROMPT, messages: [{}] }] },
      '/manifest/prompts/0/messages/0',
      /either text or resource/,
    ],
    ['a resource without content', { ...MANIFEST, resources: [{ uri: 'a:b', name: 'x' }] }, '/manifest/resources/0', /either text or blob/],
    ['bytes that are not Base64', { ...MANIFEST, resources: [{ ...LOGO, blob: '%' }] }, '/manifest/resources/0/blob', /Base64/],
    [
      'a text over the limit',
      { ...MANIFEST, resources: [{ ...LEAVE, text: 'x'.repeat(1_000_001) }] },
      '/manifest/resources/0/text',
      /1000000/,
    ],
    ['201 prompts', { ...MANIFEST, prompts: Array.from({ length: 201 }, () => PROMPT) }, '/manifest/prompts', /200/],
    [
      'texts that are too large together',
      { ...MANIFEST, resources: Array.from({ length: 5 }, (_, n) => ({ ...LEAVE, uri: `a:${n}`, text: 'x'.repeat(900_000) })) },
      '/manifest',
      /4000000/,
    ],
    [
      'a bad argument name',
      { ...MANIFEST, prompts: [{ ...PROMPT, arguments: [{ name: '{{' }] }] },
      '/manifest/prompts/0/arguments/0/name',
      /letter/,
    ],
  ])('is refused with 400 and stores nothing when it has %s', async (_, manifest, pointer, detail) => {
    const at = await site()
    const { status, body } = await deploy(at, manifest)
    expect([status, body.errors]).toEqual([400, expect.arrayContaining([{ pointer, detail: expect.stringMatching(detail) }])])
    expect((await at.owner.call('GET', `${at.base}/versions`)).body.items).toEqual([])
  })

  it('is refused with 400 when it has modules', async () => {
    const { owner, base } = await site()
    const { status, body } = await owner.call('POST', `${base}/versions`, { manifest: MANIFEST, modules: {} })
    expect([status, body.errors]).toMatchObject([400, [{ pointer: '/modules' }]])
  })

  it.each([
    ['two resources of one URI', { ...MANIFEST, resources: [LEAVE, LEAVE] }, 'duplicate', 'resources/handbook://leave'],
    ['two prompts of one name', { ...MANIFEST, prompts: [PROMPT, PROMPT] }, 'duplicate', 'prompts/answer-question'],
    [
      'two arguments of one name',
      { ...MANIFEST, prompts: [{ ...PROMPT, arguments: [...PROMPT.arguments, { name: 'question' }] }] },
      'duplicate',
      'prompts/answer-question',
    ],
    ['a malformed URI', { ...MANIFEST, resources: [LEAVE, { ...LOGO, uri: 'logo' }] }, 'uri', 'resources/logo'],
    ['an embedded resource that is missing', { ...MANIFEST, resources: [LOGO] }, 'embedded-resource', 'prompts/answer-question'],
    [
      'a template with an operator',
      { ...MANIFEST, resourceTemplates: [{ ...OFFICE, uriTemplate: 'a:{+b}' }] },
      'uri-template',
      'resources/templates/a:{+b}',
    ],
    [
      'suggestions for no variable',
      { ...MANIFEST, resourceTemplates: [{ ...OFFICE, values: { town: ['x'] } }] },
      'values',
      `resources/templates/${OFFICE.uriTemplate}`,
    ],
    ['hidden text', { ...MANIFEST, resources: [LEAVE, { ...LOGO, title: 'Logo\u{e0041}' }] }, 'text', 'resources/handbook://logo.png'],
  ])('becomes a refused version with a finding at the entry when it has %s', async (_, manifest, rule, subject) => {
    const at = await site()
    const { status, body } = await deploy(at, manifest)
    expect([status, body.state, body.active]).toEqual([201, 'refused', false])
    expect(body.findings).toContainEqual({ severity: 'error', rule, subject, message: expect.any(String) })
    expect((await at.owner.call('POST', `${at.base}/versions/1/activate`)).status).toBe(409)
  })

  it.each([
    ['a placeholder without an argument', { ...MANIFEST, prompts: [{ ...PROMPT, arguments: [] }] }, 'placeholder'],
    ['an argument without a placeholder', { ...MANIFEST, prompts: [{ ...PROMPT, messages: [{ text: '{{question}}' }] }] }, 'placeholder'],
    ['nothing in it', { source: 'static' }, 'empty'],
  ])('becomes a ready version with a warning when it has %s', async (_, manifest, rule) => {
    const { body } = await deploy(await site(), manifest)
    expect(body.state).toBe('ready')
    expect(body.findings).toContainEqual(expect.objectContaining({ severity: 'warning', rule }))
  })
})

describe('URI template', () => {
  it.each([
    ['a:{x}', 'a:1', { x: '1' }],
    ['a:{x}/{y}.md', 'a:1/2.md', { x: '1', y: '2' }],
    ['{x}-{y}', '1-2-3', { x: '1', y: '2-3' }],
    ['a:{x}', 'a:', undefined],
    ['a:{x}', 'b:1', undefined],
    ['a:{x}.md', 'a:1.txt', undefined],
    ['a:{x}/b', 'a:1/2/b', undefined],
  ])('%s matches %s as %j', (template, uri, values) => {
    const found = matchUriTemplate(parseUriTemplate(template)!, uri)
    expect(found && Object.fromEntries(found)).toEqual(values)
  })

  it.each(['a:b', 'a:{x}{y}', 'a:{x}/{x}', 'a:{?x}', 'a:{x*}', 'a:{x', 'a:x}'])('%s is refused', (template) => {
    expect(parseUriTemplate(template)).toBeUndefined()
  })
})
