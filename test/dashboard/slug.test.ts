import { expect, it } from 'vitest'
import { suggestSlug } from '../../dashboard/src/forms/slug.ts'

it.each([
  ['Hello', [], 'hello'],
  ['Zoë’s  Weather!', [], 'zoe-s-weather'],
  ['Hello', ['hello'], 'hello-2'],
  ['Hello', ['hello', 'hello-2', 'hello-3'], 'hello-4'],
  ['a'.repeat(40), [], 'a'.repeat(30)],
  ['a'.repeat(40), ['a'.repeat(30)], `${'a'.repeat(26)}-2`],
  ['日本', [], ''],
])('suggests for %s, with %j taken, %s', (name, taken, slug) => {
  expect(suggestSlug(name, taken)).toBe(slug)
})
