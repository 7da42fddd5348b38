import { describe, expect, it } from 'vitest'
import { formFault, hasNoFields, toFormSchema } from '../../dashboard/src/features/playground/schema-form/form-schema.ts'

describe('a form', () => {
  it.each([
    ['a flat object', { properties: { a: { type: 'string' } } }],
    ['a property called like a keyword', { properties: { prefixItems: { type: 'string' }, contains: { type: 'number' } } }],
    [
      'an example that looks like a schema',
      { properties: { a: { type: 'object', examples: [{ contains: 1 }], default: { prefixItems: [] } } } },
    ],
    ['a reference within', { properties: { a: { $ref: '#/$defs/a' } }, $defs: { a: { type: 'string' } } }],
  ])('can be made from %s', (_, schema) => {
    expect(formFault(schema)).toBeUndefined()
  })

  it.each([
    ['a tuple', { properties: { a: { type: 'array', prefixItems: [{ type: 'string' }] } } }, 'the schema uses prefixItems'],
    ['names by a pattern', { patternProperties: { '^x': {} } }, 'the schema uses patternProperties'],
    ['a schema elsewhere', { properties: { a: { $ref: 'https://a.example/b' } } }, 'the schema refers to an external schema'],
    ['one in an alternative', { anyOf: [{ contains: {} }] }, 'the schema uses contains'],
    ['one that is endlessly deep', deep(60), 'the schema is nested too deeply'],
  ])('cannot say %s', (_, schema, fault) => {
    expect(formFault(schema)).toBe(fault)
  })

  it('has nothing to fill in where a tool takes nothing', () => {
    expect(hasNoFields({ type: 'object' })).toBe(true)
    expect(hasNoFields({ type: 'object', properties: {}, additionalProperties: false })).toBe(true)
    expect(hasNoFields({ type: 'object', additionalProperties: true })).toBe(false)
    expect(hasNoFields({ properties: { a: {} } })).toBe(false)
    expect(hasNoFields({ anyOf: [{}] })).toBe(false)
  })

  it('shows enumNames as what they name, and leaves data alone', () => {
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

  it('offers a list of choices as boxes to tick', () => {
    const choices = { type: 'array', items: { anyOf: [{ const: 'a', title: 'A' }] } }
    expect(toFormSchema(choices)).toMatchObject({ uniqueItems: true })
    expect(toFormSchema({ type: 'array', items: { type: 'string' } })).not.toHaveProperty('uniqueItems')
  })

  it('asks for what may be null and may be left out as for what it is otherwise', () => {
    const nullable = { anyOf: [{ type: 'integer', minimum: 1 }, { type: 'null' }], default: null, title: 'Count' }
    const asked = (required: string[]) => toFormSchema({ properties: { count: nullable }, required })
    expect(asked([])).toMatchObject({ properties: { count: { type: 'integer', minimum: 1, title: 'Count' } } })
    expect(asked([])['properties']).not.toHaveProperty('count.default')
    expect(asked(['count'])).toMatchObject({
      properties: { count: { anyOf: [{ title: 'Integer' }, { title: 'Null' }] } },
    })
  })

  it('has a word that must be that one chosen, and says where it can ask for nothing', () => {
    expect(toFormSchema({ properties: { kind: { const: 'room' }, anything: {} } })).toEqual({
      properties: { kind: { enum: ['room'] }, anything: { $comment: 'anything' } },
    })
  })

  it('names alternatives that only say what must be there', () => {
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
