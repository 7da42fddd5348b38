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
    [{ name: 'A' }, 'name must have at least 2 characters, but has 1'],
    [{ name: 'Ada', age: 1.5 }, 'age must be integer'],
    [{ name: 'Ada', age: -1 }, 'age is less than 0'],
    [{ name: 'Ada', tags: ['c'] }, 'tags.0 must be any of ["a","b"]'],
    [{ name: 'Ada', tags: ['a', 'b', 'a'] }, 'tags must have at most 2 items, but has 3'],
    [{ name: '' }, 'name is empty, but text is required'],
    [{ name: null }, 'name is empty, but a value is required'],
    [{ name: 'Ada', tags: [undefined] }, 'tags.0 is empty, but a value is required'],
    [{ name: 'Ada', home: {} }, 'home.city is required'],
    [{ name: 'Ada', other: 1 }, 'other is not allowed'],
  ])('reports one fault with its path for %j', (value, fault) => {
    expect(texts(PERSON, value)).toEqual([fault])
  })

  it.each([
    [{ minItems: 1 }, [], 'whole must have at least 1 item, but has 0'],
    [{ uniqueItems: true }, ['a', 'b', 'a'], 'whole must not repeat an item, but items 1 and 3 are equal'],
    [{ contains: { const: 'x' } }, ['a'], 'whole lacks an item that the schema requires'],
  ])('says in words what is wrong with a list under %j', (schema, value, fault) => {
    expect(texts({ type: 'array', ...schema }, value)).toContain(fault)
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
