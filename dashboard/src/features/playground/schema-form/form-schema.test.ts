import { describe, expect, it } from 'vitest'
import { formFault, hasNoFields, toFormSchema } from './form-schema.ts'

describe('schema forms', () => {
  it.each([
    ['a flat object', { properties: { a: { type: 'string' } } }],
    ['a property called like a keyword', { properties: { prefixItems: { type: 'string' }, contains: { type: 'number' } } }],
    [
      'an example that looks like a schema',
      { properties: { a: { type: 'object', examples: [{ contains: 1 }], default: { prefixItems: [] } } } },
    ],
    ['a reference within', { properties: { a: { $ref: '#/$defs/a' } }, $defs: { a: { type: 'string' } } }],
  ])('formFault returns undefined for %s', (_, schema) => {
    expect(formFault(schema)).toBeUndefined()
  })

  it.each([
    ['a tuple', { properties: { a: { type: 'array', prefixItems: [{ type: 'string' }] } } }, 'the schema uses prefixItems'],
    ['pattern properties', { patternProperties: { '^x': {} } }, 'the schema uses patternProperties'],
    ['an external schema', { properties: { a: { $ref: 'https://a.example/b' } } }, 'the schema refers to an external schema'],
    ['an unsupported keyword in an alternative', { anyOf: [{ contains: {} }] }, 'the schema uses contains'],
    ['a deeply nested schema', deep(60), 'the schema is nested too deeply'],
  ])('formFault names the reason for %s', (_, schema, fault) => {
    expect(formFault(schema)).toBe(fault)
  })

  it('hasNoFields returns true only for schemas without fields', () => {
    expect(hasNoFields({ type: 'object' })).toBe(true)
    expect(hasNoFields({ type: 'object', properties: {}, additionalProperties: false })).toBe(true)
    expect(hasNoFields({ type: 'object', additionalProperties: true })).toBe(false)
    expect(hasNoFields({ properties: { a: {} } })).toBe(false)
    expect(hasNoFields({ anyOf: [{}] })).toBe(false)
  })

  it('toFormSchema converts enumNames to titled alternatives, but not in data', () => {
    const schema = { properties: { a: { enum: ['x', 'y'], enumNames: ['Ex'], default: { enum: [1], enumNames: ['One'] } } } }
    expect(toFormSchema(schema)).toEqual({
      properties: {
        a: {
          oneOf: [
            { const: 'x', title: 'Ex' },
            { const: 'y', title: 'y' },
          ],
          default: { enum: [1], enumNames: ['One'] },
        },
      },
    })
  })

  it('toFormSchema adds uniqueItems to a list of choices', () => {
    const choices = { type: 'array', items: { anyOf: [{ const: 'a', title: 'A' }] } }
    expect(toFormSchema(choices)).toMatchObject({ uniqueItems: true })
    expect(toFormSchema({ type: 'array', items: { type: 'string' } })).not.toHaveProperty('uniqueItems')
  })

  it('toFormSchema removes null from optional properties only', () => {
    const nullable = { anyOf: [{ type: 'integer', minimum: 1 }, { type: 'null' }], default: null, title: 'Count' }
    const formSchema = (required: string[]) => toFormSchema({ properties: { count: nullable }, required })
    expect(formSchema([])).toMatchObject({ properties: { count: { type: 'integer', minimum: 1, title: 'Count' } } })
    expect(formSchema([])['properties']).not.toHaveProperty('count.default')
    expect(formSchema(['count'])).toMatchObject({
      properties: { count: { anyOf: [{ title: 'Integer' }, { title: 'Null' }] } },
    })
  })

  it('toFormSchema converts a constant to an enum, and marks a schema that allows any value', () => {
    expect(toFormSchema({ properties: { kind: { const: 'room' }, anything: {} } })).toEqual({
      properties: { kind: { enum: ['room'] }, anything: { $comment: 'anything' } },
    })
  })

  it('toFormSchema titles alternatives that only list required properties', () => {
    expect(toFormSchema({ anyOf: [{ required: ['phone'] }, { title: 'Other', required: ['mail'] }] })).toEqual({
      anyOf: [
        { title: 'With phone', required: ['phone'] },
        { title: 'Other', required: ['mail'] },
      ],
    })
  })
})

function deep(levels: number): Record<string, unknown> {
  return levels === 0 ? { type: 'string' } : { type: 'object', properties: { a: deep(levels - 1) } }
}
