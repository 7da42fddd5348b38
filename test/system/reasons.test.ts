import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import { ROOT } from '../../scripts/wrangler.ts'

let reasons: string
let source: string
beforeAll(async () => {
  reasons = await readFile(join(ROOT, 'docs/reasons.md'), 'utf8')
  const texts: string[] = []
  for (const folder of ['workers', 'durable-objects', 'hosting', 'store', 'protocol']) {
    for (const file of await readdir(join(ROOT, folder), { recursive: true }))
      if (file.endsWith('.ts')) texts.push(await readFile(join(ROOT, folder, file), 'utf8'))
  }
  source = texts.join('\n')
})

const all = (pattern: RegExp) => [...new Set([...source.matchAll(pattern)].map(([, found = '']) => found))].toSorted()

it('docs/reasons.md lists the title of every problem document', () => {
  const titles = all(/new Problem\(\s*(?:[^,']|'[^']*' : )+,\s*'([^']+)'/g)
  expect(titles).toContain('Limit reached')
  expect(titles.filter((title) => !reasons.includes(title))).toEqual([])
})

it('docs/reasons.md lists every rule of a finding', () => {
  const rules = all(/\b(?:error|warning|info)\('([a-z-]+)', /g)
  expect(rules).toContain('tool-schema')
  expect(rules.filter((rule) => !reasons.includes(`\`${rule}\``))).toEqual([])
})

it('docs/reasons.md lists every code of a JSON-RPC error', async () => {
  const codes = all(/: (-32\d{3}),/g)
  expect(codes).toContain('-32602')
  expect(codes.filter((code) => !reasons.includes(`\`${code}\``))).toEqual([])
})
