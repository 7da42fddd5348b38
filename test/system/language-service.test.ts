import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import typescript from 'editor-typescript'
import { beforeAll, expect, it } from 'vitest'
import { LanguageService, type TypeLibrary } from '../../dashboard/src/features/code/editor/language-service.ts'
import { editorTypes } from '../../scripts/editor-types.ts'
import { ROOT } from '../../scripts/wrangler.ts'

/* Runs the language service of the editor as its browser worker does, with files in memory. */

let library: TypeLibrary
beforeAll(async () => {
  library = await editorTypes()
})

function serviceOf(files: Record<string, string>): LanguageService {
  const service = new LanguageService(typescript, library)
  for (const [name, text] of Object.entries(files)) service.write(name, text)
  return service
}

const TEXT = `import { McpServer } from '@modelcontextprotocol/server'
import { readFile } from 'node:fs/promises'
import note from './note.txt'
import { a } from './lib/a.js'
const server = new McpServer({ name: 'x', version: '1' })
server.reg
const n: number = a
export default { fetch: (request: Request) => new Response(note + n + String(readFile) + request.url) }
`
const FILES = { 'server.ts': TEXT, 'lib/a.ts': `export const a = 'a'\n`, 'note.txt': 'x' }

it('language service reports no problems in the examples', async () => {
  const directory = join(ROOT, 'examples')
  const files: Record<string, string> = {}
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    if (entry.isFile() && path.endsWith('.ts')) files[path.slice(directory.length + 1)] = await readFile(path, 'utf8')
  }
  const found = Object.entries(serviceOf(files).diagnose())
  expect(found.length).toBe(Object.keys(files).length)
  expect(found.filter(([, diagnostics]) => diagnostics.length > 0)).toEqual([])
})

it('language service reports errors at their positions, and updates them when a file changes', () => {
  const service = serviceOf(FILES)
  const at = (text: string) => TEXT.indexOf(text)
  expect(service.diagnose()['server.ts']).toEqual([
    { from: at('reg\n'), to: at('reg\n') + 3, severity: 'error', message: "Property 'reg' does not exist on type 'McpServer'." },
    { from: at('n: number'), to: at('n: number') + 1, severity: 'error', message: "Type 'string' is not assignable to type 'number'." },
  ])
  service.write('lib/a.ts', 'export const a = 1\n')
  expect(service.diagnose()['server.ts']).toHaveLength(1)
  service.remove('lib/a.ts')
  expect(service.diagnose()['server.ts']?.map(({ message }) => message)).toContain(
    "Cannot find module './lib/a.js' or its corresponding type declarations.",
  )
  expect(Object.keys(service.diagnose())).toEqual(['server.ts'])
})

it('language service knows the provided packages only, and no browser document', () => {
  const service = serviceOf({ 'server.ts': `import 'zod/v4'\nimport l from 'lodash'\nl(document)\n` })
  expect(service.diagnose()['server.ts']?.map(({ message }) => message.split('.')[0])).toEqual([
    "Cannot find module 'lodash' or its corresponding type declarations",
    expect.stringContaining("Cannot find name 'document'"),
  ])
})

it('language service completes and explains names of the SDK with their documentation', () => {
  const service = serviceOf(FILES)
  const position = TEXT.indexOf('server.reg') + 'server.reg'.length
  const completions = service.complete('server.ts', position)
  expect(completions?.from).toBe(position - 'reg'.length)
  expect(completions?.entries.map(({ label }) => label)).toContain('registerTool')
  expect(service.explainCompletion('server.ts', position, 'registerTool')).toEqual({
    type: expect.stringContaining('registerTool'),
    documentation: expect.stringContaining('Registers a tool'),
  })
  const name = TEXT.indexOf('McpServer(')
  const explained = service.explain('server.ts', name + 1)
  expect(explained).toMatchObject({ from: name, to: name + 'McpServer'.length, type: expect.stringContaining('McpServer') })
  expect(explained?.documentation).not.toContain('{@link')
})

it('language service returns nothing for a missing file', () => {
  const service = serviceOf({})
  expect([service.complete('x.ts', 0), service.explain('x.ts', 0), service.explainCompletion('x.ts', 0, 'a'), service.diagnose()]).toEqual([
    undefined,
    undefined,
    undefined,
    {},
  ])
})
