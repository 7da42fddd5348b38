import { expect, it } from 'vitest'
import { lint } from './lint.ts'

const OPENING = 'language(doc-opening)'
const WIDTH = 'language(comment-width)'
const PHRASE = 'language(plain-phrases)'

const declaration = 'export const limit = 1\n'

it.each([
  ['a doc comment that opens with a question word', OPENING, `/** What a call may cost. */\n${declaration}`],
  ['a doc comment that opens with a preposition', OPENING, `/**\n * Behind the bearer gate, the caller is known.\n */\n${declaration}`],
  ['a doc comment that opens with "The same"', OPENING, `/** The same for tokens. */\n${declaration}`],
  ['a comment past column 100', WIDTH, `// ${'wide '.repeat(20)}\n${declaration}`],
  ['a comment past column 100 behind code', WIDTH, `export const text = '${'x'.repeat(70)}' // the limit of one line\n`],
  ['a wide line inside a doc comment', WIDTH, `/**\n * ${'wide '.repeat(20)}\n */\n${declaration}`],
  ['a phrase to avoid in a comment', PHRASE, `// the grant is not valid any more\n${declaration}`],
  ['a phrase to avoid across two lines of a comment', PHRASE, `/**\n * Grants are not valid any\n * more.\n */\n${declaration}`],
  ['a phrase to avoid in an error message', PHRASE, "export const fault = () => new Error('The app is not let in.')\n"],
  ['a phrase to avoid in a template', PHRASE, 'export const fault = (app: string) => `${app} was told so`\n'],
  ['a phrase to avoid in the text of a page', PHRASE, 'export const page = () => <p>The link is not valid any more.</p>\n', 'tsx'],
  ['"is over" as the end of a sentence', PHRASE, `// the call is over\n${declaration}`],
])('language rules refuse %s', async (_, rule, text, extension = 'ts') => {
  expect(await lint({ [`src/file.${extension}`]: text })).toEqual([rule])
})

it.each([
  ['a doc comment that opens with a verb', `/** Returns the cost of a call. */\n${declaration}`],
  ['a line comment that opens with a preposition', `// in a batch, because both rows belong together\n${declaration}`],
  ['a comment that ends at column 100', `// ${'x'.repeat(97)}\n${declaration}`],
  ['a long address in a comment', `// https://example.com/${'a'.repeat(100)}\n${declaration}`],
  ['a phrase as a single value', "export const outcomes = ['told', 'anew']\n"],
  ['a number that a value is over', `// refused if the body is over 16 KiB\n${declaration}`],
])('language rules accept %s', async (_, text) => {
  expect(await lint({ 'src/file.ts': text })).toEqual([])
})
