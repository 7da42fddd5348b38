import { describe, expect, it, vi } from 'vitest'
import bounds from '../../docs/bounds.md?raw'
import { inert } from '../../hosting/activity/record.ts'
import { fillText, placeholdersOf } from '../../hosting/sources/static/fill-text.ts'
import { matchUriTemplate, parseUriTemplate } from '../../hosting/sources/static/uri-template.ts'
import { startFailure } from '../../hosting/sources/code/start-failure.ts'
import { visibleTools } from '../../hosting/call/policy.ts'
import { isDeeperThan, parseStrictJson } from '../../protocol/http/strict-json.ts'
import { parseInputRequired } from '../../protocol/mcp/input-required.ts'
import { decodeHeaderValue, encodeHeaderValue } from '../../protocol/mcp/header-value.ts'
import { findMessageId } from '../../protocol/mcp/message-id.ts'
import { scanParamHeaders } from '../../protocol/mcp/param-headers.ts'
import { parseParams } from '../../protocol/mcp/params.ts'
import { toFlatForm } from '../../protocol/mcp/revisions/flat-form.ts'
import { wrapSchema } from '../../protocol/mcp/revisions/structured-output.ts'
import { readEvents } from '../../protocol/mcp/sse.ts'
import { knownScopes, parseAuthorizationRequest } from '../../protocol/oauth/authorization-request.ts'
import { isOwnRedirectUri, redirectUriFault } from '../../protocol/oauth/redirect-uri.ts'
import { maxAgeOf } from '../../protocol/http/caching.ts'
import { parseAddresses } from '../../protocol/location.ts'
import { leftTools } from '../../protocol/oauth/consent-offer.ts'
import { checkBundle } from '../../protocol/versions/bundle.ts'
import { checkSchema, minimalValue } from '../../protocol/versions/json-schema.ts'
import { patternFault } from '../../protocol/versions/pattern-syntax.ts'
import { checkSurface } from '../../protocol/versions/surface-check.ts'
import type { ToolDefinition } from '../../protocol/versions/surface.ts'
import { findHiding, showInvisible, visibleName } from '../../protocol/visible-text.ts'
import { surfaceOf } from '../support/platform.ts'

/** Text of about the size, made of one part. */
const filled = (size: number, part: string) => part.repeat(Math.ceil(size / part.length))
const list = <T>(size: number, bytesEach: number, make: (index: number) => T) =>
  Array.from({ length: Math.ceil(size / bytesEach) }, (_, index) => make(index))
const members = (size: number, make: (index: number) => [string, unknown]) => Object.fromEntries(list(size, 12, make))
const stream = (text: string, chunk: number) => {
  const bytes = new TextEncoder().encode(text)
  let at = 0
  return new ReadableStream<Uint8Array>({
    pull(controller) {
      if (at >= bytes.length) return controller.close()
      controller.enqueue(bytes.slice(at, (at += chunk)))
    },
  })
}
const toolWith = (inputSchema: Record<string, unknown>, change: Record<string, unknown> = {}): ToolDefinition => ({
  name: 'look',
  inputSchema: { type: 'object', ...inputSchema },
  ...change,
})
const nested = (depth: number, inner: unknown): Record<string, unknown> =>
  depth === 0
    ? (inner as Record<string, unknown>)
    : { type: 'object', required: Array<string>(50).fill('a'), properties: { a: nested(depth - 1, inner) } }
const inputRequired = (inputRequests: unknown) => parseInputRequired({ resultType: 'input_required', inputRequests } as never)
const template = parseUriTemplate('a://{x}b{y}b{z}')!

/** Reads a worst case of about the size. The name is the name in docs/bounds.md. */
const CASES: Record<string, (size: number) => unknown> = {
  'strict JSON: escaped quotes': (size) => parseStrictJson(`"${filled(size, String.raw`\\\"`)}"`, { maxDepth: 64 }),
  'strict JSON: many members': (size) => parseStrictJson(JSON.stringify(members(size, (n) => [`k${n}`, n])), { maxDepth: 64 }),
  'strict JSON: deep values': (size) => parseStrictJson(`[${filled(size, `${'['.repeat(60)}${']'.repeat(60)},`)}1]`, { maxDepth: 64 }),
  'message id: many strings': (size) => findMessageId(`{${filled(size, '"id"     ')}`),
  'message id: long escapes': (size) => findMessageId(`{"id": "${filled(size, String.raw`\\`)}`),
  'params: invalid responses': (size) => parseParams('tools/call', { name: 'a', inputResponses: members(size, (n) => [`k${n}`, 1]) }),
  'params: unknown members': (size) => parseParams('tools/call', { name: 'a', ...members(size, (n) => [`k${n}`, n]) }),
  'header values: base64': (size) => decodeHeaderValue(encodeHeaderValue(filled(size, 'é'))),
  'header parameters: deep marks': (size) =>
    scanParamHeaders(nested(30, { properties: members(size, (n) => [`k${n}`, { type: 'number', 'x-mcp-header': `h${n}` }]) })),
  'events: one long line in small chunks': (size) => Array.fromAsync(readEvents(stream(`data: ${filled(size, 'x')}\n\n`, 512), size * 2)),
  'events: many short lines': (size) => Array.fromAsync(readEvents(stream(filled(size, 'data: x\r\n\r\n'), 4096), size * 2)),
  'questions: many': (size) => inputRequired(members(size, (n) => [`k${n}`, { method: 'unknown' }])),
  'questions: a long form': (size) =>
    toFlatForm({
      properties: {
        a: {
          type: 'array',
          description: filled(size, 'x'),
          items: { enum: list(size, 8, String) },
          default: list(size, 8, (n) => `d${n}`),
        },
      },
    }),
  'output schemas: wrapped': (size) => wrapSchema({ anyOf: list(size, 20, (n) => ({ $ref: `#/$defs/${n}` })) }),
  'JSON schemas: patterns': (size) =>
    checkSurface(
      surfaceOf([
        toolWith({ patternProperties: Object.fromEntries(list(Math.min(size, 60_000), 40, (n) => [`([${'+'.repeat(20)}${n}])`, {}])) }),
      ]),
    ),
  'JSON schemas: long pattern': (size) => patternFault(filled(size, '(a+)+[(*]')),
  'JSON schemas: open groups': (size) => patternFault(filled(size, '(?<a')),
  'JSON schemas: references': (size) =>
    checkSchema({ type: 'object', allOf: list(100, 1, () => ({ $ref: `#${filled(size / 100, '/a')}` })) }),
  'JSON schemas: repeated required names': (size) =>
    minimalValue(nested(8, { type: 'object', required: list(size, 4, () => 'a'), properties: { a: { type: 'string' } } })),
  'surface: faulty lists': (size) =>
    checkSurface(surfaceOf([toolWith({ required: list(Math.min(size, 60_000), 2, () => 1) }, { icons: [] })])),
  'surface: many tools': (size) => checkSurface(surfaceOf(list(size, 100, (n) => toolWith({}, { name: `tool${n}`, description: 'x' })))),
  'surface: braces of a template': (size) =>
    checkSurface({ ...surfaceOf(), resourceTemplates: [{ name: 'a', uriTemplate: filled(Math.min(size, 60_000), '{a,') }] }),
  'visible text: descriptions': (size) => findHiding(filled(size, '👩\u200d💻 می\u200cخ \u2068a\u2069\n')),
  'visible text: names': (size) => visibleName(filled(size, 'a\ufe0f \u3000')),
  'visible text: shown': (size) => showInvisible(filled(size, 'a\u200b')),
  'modules: names and sizes': (size) => checkBundle({ source: 'code', mainModule: 'a.js', note: '' }, { 'a.js': filled(size, 'é') }),
  'modules: deep JSON': (size) =>
    checkBundle(
      { source: 'code', mainModule: 'a.js', note: '' },
      { 'a.js': '', 'b.json': `[${filled(size, `${'['.repeat(5000)}${']'.repeat(5000)},`)}1]` },
    ),
  'modules: depth of JSON': (size) => isDeeperThan(filled(size, '["a\\"",{}]'), 64),
  'static: placeholders': (size) => placeholdersOf(filled(size, '{{ a') + filled(size, '{{a  ')),
  'static: filled text': (size) => fillText(filled(size, '{{a}} '), new Map([['a', 'bb']]), size * 2),
  'static: templates': (size) => matchUriTemplate(template, `a://${filled(size, 'bb')}`),
  'start failures: hostile texts': (size) =>
    startFailure(inert(`Failed to start Worker: ${filled(size, ' at a( No such module "')}`, 2_000), 'a.js'),
  'policy: listed tools': (size) =>
    visibleTools(
      list(size, 20, (n) => ({ name: `t${n}` })),
      {
        kind: 'granted',
        tools: list(size, 20, (n) => `u${n}`),
      } as never,
    ),
  'consent: limits of tools': (size) =>
    leftTools(
      list(size, 20, (n) => `t${n}`),
      list(size, 20, (n) => `u${n}`),
    ),
  'redirect URIs: dots of a host': (size) =>
    isOwnRedirectUri(`https://a${filled(size, '.')}b/`, parseAddresses('https://wharf.example', '*.mcp.example')),
  'redirect URIs: faults': (size) => redirectUriFault(`https://${filled(size, 'a-.')}`),
  'authorization requests: parameters': (size) => {
    const query = new URLSearchParams(filled(size, 'resource=a&'))
    try {
      return parseAuthorizationRequest(query, {})
    } catch {
      return undefined
    }
  },
  'scopes: many': (size) => knownScopes(filled(size, 'mcp:read x ')),
  'cache headers: spaces': (size) => maxAgeOf(new Headers({ 'Cache-Control': `a${filled(size, ', max-age  ')}x` })),
  'log lines: escaped': (size) => inert(filled(size, '\u0000')),
}

const SMALL = 60_000
const FACTOR = 8
const ROUNDS = 5
const NOISE_MS = 10
/** Quadratic work would cost 8 times as much a byte. */
const MOST = 4

/** Returns the shortest of several rounds, because other work can only slow a round down. */
async function shortest(run: () => unknown): Promise<number> {
  let best = Infinity
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now()
    await run()
    best = Math.min(best, performance.now() - start)
  }
  return best
}

describe('cost of a byte', () => {
  it.each(Object.entries(CASES))('of %s grows less than four times when the input is eight times as long', async (_, run) => {
    const grows = async () => {
      const small = await shortest(async () => {
        for (let time = 0; time < FACTOR; time++) await run(SMALL)
      })
      return (await shortest(() => run(SMALL * FACTOR))) / Math.max(small, NOISE_MS)
    }
    // a machine under load can spoil a measurement, but never makes quadratic work linear
    let growth = Infinity
    for (let attempt = 0; attempt < 3 && growth >= MOST; attempt++) growth = await grows()
    expect(growth).toBeLessThan(MOST)
  })

  it('of a form stays small when each of its choices repeats a text', () => {
    const { form } = toFlatForm({
      properties: { a: { type: 'array', description: 'x'.repeat(30_000), items: { enum: list(30_000, 6, String) } } },
    })
    expect(JSON.stringify(form).length).toBeLessThan(5_000_000)
  })
})

it('a check of a surface compiles no pattern of a tenant', () => {
  const compiled = vi.spyOn(globalThis, 'RegExp')
  checkSurface(
    surfaceOf([toolWith({ patternProperties: { '(a+)+$': true }, properties: { a: { type: 'string', pattern: '[\\p{L}\\p{L}]' } } })]),
  )
  expect(compiled).not.toHaveBeenCalled()
  compiled.mockRestore()
})

describe('docs/bounds.md', () => {
  // a glob leaves out the file with the glob
  const files = new Set(
    ['test/protocol/bounds.test.ts'].concat(
      Object.keys({
        ...import.meta.glob('/{protocol,hosting,durable-objects,store,workers}/**/*.ts'),
        ...import.meta.glob('/test/**/*.test.ts'),
      }).map((path) => path.slice(1)),
    ),
  )
  const rows = bounds
    .split('\n')
    .filter((line) => line.startsWith('| ') && line.includes('`'))
    .map((line) => line.split('|').map((cell) => cell.trim()))

  it('names an existing owner and an existing test in every row', () => {
    expect(rows.length).toBeGreaterThan(30)
    const missing = rows.flatMap(([, what = '', , owner = '', test = '']) => {
      const [ownerFile = '', testFile = ''] = [owner, test].map((cell) => /`([^`]+)`/.exec(cell)?.[1] ?? '')
      return [ownerFile, testFile].filter((file) => !files.has(file)).map((file) => `${what}: ${file}`)
    })
    expect(missing).toEqual([])
  })

  it('names every measured case', () => {
    expect(Object.keys(CASES).filter((name) => !bounds.includes(`(${name})`))).toEqual([])
  })
})
