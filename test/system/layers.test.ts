import { expect, it } from 'vitest'
import { lint } from './lint.ts'

const TARGETS = [
  'protocol/api.ts',
  'protocol/client-lines.ts',
  'protocol/other.ts',
  'store/index.ts',
  'hosting/call/answer.ts',
  'durable-objects/session.ts',
  'workers/router.ts',
  'dashboard/src/page.ts',
  'dashboard/src/api.ts',
  'dashboard/src/components/button.ts',
  'dashboard/src/features/people/role.ts',
  'dashboard/src/forms/saving.ts',
  'dashboard/src/shell/shell.ts',
  'test/support.ts',
]

/**
 * Lints a small project of the layers' files and those given. Returns the rules that were broken.
 */
const broken = (files: Record<string, string>): Promise<string[]> =>
  lint({ ...Object.fromEntries(TARGETS.map((name) => [name, 'export const it = 1\n'])), ...files })

const importing = (path: string): string => `import { it } from '${path}'\nexport const that = it\n`

it.each([
  ['protocol', '../store/index.ts'],
  ['protocol', 'cloudflare:workers'],
  ['store', '../hosting/answer.ts'],
  ['hosting', '../durable-objects/session.ts'],
  ['hosting', '../workers/router.ts'],
  ['durable-objects', '../workers/router.ts'],
  ['workers', '../dashboard/src/page.ts'],
  ['workers', '../test/support.ts'],
  ['dashboard', '../workers/router.ts'],
  ['dashboard', '../protocol/other.ts'],
  ['dashboard', '../protocol/api.ts'],
  ['dashboard/src/components', '../features/people/role.ts'],
  ['dashboard/src/components', '../forms/saving.ts'],
  ['dashboard/src/components', '../../../protocol/client-lines.ts'],
  ['dashboard/src/forms', '../features/people/role.ts'],
  ['dashboard/src/features/people', '../../shell/shell.ts'],
  ['dashboard/src/features/people', '../../../../protocol/other.ts'],
])('layer rules refuse an import from %s/ of %s', async (layer, path) => {
  expect(await broken({ [`${layer}/file.ts`]: importing(path) })).toEqual(['eslint(no-restricted-imports)'])
})

it.each([
  ['store', '../protocol/other.ts'],
  ['hosting', '../store/index.ts'],
  ['durable-objects', '../hosting/answer.ts'],
  ['workers', '../durable-objects/session.ts'],
  ['workers', '../protocol/other.ts'],
  ['dashboard', '../protocol/client-lines.ts'],
  ['dashboard/src/components', '../api.ts'],
  ['dashboard/src/forms', '../components/button.ts'],
  ['dashboard/src/features/servers', '../people/role.ts'],
  ['dashboard/src/features/servers', '../../forms/saving.ts'],
  ['dashboard/src/shell', '../features/people/role.ts'],
])('layer rules accept an import from %s/ of %s', async (layer, path) => {
  expect(await broken({ [`${layer}/file.ts`]: importing(path) })).toEqual([])
})

it.each([
  ['a type import', "import type { It } from '../hosting/answer.ts'\nexport type That = It\n"],
  ['an export from', "export { it } from '../hosting/answer.ts'\n"],
  ['a dynamic import', "export const that = () => import('../hosting/answer.ts')\n"],
])('layer rules refuse %s against the direction', async (_, text) => {
  expect(await broken({ 'store/file.ts': text })).toEqual(['eslint(no-restricted-imports)'])
})

it('layer rules accept a type import of the API in the dashboard', async () => {
  const text = "import type { It } from '../../protocol/api.ts'\nexport type That = It\n"
  expect(await broken({ 'dashboard/src/file.ts': text })).toEqual([])
})

it('lint refuses files that import each other in a circle', async () => {
  const circle = {
    'store/a.ts': "import { b } from './b.ts'\nexport const a = () => b\n",
    'store/b.ts': "import { a } from './a.ts'\nexport const b = () => a\n",
  }
  expect(await broken(circle)).toContain('import(no-cycle)')
})

it.each([
  ['fetch', 'eslint(no-restricted-globals)', "export const that = () => fetch('https://example.com')\n"],
  ['the clock', 'eslint(no-restricted-properties)', 'export const that = () => Date.now()\n'],
])('lint refuses %s in protocol/, whose functions must take it as an argument', async (_, rule, text) => {
  expect(await broken({ 'protocol/file.ts': text })).toEqual([rule])
})
