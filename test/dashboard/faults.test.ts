import { describe, expect, it } from 'vitest'
import { faultsOf, inexactNumbers } from '../../dashboard/src/features/playground/schema-form/faults.ts'

/** As the page shows them. */
const told = (schema: Record<string, unknown>, value: unknown) =>
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

describe('what is wrong with a value', () => {
  it('is nothing where it fits, and what has no place in JSON is not there', () => {
    expect(told(PERSON, { name: 'Ada', age: 36, tags: ['a'], home: { city: 'London' } })).toEqual([])
    expect(told(PERSON, { name: 'Ada', age: undefined })).toEqual([])
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
  ])('is said once, of the part it is about: %j', (value, fault) => {
    expect(told(PERSON, value)).toEqual([fault])
  })

  it('of alternatives is that none fits, not what each of them lacks', () => {
    const schema = { anyOf: [{ required: ['phone'] }, { required: ['mail'] }] }
    expect(told(schema, {})).toEqual(['whole does not match exactly one of the alternatives'])
    expect(told(schema, { mail: 'x' })).toEqual([])
  })

  it('is no large number that the schema allows, which cannot be sent all the same where it has lost digits', () => {
    const schema = { properties: { ids: { type: 'array', items: { type: 'integer' } } } }
    const value = { ids: [Number.MAX_SAFE_INTEGER, -3, 1e300, 2 ** 53] }
    expect(told(schema, value)).toEqual([])
    expect(inexactNumbers(value)).toEqual([{ path: ['ids', '3'], message: 'exceeds 9007199254740991 and would lose digits' }])
  })

  it('leaves the schema as it was, so that it can be asked again', () => {
    const schema = structuredClone(PERSON)
    expect([told(schema, {}), told(schema, {})]).toEqual([['name is required'], ['name is required']])
    expect(schema).toEqual(PERSON)
  })

  it('throws where the schema cannot be understood', () => {
    expect(() => told({ $ref: 'https://elsewhere.example/schema.json' }, {})).toThrow('Unresolved')
    expect(() => told({ type: 'string', pattern: '(' }, 'x')).toThrow()
  })

  it('goes by the draft the schema names, and by 2020-12 without one', () => {
    const tuple = { items: [{ type: 'string' }] }
    expect(told({ $schema: 'http://json-schema.org/draft-07/schema#', ...tuple }, [1])).toEqual(['0 must be string'])
    expect(told({ prefixItems: [{ type: 'string' }] }, [1])).toEqual(['0 must be string'])
  })
})
