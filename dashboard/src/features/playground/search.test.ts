import { expect, it } from 'vitest'
import { parseToolsSearch } from './search.ts'

it('parseToolsSearch keeps known parameters and omits default values', () => {
  expect(parseToolsSearch({})).toEqual({})
  expect(parseToolsSearch({ tool: 'echo', version: 3, revision: '2025-06-18', view: 'prompts', prompt: 'p', resource: 'r://x' })).toEqual({
    tool: 'echo',
    version: 3,
    revision: '2025-06-18',
    view: 'prompts',
    prompt: 'p',
    resource: 'r://x',
  })
  expect(parseToolsSearch({ view: 'tools', revision: '2026-07-28' })).toEqual({})
})

it.each([
  [{ view: 'nonsense' }],
  [{ version: 0 }],
  [{ version: -1 }],
  [{ version: 1.5 }],
  [{ version: 'x' }],
  [{ revision: '2024-11-05' }],
  [{ tool: '' }],
  [{ tool: { a: 1 } }],
  [{ other: 'x' }],
])('parseToolsSearch drops the invalid query %j', (search) => {
  expect(parseToolsSearch(search)).toEqual({})
})

it('parseToolsSearch accepts a tool name that consists of digits', () => {
  expect(parseToolsSearch({ tool: 42 })).toEqual({ tool: '42' })
})
