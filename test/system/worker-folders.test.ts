import { readdir, readFile } from 'node:fs/promises'
import { dirname, join, normalize, sep } from 'node:path'
import { expect, it } from 'vitest'
import { ROOT } from '../../scripts/wrangler.ts'

const WORKERS = join(ROOT, 'workers')

/** Root files that may import the folders of workers/. No other root file may import a folder. */
const ASSEMBLY = ['index.ts', 'router.ts', 'errors.ts', 'scheduled.ts']

interface Import {
  from: string
  to: string
}

/** The imports from one file of workers/ to another, as paths relative to workers/. */
async function imports(): Promise<Import[]> {
  const names = (await readdir(WORKERS, { recursive: true })).filter((name) => name.endsWith('.ts'))
  const found = names.map(async (from) => {
    const text = await readFile(join(WORKERS, from), 'utf8')
    return [...text.matchAll(/\bfrom '(\.[^']+)'/g)].map(([, path = '']) => ({ from, to: normalize(join(dirname(from), path)) }))
  })
  return (await Promise.all(found)).flat().filter(({ to }) => !to.startsWith('..'))
}

/** Pairs of folders that import each other. Root files belong to no folder. */
function mutualPairs(all: Import[], folderOf: (file: string) => string): string[] {
  const edges = new Set(all.map(({ from, to }) => `${folderOf(from)} ${folderOf(to)}`))
  return [...edges].filter((edge) => {
    const [from = '', to = ''] = edge.split(' ')
    return from < to && from !== '.' && edges.has(`${to} ${from}`)
  })
}

it.each([
  ['top folders', (file: string) => (dirname(file) === '.' ? '.' : (file.split(sep)[0] ?? '.'))],
  ['folders', (file: string) => dirname(file)],
])('workers/ has no two %s that import each other', async (_, folderOf) => {
  expect(mutualPairs(await imports(), folderOf)).toEqual([])
})

it('root files of workers/ import no folder of workers/', async () => {
  const wrong = (await imports()).filter(({ from, to }) => dirname(from) === '.' && dirname(to) !== '.' && !ASSEMBLY.includes(from))
  expect(wrong.map(({ from, to }) => `${from} -> ${to}`)).toEqual([])
})
