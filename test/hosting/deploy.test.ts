import { env, exports } from 'cloudflare:workers'
import { eq } from 'drizzle-orm'
import { describe, expect, inject, it } from 'vitest'
import { z } from 'zod'
import { activateVersion, deployVersion } from '../../hosting/deploy/deploy.ts'
import type { Problem } from '../../protocol/problem.ts'
import type { Finding } from '../../protocol/versions/surface.ts'
import { insertVersion, listVersions, findSurface, findVersionReference, MAX_VERSIONS } from '../../store/servers/versions.ts'
import { deleteBundle, findBundle, putBundle } from '../../store/servers/bundles.ts'
import { hostedServers } from '../../store/schema/servers.ts'
import { newId } from '../../protocol/random.ts'
import { createServer, createTenant, store, surfaceOf, type TestServer } from '../support/platform.ts'

const ctx = { exports, waitUntil: (promise: Promise<unknown>) => void promise.catch(() => undefined) }

async function deploy(
  code: string | Record<string, string>,
  { server, mainModule = 'index.js' }: { server?: TestServer; mainModule?: string } = {},
) {
  const target = server ?? (await createServer())
  const modules = typeof code === 'string' ? { 'index.js': code } : code
  return deployVersion(
    {
      store,
      id: newId(),
      activate: false,
      server: await target.definition(),
      upload: { manifest: { source: 'code', mainModule, note: 'a note' }, modules },
      createdBy: target.tenant.owner.id,
    },
    env,
    ctx,
  )
}

const activate = async (server: TestServer, number: number) =>
  activateVersion({ store, server: await server.definition(), number, actor: server.tenant.owner.id }, env, ctx)

const refusal = (promise: Promise<unknown>): Promise<Problem> =>
  promise.then(
    () => {
      throw new Error('expected a refusal')
    },
    (problem: Problem) => problem,
  )

interface Served {
  discover?: Record<string, unknown>
  tools?: Record<string, unknown>[]
  lists?: Record<string, Record<string, unknown>>
  call?: string
}

const complete = { resultType: 'complete', ttlMs: 0, cacheScope: 'private' }
const serverInfo = { _meta: { 'io.modelcontextprotocol/serverInfo': { name: 'hand-made', version: '2.0.0' } } }

/** Returns the code of a server with fixed results. `call` is the expression for tools/call. */
function serving({ discover = {}, tools = [], lists = {}, call = `{ resultType: 'complete', content: [] }` }: Served): string {
  const answers = {
    'server/discover': { ...complete, supportedVersions: ['2026-07-28'], capabilities: { tools: {} }, ...serverInfo, ...discover },
    'tools/list': { ...complete, tools },
    ...lists,
  }
  return `const answers = ${JSON.stringify(answers)}
export default { async fetch(request) {
  const { id, method, params } = await request.json()
  if (method === 'tools/call') return Response.json({ jsonrpc: '2.0', id, result: ${call} })
  const result = answers[method + (params.cursor === undefined ? '' : ' ' + params.cursor)]
  return Response.json(result ? { jsonrpc: '2.0', id, result } : { jsonrpc: '2.0', id, error: { code: -32601, message: 'unknown' } })
} }`
}

const tool = (change: Record<string, unknown> = {}) => ({
  name: 'look',
  description: 'Looks.',
  inputSchema: { type: 'object' },
  annotations: { readOnlyHint: true },
  ...change,
})

/** Formats whose patterns zod writes into a JSON Schema. */
const FORMATS = {
  email: z.email(),
  html5Email: z.email({ pattern: z.regexes.html5Email }),
  ipv4: z.ipv4(),
  ipv6: z.ipv6(),
  cidrv6: z.cidrv6(),
  datetime: z.iso.datetime({ offset: true }),
  duration: z.iso.duration(),
  uuid: z.uuid(),
  base64: z.base64(),
  jwt: z.jwt(),
  e164: z.e164(),
  emoji: z.emoji(),
  hostname: z.hostname(),
  domain: z.string().regex(z.regexes.domain),
}

/** Patterns of linear time, written by hand. */
const PATTERNS = {
  slug: '^[a-z0-9]+(-[a-z0-9]+)*$',
  semver:
    '^(0|[1-9]\\d*)\\.(0|[1-9]\\d*)\\.(0|[1-9]\\d*)(?:-((?:0|[1-9]\\d*|\\d*[a-zA-Z-][0-9a-zA-Z-]*)(?:\\.(?:0|[1-9]\\d*|\\d*[a-zA-Z-][0-9a-zA-Z-]*))*))?(?:\\+([0-9a-zA-Z-]+(?:\\.[0-9a-zA-Z-]+)*))?$',
  host: '^(?=.{1,253}$)(?!-)[a-z0-9-]{1,63}(?<!-)(\\.(?!-)[a-z0-9-]{1,63}(?<!-))*$',
  path: '^(/[^/]+)+/?$',
  words: '^\\p{L}+( \\p{L}+)*$',
  list: '^(?<first>\\w+)(,\\s*\\w+)*$',
  long: `^(${Array.from({ length: 400 }, (_, n) => `word${n}`).join('|')})$`,
}

describe('deployment', () => {
  it('probes the hello example and marks the version ready', async () => {
    const { modules, manifest } = inject('examples')['hello']!
    const version = await deploy(modules, { mainModule: manifest.mainModule })
    expect(version).toMatchObject({
      number: 1,
      state: 'ready',
      active: false,
      note: 'a note',
      content: { source: 'code', mainModule: 'server.js' },
    })
    expect(version.surface).toMatchObject({
      serverInfo: { name: 'hello', version: '1.0.0' },
      capabilities: { tools: {}, prompts: {}, resources: {} },
    })
    expect(version.surface?.tools.map(({ name }) => name)).toEqual(['greet', 'whoami'])
    expect(version.surface?.prompts).toMatchObject([{ name: 'introduce' }])
    expect(version.surface?.resources).toMatchObject([{ uri: 'hello://languages' }])
    expect(version.findings).toEqual([{ severity: 'info', rule: 'tool-call', subject: 'tools/whoami', message: expect.any(String) }])
  })

  it.each(Object.keys(inject('examples')))(
    'accepts the example %s without errors, and without warnings except for annotations',
    async (name) => {
      const { modules, manifest } = inject('examples')[name]!
      const version = await deploy(modules, { mainModule: manifest.mainModule })
      expect(
        version.findings.filter(({ severity, rule }) => severity === 'error' || (severity === 'warning' && rule !== 'annotations')),
      ).toEqual([])
      expect(version.state).toBe('ready')
    },
  )

  it('reads every page of a list', async () => {
    const page = (name: string, nextCursor?: string) => ({
      ...complete,
      tools: [tool({ name })],
      ...(nextCursor === undefined ? {} : { nextCursor }),
    })
    const version = await deploy(
      serving({ lists: { 'tools/list': page('one', ''), 'tools/list ': page('two', 'c'), 'tools/list c': page('three') } }),
    )
    expect(version.surface?.tools.map(({ name }) => name)).toEqual(['one', 'two', 'three'])
    expect(version.state).toBe('ready')
  })

  it('activates a version and rolls back to another, with exactly one version active', async () => {
    const server = await createServer()
    for (const name of ['one', 'two']) await deploy(serving({ tools: [tool({ name })] }), { server })
    expect((await server.definition()).active).toBeUndefined()
    expect(await activate(server, 2)).toMatchObject({ number: 2, active: true })
    expect((await server.definition()).active).toMatchObject({ number: 2 })
    await activate(server, 1)
    const active = (await listVersions(store, { tenantId: server.tenant.id, serverId: server.id }, { limit: 10 })).map(
      ({ number, active }) => [number, active],
    )
    expect(active).toEqual([
      [2, false],
      [1, true],
    ])
  })

  it('refuses activation at another server, under another tenant or by an unknown number', async () => {
    const [mine, other] = [await createServer(), await createServer()]
    await deploy(serving({}), { server: mine })
    const foreign = { ...(await other.definition()), id: mine.id }
    expect(await refusal(activate(other, 1))).toMatchObject({ status: 404 })
    expect(await refusal(activateVersion({ store, server: foreign, number: 1, actor: mine.tenant.owner.id }, env, ctx))).toMatchObject({
      status: 404,
    })
    expect(await refusal(activate(mine, 2))).toMatchObject({ status: 404 })
    expect((await mine.definition()).active).toBeUndefined()
  })

  it('gives each of ten simultaneous versions a number of its own', async () => {
    const server = await createServer()
    const numbers = await Promise.all(Array.from({ length: 10 }, async () => (await deploy(serving({}), { server })).number))
    expect(numbers.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  })
})

describe('deployment probe', () => {
  it.each([
    ['code that does not parse', 'export default { fetch( }', 'module-start', 'index.js'],
    ['an import of a missing module', `import './gone.js'; export default { fetch() {} }`, 'module-import', 'index.js'],
    ['code that throws as it loads', `throw new Error('no luck')`, 'module-start', 'index.js'],
    ['code without a default export', `export const a = 1`, 'main-module', 'index.js'],
    ['a server of another revision', serving({ discover: { supportedVersions: ['2025-11-25'] } }), 'discover', 'server/discover'],
    ['a capability whose list is missing', serving({ discover: { capabilities: { prompts: {} } } }), 'list', 'prompts/list'],
    [
      'a list that asks for input',
      serving({ lists: { 'tools/list': { resultType: 'input_required', tools: [] } } }),
      'result',
      'tools/list',
    ],
    [
      'a list whose cursor repeats',
      serving({
        lists: { 'tools/list': { ...complete, tools: [], nextCursor: 'a' }, 'tools/list a': { ...complete, tools: [], nextCursor: 'a' } },
      }),
      'pagination',
      'tools/list',
    ],
    [
      'a list of 400,000 tools',
      `${serving({})}
answers['tools/list'].tools = Array(400_000).fill({})`,
      'list',
      'tools/list',
    ],
    [
      'pages of a list with more than 1,000,000 characters together',
      serving({
        lists: Object.fromEntries(
          [0, 1, 2].map((page) => [
            page === 0 ? 'tools/list' : `tools/list ${page}`,
            { ...complete, tools: [tool({ name: `t${page}`, description: 'x'.repeat(400_000) })], nextCursor: String(page + 1) },
          ]),
        ),
      }),
      'surface-size',
      'tools/list',
    ],
    [
      'a tool with 7,500 patterns',
      serving({
        tools: [
          tool({
            inputSchema: {
              type: 'object',
              patternProperties: Object.fromEntries(Array.from({ length: 7_500 }, (_, n) => [`([+++${n}])`, {}])),
            },
          }),
        ],
      }),
      'entry-size',
      'tools/look',
    ],
    ['an invalid tool name', serving({ tools: [tool({ name: 'no spaces' })] }), 'tool-name', 'tools/no spaces'],
    ['two tools with the same name', serving({ tools: [tool(), tool()] }), 'duplicate', 'tools/look'],
    ['hidden text in a description', serving({ tools: [tool({ description: 'Looks.\u{e0041}' })] }), 'text', 'tools/look'],
    ['an input schema that is not an object', serving({ tools: [tool({ inputSchema: { type: 'string' } })] }), 'tool-schema', 'tools/look'],
    [
      'a schema reference to the network',
      serving({ tools: [tool({ inputSchema: { type: 'object', properties: { a: { $ref: 'https://x.example/s' } } } })] }),
      'tool-schema',
      'tools/look',
    ],
    [
      'a schema reference without a target',
      serving({ tools: [tool({ inputSchema: { type: 'object', $ref: '#/$defs/gone' } })] }),
      'tool-schema',
      'tools/look',
    ],
    [
      'a pattern that no validator can compile',
      serving({ tools: [tool({ inputSchema: { type: 'object', properties: { a: { type: 'string', pattern: '^(a' } } } })] }),
      'tool-schema',
      'tools/look',
    ],
    [
      'a name of patternProperties in the syntax of another language',
      serving({ tools: [tool({ inputSchema: { type: 'object', patternProperties: { '(?P<a>b)': true } } })] }),
      'tool-schema',
      'tools/look',
    ],
    [
      'hidden text in the description of a property',
      serving({ tools: [tool({ inputSchema: { type: 'object', properties: { a: { description: 'A\u200b.' } } } })] }),
      'text',
      'tools/look',
    ],
    ['hidden text in the instructions', serving({ discover: { instructions: 'Ask\u00ad.' } }), 'text', 'server/discover'],
    [
      'x-mcp-header on a number',
      serving({ tools: [tool({ inputSchema: { type: 'object', properties: { a: { type: 'number', 'x-mcp-header': 'A' } } } })] }),
      'x-mcp-header',
      'tools/look',
    ],
    [
      'x-mcp-header with a line break',
      serving({ tools: [tool({ inputSchema: { type: 'object', properties: { a: { type: 'string', 'x-mcp-header': 'A\r\nB' } } } })] }),
      'x-mcp-header',
      'tools/look',
    ],
    [
      'two equal x-mcp-header names',
      serving({
        tools: [
          tool({
            inputSchema: {
              type: 'object',
              properties: { a: { type: 'string', 'x-mcp-header': 'A' }, b: { type: 'string', 'x-mcp-header': 'a' } },
            },
          }),
        ],
      }),
      'x-mcp-header',
      'tools/look',
    ],
    [
      'x-mcp-header under items',
      serving({
        tools: [
          tool({ inputSchema: { type: 'object', properties: { a: { type: 'array', items: { type: 'string', 'x-mcp-header': 'A' } } } } }),
        ],
      }),
      'x-mcp-header',
      'tools/look',
    ],
    ['an icon over http', serving({ tools: [tool({ icons: [{ src: 'http://x.example/i.png' }] })] }), 'icon', 'tools/look'],
    ['a tool definition of 70,000 characters', serving({ tools: [tool({ title: 'x'.repeat(70_000) })] }), 'entry-size', 'tools/look'],
    ['a first tool that crashes', serving({ tools: [tool()], call: `(() => { throw new Error('boom') })()` }), 'tool-call', 'tools/look'],
    [
      'a tool that lacks its declared structured output',
      serving({ tools: [tool({ outputSchema: { type: 'object' } })] }),
      'tool-call',
      'tools/look',
    ],
    [
      'a first tool that answers with a task',
      serving({ tools: [tool()], call: `{ resultType: 'task', taskId: 't', status: 'working' }` }),
      'tool-call',
      'tools/look',
    ],
    [
      'a tool that pushes requests to the client',
      serving({
        tools: [tool()],
        call: `{ resultType: 'complete', isError: true, content: [{ type: 'text', text: 'Server-to-client requests are not available on protocol revision 2026-07-28' }] }`,
      }),
      'push-style-call',
      'tools/look',
    ],
  ])('refuses %s', async (_, code, rule, subject) => {
    const server = await createServer()
    const version = await deploy(code, { server })
    expect(version.findings).toContainEqual({ severity: 'error', rule, subject, message: expect.any(String) })
    expect(version.state).toBe('refused')
    expect(await refusal(activate(server, 1))).toMatchObject({ status: 409 })
    expect(await findVersionReference(store, { tenantId: server.tenant.id, serverId: server.id, number: 1 })).toBeUndefined()
  })

  it('warns about each extension that the platform does not serve, and stores the served ones', async () => {
    const extensions = { 'io.modelcontextprotocol/ui': {}, 'io.modelcontextprotocol/tasks': {}, 'com.example/skills': {} }
    const version = await deploy(serving({ discover: { capabilities: { tools: {}, tasks: {}, extensions } } }))
    expect(version.state).toBe('ready')
    expect(version.surface?.capabilities).toEqual({ tools: {}, extensions: { 'io.modelcontextprotocol/ui': {} } })
    const warned = version.findings.filter(({ rule }) => rule === 'extension')
    expect(warned.map(({ severity, message }) => [severity, /capability (\S+)/.exec(message)?.[1]])).toEqual([
      ['warning', 'tasks'],
      ['warning', 'extensions["io.modelcontextprotocol/tasks"]'],
      ['warning', 'extensions["com.example/skills"]'],
    ])
  })

  it.each([
    [
      'the description of a tool',
      serving({ tools: [tool({ description: 'Looks\u200b.' })] }),
      {
        subject: 'tools/look',
        message: expect.stringContaining('description has the invisible character U+200B ZERO WIDTH SPACE at position 6'),
      },
    ],
    [
      'the title of a property',
      serving({ tools: [tool({ inputSchema: { type: 'object', properties: { city: { title: '\u202eparis' } } } })] }),
      {
        subject: 'tools/look',
        message: expect.stringContaining('inputSchema.properties.city.title has the invisible character U+202E RIGHT-TO-LEFT OVERRIDE'),
      },
    ],
    [
      'the name of a property',
      serving({ tools: [tool({ inputSchema: { type: 'object', properties: { 'ci\u00adty': {} } } })] }),
      {
        subject: 'tools/look',
        message: expect.stringContaining('a field name in inputSchema.properties has the invisible character U+00AD SOFT HYPHEN'),
      },
    ],
    [
      'the argument of a prompt',
      serving({
        discover: { capabilities: { prompts: {} } },
        lists: { 'prompts/list': { ...complete, prompts: [{ name: 'p', arguments: [{ name: 'a', description: 'x\u{e0041}' }] }] } },
      }),
      { subject: 'prompts/p', message: expect.stringContaining('arguments.0.description has the invisible character U+E0041 TAG A') },
    ],
  ])('names the character and the field when %s hides text', async (_, code, found) => {
    const version = await deploy(code)
    expect(version.findings).toContainEqual({ severity: 'error', rule: 'text', ...found })
    expect(version.state).toBe('refused')
  })

  it('accepts invisible characters that writing systems and emoji need', async () => {
    const description = 'מחזיר C++\u200f בלבד; می\u200cخواهم; क्\u200dष; ภาษา\u200bไทย; 👩\u200d💻 1\ufe0f\u20e3'
    const inputSchema = {
      type: 'object',
      properties: { city: { type: 'string', title: 'عنوان \u2066Paris\u2069', enum: ['\u0627\u200f'] } },
    }
    const version = await deploy(serving({ tools: [tool({ description, inputSchema })] }))
    expect(version.findings.filter(({ severity }) => severity === 'error')).toEqual([])
    expect(version.surface?.tools).toMatchObject([{ description, inputSchema }])
  })

  it('accepts every pattern that a validator can compile, and compiles no pattern', async () => {
    const slow = { nested: '^(a+)+$', overlapping: '^(\\w|\\d)*x$', polynomial: '^\\s*a*\\s*a*b$' }
    const { properties } = z.toJSONSchema(z.object(FORMATS)) as { properties: Record<string, Record<string, unknown>> }
    const written = Object.entries({ ...PATTERNS, ...slow }).map(([name, pattern]) => [name, { type: 'string', pattern }])
    const inputSchema = { type: 'object', properties: { ...properties, ...Object.fromEntries(written) } }
    const patterns = Object.values(inputSchema.properties).map((property) => (property as { pattern?: string }).pattern)
    expect(patterns.filter((pattern) => pattern !== undefined).length).toBeGreaterThan(20)
    const version = await deploy(serving({ tools: [tool({ inputSchema })] }))
    expect(version.findings.filter(({ severity }) => severity === 'error')).toEqual([])
    expect(version.surface?.tools).toMatchObject([{ inputSchema }])
  })

  it.each<[string, Record<string, string>, Partial<Finding>]>([
    [
      'does not parse',
      { 'index.js': 'export default {\n  fetch( }\n}' },
      { rule: 'module-start', subject: 'index.js', message: expect.stringMatching(/SyntaxError.*index\.js:2/s) },
    ],
    [
      'is imported and does not parse',
      { 'index.js': "import './lib/b.js'\nexport default {}", 'lib/b.js': 'const' },
      { rule: 'module-start', subject: 'lib/b.js' },
    ],
    [
      'throws at its start',
      { 'index.js': "import './b.js'\nexport default {}", 'b.js': "throw new Error('no key')" },
      { rule: 'module-start', subject: 'b.js', message: expect.stringContaining('no key') },
    ],
    [
      'imports a missing module',
      { 'index.js': "import './b.js'\nexport default {}", 'b.js': "import './c.js'" },
      { rule: 'module-import', subject: 'b.js', message: expect.stringContaining('"c.js"') },
    ],
    [
      'imports a missing name',
      { 'index.js': "import { x } from './b.js'\nexport default {}", 'b.js': 'export const y = 1' },
      { rule: 'module-start', subject: 'index.js', message: expect.stringContaining("'x'") },
    ],
    ['has no default export', { 'index.js': 'export const fetch = () => new Response()' }, { rule: 'main-module', subject: 'index.js' }],
    [
      'has a default export without a handler',
      { 'index.js': 'export default { tool() {} }' },
      { rule: 'main-module', subject: 'index.js' },
    ],
  ])('names the module in its finding when the module %s', async (_, modules, found) => {
    const version = await deploy(modules)
    expect(version).toMatchObject({ state: 'refused', surface: null, findings: [{ severity: 'error', ...found }] })
    expect(version.findings[0]?.message).not.toMatch(/hosting|async|wharf-entry/)
  })

  it.each([
    ['a tool without annotations', serving({ tools: [tool({ annotations: undefined })] }), 'annotations'],
    ['a tool without a description', serving({ tools: [tool({ description: undefined })] }), 'description'],
    [
      'a first tool that returns an error',
      serving({ tools: [tool()], call: `{ resultType: 'complete', isError: true, content: [] }` }),
      'tool-call',
    ],
    ['a list without resultType', serving({ lists: { 'tools/list': { ttlMs: 0, cacheScope: 'private', tools: [] } } }), 'result'],
    ['a list without cache hints', serving({ lists: { 'tools/list': { resultType: 'complete', tools: [] } } }), 'result'],
    ['a server without serverInfo', serving({ discover: { _meta: undefined } }), 'discover'],
  ])('accepts the version with a warning about %s', async (_, code, rule) => {
    const version = await deploy(code)
    expect(version.findings).toContainEqual(expect.objectContaining({ severity: 'warning', rule }))
    expect(version.state).toBe('ready')
  })
})

describe('upload', () => {
  const main = { 'index.js': serving({}) }
  it.each(
    [
      '../x.js',
      '/etc/passwd',
      'a\0.js',
      'a\n.js',
      '',
      'node:fs',
      'cloudflare:workers',
      'a\\b.js',
      'a//b.js',
      './a.js',
      'a b.js',
      'x.exe',
      'wharf-entry.js',
      'wharf-console.js',
      'INDEX.js',
      `${'x'.repeat(300)}.js`,
    ].map((name) => [name.length > 100 ? `x… (${name.length} characters)` : name, name] as const),
  )('with a module named %j is refused and stores nothing', async (_, name) => {
    const server = await createServer()
    const problem = await refusal(deploy({ ...main, [name]: '' }, { server }))
    expect(problem).toMatchObject({
      status: 400,
      errors: [{ pointer: expect.stringMatching(/^\/modules/), detail: expect.stringMatching(/^module-name: /) }],
    })
    expect((await env.BUNDLES.list({ prefix: `bundles/${server.tenant.id}/` })).objects).toEqual([])
  })

  it('with a module named __proto__ is refused', async () => {
    const modules = JSON.parse(JSON.stringify({ ...main, __X__: '' }).replace('__X__', '__proto__')) as Record<string, string>
    expect(await refusal(deploy(modules))).toMatchObject({ status: 400 })
  })

  it.each([
    ['1,001 modules', Object.fromEntries(Array.from({ length: 1001 }, (_, n) => [`m${n}.js`, ''])), 'm1.js', 'module-count'],
    ['more than 5 MB', { ...main, 'big.txt': 'x'.repeat(5_000_000) }, 'index.js', 'bundle-size'],
    ['a missing main module', main, 'other.js', 'main-module'],
    ['a text file as its main module', { 'a.txt': '' }, 'a.txt', 'main-module'],
    ['a malformed JSON module', { ...main, 'a.json': '{' }, 'index.js', 'module-content'],
    ['a JSON module nested 5,000 deep', { ...main, 'a.json': '['.repeat(5_000) + ']'.repeat(5_000) }, 'index.js', 'module-content'],
    ['no modules', {}, 'index.js', 'module-count'],
  ])('with %s is refused', async (_, modules, mainModule, rule) => {
    const problem = await refusal(deploy(modules, { mainModule }))
    expect(problem.status).toBe(400)
    expect(problem.errors.map(({ detail }) => detail.split(':')[0])).toContain(rule)
  })

  it('with several modules, text and JSON among them, runs', async () => {
    const index = `import { reply } from './lib/reply.js'; import data from './data.json'; import note from './note.txt'
export default { fetch: (request) => reply(request, { name: data.name, note }) }`
    const reply = `export const reply = async (request, { name, note }) => { const { id, method } = await request.json()
return Response.json({ jsonrpc: '2.0', id, result: { ${Object.keys(complete)
      .map((key) => `${key}: ${JSON.stringify(complete[key as keyof typeof complete])}`)
      .join(
        ', ',
      )}, supportedVersions: ['2026-07-28'], capabilities: {}, instructions: note, _meta: { 'io.modelcontextprotocol/serverInfo': { name, version: '1' } } } }) }`
    const version = await deploy({ 'index.js': index, 'lib/reply.js': reply, 'data.json': '{"name":"from json"}', 'note.txt': 'from text' })
    expect(version).toMatchObject({ state: 'ready', surface: { serverInfo: { name: 'from json' }, instructions: 'from text' } })
  })
})

it('version history keeps 200 versions and never drops the active one', async () => {
  const tenant = await createTenant()
  const server = await createServer({ tenant, code: serving({}) }) // version 1, active
  const row = () => ({
    id: newId(),
    tenantId: tenant.id,
    serverId: server.id,
    content: { source: 'code' as const, bundleHash: 'h', mainModule: 'index.js' },
    bundleBytes: 1,
    state: 'ready' as const,
    surface: surfaceOf(),
    findings: [],
    note: '',
    createdBy: tenant.owner.id,
    activate: false,
  })
  for (let batch = 0; batch < 21; batch++) await Promise.all(Array.from({ length: 10 }, () => insertVersion(store, row())))
  const kept = await listVersions(store, { tenantId: tenant.id, serverId: server.id }, { limit: 1000 })
  expect(kept.length).toBe(MAX_VERSIONS)
  expect(kept.at(0)?.number).toBe(211)
  expect(kept.at(-1)).toMatchObject({ number: 1, active: true })
  expect(kept.at(-2)?.number).toBe(13)
})

it('findSurface returns the surface of a version to its own tenant only', async () => {
  const server = await createServer({ code: serving({}), surface: surfaceOf([tool() as never]) })
  const { active } = await server.definition()
  const other = await createTenant()
  expect(await findSurface(store, { tenantId: server.tenant.id, versionId: active!.id })).toMatchObject({ tools: [{ name: 'look' }] })
  expect(await findSurface(store, { tenantId: other.id, versionId: active!.id })).toBeUndefined()
})

it('deleteBundle keeps a bundle that was stored a moment ago', async () => {
  const tenant = await createTenant()
  const { hash } = await putBundle(env, tenant.id, { mainModule: 'a.js', modules: { 'a.js': '' } })
  await deleteBundle(env, tenant.id, hash)
  expect(await findBundle(env, tenant.id, hash)).toBeDefined()
  await deleteBundle(env, tenant.id, hash, Date.now() + 2 * 60 * 60 * 1000)
  expect(await findBundle(env, tenant.id, hash)).toBeUndefined()
})

it('deployVersion fails with 404 when the hosted server is deleted during the probe', async () => {
  const server = await createServer()
  const definition = await server.definition()
  await store.delete(hostedServers).where(eq(hostedServers.id, server.id))
  const deployment = {
    store,
    id: newId(),
    activate: false,
    server: definition,
    upload: { manifest: { source: 'code' as const, mainModule: 'index.js', note: '' }, modules: { 'index.js': serving({}) } },
    createdBy: server.tenant.owner.id,
  }
  expect(await refusal(deployVersion(deployment, env, ctx))).toMatchObject({ status: 404 })
})
