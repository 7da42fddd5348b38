import { expect, it } from 'vitest'
import { patternFault } from '../../protocol/versions/pattern-syntax.ts'

it.each([
  '',
  'a|b',
  '^[a-z0-9]+(-[a-z0-9]+)*$',
  '(a+)+$',
  '[(*+?]',
  '[\\]]',
  '\\(',
  'a{2,3}?',
  'a+?',
  'a??',
  '(?:a)(?=b)(?!c)(?<=d)(?<!e)(?<name>f)(?i:g)(?i-m:h)',
  '(?<größe>a)',
  '[]',
  'a{',
  'x\\-y',
])('patternFault returns nothing for %j', (pattern) => expect(patternFault(pattern)).toBeUndefined())

it.each([
  ['(', 'has a ( without a )'],
  ['a)', 'has a ) without a ('],
  ['[a', 'has a [ without a ]'],
  ['[a\\', 'has a [ without a ]'],
  ['a\\', 'ends with a backslash'],
  ['*a', 'has nothing to repeat before *'],
  ['a(+b)', 'has nothing to repeat before +'],
  ['a|?', 'has nothing to repeat before ?'],
  ['a++', 'has nothing to repeat before +'],
  ['(?i)a', 'has a group that JavaScript does not know: (?i)'],
  ['(?P<a>b)', 'has a group that JavaScript does not know: (?P<'],
  ['(?>a)', 'has a group that JavaScript does not know: (?>a'],
])('patternFault names the fault of %j, which RegExp refuses too', (pattern, fault) => {
  expect(patternFault(pattern)).toBe(fault)
  expect(() => new RegExp(pattern, 'u')).toThrow(SyntaxError)
})
