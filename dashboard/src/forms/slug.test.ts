import { expect, it } from 'vitest'
import { suggestSlug } from './slug.ts'

it.each([
  ['Hello', [], 'hello'],
  ['Zoë’s  Weather!', [], 'zoe-s-weather'],
  ['Hello', ['hello'], 'hello-2'],
  ['Hello', ['hello', 'hello-2', 'hello-3'], 'hello-4'],
  ['a'.repeat(40), [], 'a'.repeat(30)],
  ['a'.repeat(40), ['a'.repeat(30)], `${'a'.repeat(26)}-2`],
  ['日本', [], ''],
])('suggestSlug(%s) with the taken slugs %j returns "%s"', (name, taken, slug) => {
  expect(suggestSlug(name, taken)).toBe(slug)
})
