import { describe, expect, it } from 'vitest'
import { faultsOf, inexactNumbers } from './faults.ts'

/** Formats faults like the page. */
const texts = (schema: Record<string, unknown>, value: unknown) =>
  faultsOf(schema, value).map(({ path, message }) => `${path.join('.') || 'whole'} ${message}`)

const PERSON = {
  type: 'object',
  properties: {
    name: { type: 'string', minLength: 2 },
    age: { type: 'integer', minimum: 0 },
    tags: { type: 'array', items: { enum: ['a', 'b'] }, maxItems: 2 },
    home: { $ref: '#/$defs/address' },
  },
  required: ['name'],
  additionalProperties: false,
  $defs: { address: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } },
}

describe('faultsOf', () => {
  it('returns no faults for a valid value, and ignores undefined properties', () => {
    expect(texts(PERSON, { name: 'Ada', age: 36, tags: ['a'], home: { city: 'London' } })).toEqual([])
    expect(texts(PERSON, { name: 'Ada', age: undefined })).toEqual([])
  })

  it.each([
    [{}, 'name is required'],
    [undefined, 'name is required'],
    [{ name: 1 }, 'name must be string'],
    [{ name: 'A' }, 'name is too short (1 < 2)'],
    [{ name: 'Ada', age: 1.5 }, 'age must be integer'],
    [{ name: 'Ada', age: -1 }, 'age is less than 0'],
    [{ name: 'Ada', tags: ['c'] }, 'tags.0 must be any of ["a","b"]'],
    [{ name: 'Ada', tags: ['a', 'b', 'a'] }, 'tags has too many items (3 > 2)'],
    [{ name: 'Ada', home: {} }, 'home.city is required'],
    [{ name: 'Ada', other: 1 }, 'other is not allowed'],
  ])('reports one fault with its path for %j', (value, fault) => {
    expect(texts(PERSON, value)).toEqual([fault])
  })

  it('reports a single fault if no alternative matches', () => {
    const schema = { anyOf: [{ required: ['phone'] }, { required: ['mail'] }] }
    expect(texts(schema, {})).toEqual(['whole does not match exactly one of the alternatives'])
    expect(texts(schema, { mail: 'x' })).toEqual([])
  })

  it('accepts large integers, and inexactNumbers reports those beyond the safe range', () => {
    const schema = { properties: { ids: { type: 'array', items: { type: 'integer' } } } }
    const value = { ids: [Number.MAX_SAFE_INTEGER, -3, 1e300, 2 ** 53] }
    expect(texts(schema, value)).toEqual([])
    expect(inexactNumbers(value)).toEqual([{ path: ['ids', '3'], message: 'exceeds 9007199254740991 and would lose digits' }])
  })

  it('does not modify the schema', () => {
    const schema = structuredClone(PERSON)
    expect([texts(schema, {}), texts(schema, {})]).toEqual([['name is required'], ['name is required']])
    expect(schema).toEqual(PERSON)
  })

  it('throws if the schema is invalid', () => {
    expect(() => texts({ $ref: 'https://elsewhere.example/schema.json' }, {})).toThrow('Unresolved')
    expect(() => texts({ type: 'string', pattern: '(' }, 'x')).toThrow()
  })

  it('uses the draft named by $schema, and 2020-12 by default', () => {
    const tuple = { items: [{ type: 'string' }] }
    expect(texts({ $schema: 'http://json-schema.org/draft-07/schema#', ...tuple }, [1])).toEqual(['0 must be string'])
    expect(texts({ prefixItems: [{ type: 'string' }] }, [1])).toEqual(['0 must be string'])
  })
})
