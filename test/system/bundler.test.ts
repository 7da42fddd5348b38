import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as esbuild from 'esbuild-wasm'
import { beforeAll, describe, expect, it } from 'vitest'
import { bundleFiles, type BundleOutcome } from '../../dashboard/src/features/code/bundler/bundle.ts'
import type { TenantPackages } from '../../dashboard/src/features/code/bundler/packages.ts'
import { placeFindings } from '../../dashboard/src/features/deploy/places.ts'
import { bundle } from '../../scripts/bundle.ts'
import { tenantPackages } from '../../scripts/tenant-packages.ts'
import { ROOT } from '../../scripts/wrangler.ts'

/* Runs the bundler of the editor as its browser worker does, with files in memory. */

let packages: TenantPackages
beforeAll(async () => {
  packages = await tenantPackages()
})

const bundled = (files: Record<string, string>, main = 'server.ts') => bundleFiles(esbuild, { files, main }, packages)
const messages = (outcome: BundleOutcome) =>
  outcome.messages.map(
    ({ severity, text, place }) => `${place ? `${place.file}:${place.line}:${place.column}+${place.length} ` : ''}${severity} ${text}`,
  )

/** Imports the bundle into this process. */
async function load(outcome: BundleOutcome): Promise<Record<string, unknown>> {
  if (!outcome.ok) throw new Error(messages(outcome).join('\n'))
  return import(`data:text/javascript;base64,${Buffer.from(outcome.code).toString('base64')}`) as Promise<Record<string, unknown>>
}

describe('editor bundler', async () => {
  const directory = join(ROOT, 'examples')
  const names = (await readdir(directory, { withFileTypes: true })).filter((entry) => entry.isDirectory()).map(({ name }) => name)
  it.each(names.filter((name) => existsSync(join(directory, name, 'server.ts'))))(
    'bundles the example %s like the command line',
    async (name) => {
      const files: Record<string, string> = {}
      for (const file of (await readdir(join(directory, name))).filter((each) => each.endsWith('.ts')))
        files[file] = await readFile(join(directory, name, file), 'utf8')
      const outcome = await bundled(files)
      expect(messages(outcome)).toEqual([])
      const installed = await bundle(join(directory, name))
      const difference = Math.abs((outcome.ok ? outcome.code.length : 0) - (installed.modules['server.js']?.length ?? 0))
      expect(difference).toBeLessThan(1000)
      expect(await load(outcome)).toMatchObject({ default: { fetch: expect.any(Function) } })
    },
  )
})

describe('editor bundler', () => {
  it('resolves imports between TypeScript, JavaScript, text and JSON files', async () => {
    const outcome = await bundled({
      'server.ts': `import { a } from './lib/a.js'
import b from './lib/b'
import { c } from './lib'
import { d } from './d.mjs'
import data from './data.json'
import note from './note.txt'
export default [a, b, c, d, data.e, note] satisfies string[]`,
      'lib/a.ts': `export { a } from '../deep/er/a.ts'`,
      'deep/er/a.ts': `export const a: string = 'a'`,
      'lib/b.js': `export default 'b'`,
      'lib/index.ts': `export const c = 'c' as const`,
      'd.mts': `export enum D { d = 'd' }; export const d: string = D.d`,
      'data.json': '{"e":"e"}',
      'note.txt': 'f',
    })
    expect((await load(outcome))['default']).toEqual(['a', 'b', 'c', 'd', 'e', 'f'])
  })

  it('bundles one copy of zod for all its entry points', async () => {
    const outcome = await bundled({
      'server.ts': `import { z } from 'zod'
import * as v4 from 'zod/v4'
import * as core from 'zod/v4/core'
export default [z.string() instanceof core.$ZodType, v4.ZodString === z.ZodString]`,
    })
    expect((await load(outcome))['default']).toEqual([true, true])
  })

  it('provides every entry point of its packages', async () => {
    const lines = Object.keys(packages.entries).map((name, index) => `import * as m${index} from ${JSON.stringify(name)}`)
    const uses = lines.map((_, index) => `Object.keys(m${index}).length > 0`)
    const outcome = await bundled({ 'server.ts': `${lines.join('\n')}\nexport default [${uses.join(', ')}]` })
    expect(messages(outcome).filter((each) => each.includes('error'))).toEqual([])
    expect(((await load(outcome))['default'] as boolean[]).every(Boolean)).toBe(true)
  })

  it('leaves runtime modules out of the bundle, also under names without node:', async () => {
    const outcome = await bundled({
      'server.ts': `import { Buffer } from 'buffer'\nimport { join } from 'node:path'\nexport default [typeof Buffer, join('a', 'b')]`,
    })
    expect(messages(outcome)).toEqual([])
    expect(outcome.ok && outcome.code).toContain('from"node:buffer"')
    expect((await load(outcome))['default']).toEqual(['function', 'a/b'])
  })

  it('resolves a path with ../ beyond the top directory from the top directory', async () => {
    const outcome = await bundled({ 'server.ts': `import { a } from '../../../../a.ts'\nexport default a`, 'a.ts': `export const a = 1` })
    expect((await load(outcome))['default']).toBe(1)
  })
})

describe('editor bundler error', () => {
  it.each([
    [
      'a package that is not provided',
      `import a from 'lodash'\nexport default a`,
      'server.ts:1:15+8 error "lodash" is not available in the editor',
    ],
    [
      'an entry point that is not provided',
      `import a from 'zod/v5'\nexport default a`,
      'server.ts:1:15+8 error "zod/v5" is not available in the editor',
    ],
    [
      'the stdio entry point of the SDK',
      `import { a } from '@modelcontextprotocol/server/stdio'\na()`,
      'server.ts:1:19+36 error "@modelcontextprotocol/server/stdio" is not available in the editor',
    ],
    ['an import of a missing file', `import { a } from './gone.ts'\na()`, 'server.ts:1:19+11 error "./gone.ts" not found'],
    ['a module that Workers lack', `import 'node:sea'`, 'server.ts:1:8+10 error "node:sea" does not exist on Cloudflare Workers'],
    ['an import of a URL', `import 'https://esm.example/x.js'`, 'server.ts:1:8+26 error "https://esm.example/x.js" cannot be imported'],
    ['an import of an absolute path', `import '/etc/passwd'`, 'server.ts:1:8+13 error "/etc/passwd" cannot be imported'],
    [
      'a package named like a property of all objects',
      `import 'constructor'`,
      'server.ts:1:8+13 error "constructor" is not available in the editor',
    ],
    ['a syntax error', `export default {\n  fetch( }\n}`, 'server.ts:2:10+1 error Expected identifier but found "}"'],
    [
      'a missing default export',
      `import a from './a.ts'\na()`,
      'server.ts:1:8+1 error No matching export in "source:a.ts" for import "default"',
    ],
  ])('has the position of %s', async (_, text, expected) => {
    const outcome = await bundled({ 'server.ts': text, 'a.ts': 'export const a = 1' })
    expect([outcome.ok, messages(outcome)]).toEqual([false, [expected.replace('source:', '')]])
  })

  it('hints at the command line for an unknown package, and at the right path for a misspelled file', async () => {
    const outcome = await bundled({ 'server.ts': `import a from 'lodash'\nimport b from './libs/tool.js'\na(b)`, 'lib/tool.ts': '' })
    expect(outcome.messages.map(({ hint }) => hint)).toEqual([
      expect.stringMatching(/@modelcontextprotocol\/server \d.* and zod \d.*npm run deploy-server -- DIR/),
      'Did you mean lib/tool.ts?',
    ])
  })

  it('names a missing main file, and an imported file that is not a module', async () => {
    expect(messages(await bundled({ 'a.ts': '' }))).toEqual(['error server.ts not found'])
    expect(messages(await bundled({ 'server.ts': `import './a.exe'`, 'a.exe': '' }))[0]).toContain('a.exe cannot be imported')
  })

  it('counts columns as an editor does, after characters of several bytes', async () => {
    const outcome = await bundled({ 'server.ts': `const é = '😀é'; import './gone.ts'` })
    expect(outcome.messages[0]?.place).toEqual({ file: 'server.ts', line: 1, column: 25, length: 11 })
  })
})

it('editor bundler warns about the import of a Node module that is a stub on Workers', async () => {
  const outcome = await bundled({ 'server.ts': `import vm from 'vm'\nexport default vm` })
  expect([outcome.ok, messages(outcome)]).toEqual([
    true,
    ['server.ts:1:16+4 warning "vm" is a stub on Cloudflare Workers. Most of its functions fail.'],
  ])
})

describe('finding of the probe', () => {
  const files = {
    'server.ts': `import { boom } from './lib/boom.ts'\nimport { z } from 'zod'\n\nexport default { fetch: () => boom(z) }\n`,
    'lib/boom.ts': `export function boom(z: unknown): never {\n  throw new Error(String(z))\n}\n`,
    'tools.ts': `// the tool "look" is below\nserver.registerTool(\n  'look', {})\nserver.registerPrompt("look", {})\nserver.registerResource('list', 'a://b?c=(d)', {})\n`,
  }
  const finding = (subject: string, message = 'x') => ({ severity: 'error' as const, rule: 'r', subject, message })

  it('is placed in the source when its message names a position in the bundle', async () => {
    const outcome = await bundled(files)
    if (!outcome.ok) throw new Error('the bundle failed')
    const at = outcome.code.indexOf('Error(String(')
    const [line, column] = [outcome.code.slice(0, at).split('\n').length, at - outcome.code.lastIndexOf('\n', at)]
    const message = `Uncaught Error: x\n  at server.js:${line}:${column} in boom\n  at other.js:1:1`
    const [placed] = placeFindings([finding('server/discover', message)], { files, map: outcome.map, module: 'server.js' })
    expect(placed).toMatchObject({
      place: { file: 'lib/boom.ts', line: 2 },
      message: expect.stringMatching(/at lib\/boom\.ts:2:\d+ in boom\n {2}at other\.js:1:1$/),
    })
  })

  it.each([
    ['tools/look', { file: 'tools.ts', line: 3, column: 3 }],
    ['prompts/look', { file: 'tools.ts', line: 4, column: 23 }],
    ['resources/a://b?c=(d)', { file: 'tools.ts', line: 5, column: 33 }],
    ['tools/absent', undefined],
    ['tools/list', undefined],
    ['server/discover', undefined],
  ])('about %s is placed at the registration, if the sources have one', (subject, place) => {
    const [placed] = placeFindings([finding(subject)], { files, module: 'server.js' })
    expect(placed?.place).toEqual(place)
  })

  it('about a bundle without sources keeps its message', () => {
    const [placed] = placeFindings([finding('server/discover', 'at server.js:1:2')], { files: {}, module: 'server.js' })
    expect(placed).toEqual(finding('server/discover', 'at server.js:1:2'))
  })
})
