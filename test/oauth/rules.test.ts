import { expect, it } from 'vitest'
import rules from './README.md?raw'

const sources = import.meta.glob<string>('../{api,auth,hosting,mcp,oauth,protocol,system}/*.test.ts', {
  query: '?raw',
  import: 'default',
  eager: true,
})

const rows = [...rules.matchAll(/^\| (\d+) \| (.+?) \| (.+?) \|$/gm)].map(([, number, , tests = '']) => ({
  number: Number(number),
  tests: tests.split('<br>').map((each) => /^`([\w/-]+)` (.+)$/.exec(each)?.slice(1) ?? []),
}))

it('README of the OAuth tests names an existing test for each rule', () => {
  expect(rows.map(({ number }) => number)).toEqual(rows.map(({ number }) => number).toSorted((a, b) => a - b))
  expect(rows.length).toBeGreaterThan(80)
  for (const { number, tests } of rows)
    for (const [file = '', title = ''] of tests) {
      const source = sources[file.startsWith('oauth/') ? `./${file.slice('oauth/'.length)}.test.ts` : `../${file}.test.ts`]
      expect(title !== '' && source?.includes(title), `rule ${number}: ${file} ${title}`).toBe(true)
    }
})
