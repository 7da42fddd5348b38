import type { Schema } from './faults.ts'

/** Keywords ignored by the form library, so a form would allow invalid values. */
const UNSUPPORTED = ['prefixItems', 'patternProperties', 'contains', 'dependentSchemas', '$dynamicRef', '$recursiveRef']
const MAX_DEPTH = 20

/** Returns the reason why a schema has no form. Undefined if a form is possible. */
export function formFault(schema: Schema): string | undefined {
  return faultBelow(schema, 0)
}

function faultBelow(node: unknown, depth: number): string | undefined {
  if (depth > MAX_DEPTH) return 'the schema is nested too deeply'
  if (Array.isArray(node)) return firstOf(node, (each) => faultBelow(each, depth + 1))
  if (!isObject(node)) return undefined
  const keyword = UNSUPPORTED.find((name) => name in node)
  if (keyword !== undefined) return `the schema uses ${keyword}`
  const { $ref: ref } = node
  if (typeof ref === 'string' && !ref.startsWith('#')) return 'the schema refers to an external schema'
  return firstOf(Object.entries(node), ([name, each]) =>
    // property names and example data are not keywords
    name === 'properties' && isObject(each)
      ? firstOf(Object.values(each), (property) => faultBelow(property, depth + 1))
      : DATA.has(name)
        ? undefined
        : faultBelow(each, depth + 1),
  )
}

const DATA: ReadonlySet<string> = new Set(['default', 'examples', 'const', 'enum'])

function firstOf<T>(all: readonly T[], find: (each: T) => string | undefined): string | undefined {
  for (const each of all) {
    const found = find(each)
    if (found !== undefined) return found
  }
  return undefined
}

/**
 * Translates a schema for the form library. `enumNames` of elicitation become titled alternatives.
 * A list of choices gets `uniqueItems`, which the library renders as checkboxes. Untitled
 * alternatives get a title.
 */
export function toFormSchema(schema: Schema): Schema {
  const required = Array.isArray(schema['required']) ? schema['required'] : []
  const walked = Object.fromEntries(
    Object.entries(schema).map(([name, each]) => {
      if (name === 'properties' && isObject(each)) {
        return [name, Object.fromEntries(Object.entries(each).map(([key, one]) => [key, toProperty(one, required.includes(key))]))]
      }
      return [name, DATA.has(name) ? each : walk(each)]
    }),
  )
  for (const name of ['anyOf', 'oneOf']) if (Array.isArray(walked[name])) walked[name] = walked[name].map(titled)
  const { enum: values, enumNames: names, ...rest } = walked
  if (Array.isArray(values) && Array.isArray(names)) {
    return { ...rest, oneOf: values.map((value: unknown, index) => ({ const: value, title: String(names[index] ?? value) })) }
  }
  return walked['type'] === 'array' && isChoice(walked['items']) ? { ...walked, uniqueItems: true } : walked
}

/** Keywords describing a value. A schema without such a keyword allows any value. */
const DESCRIPTIVE = ['type', 'enum', 'const', 'oneOf', 'anyOf', 'allOf', '$ref', 'properties', 'additionalProperties', 'items', 'if']

function toProperty(property: unknown, isRequired: boolean): unknown {
  if (!isObject(property)) return property
  const { const: only, ...rest } = toFormSchema(isRequired ? property : withoutNull(property))
  // a constant is selected instead of typed
  if (only !== undefined) return { ...rest, enum: [only] }
  // the library renders nothing for an empty schema, and a notice for an unknown keyword
  return DESCRIPTIVE.some((name) => name in rest) ? rest : { ...rest, $comment: 'anything' }
}

/** Removes null from an optional property, because the form leaves the property out instead. */
function withoutNull(property: Schema): Schema {
  for (const name of ['anyOf', 'oneOf']) {
    const { [name]: alternatives, default: byDefault, ...rest } = property
    if (!Array.isArray(alternatives)) continue
    const others = alternatives.filter((each) => !isObject(each) || each['type'] !== 'null')
    if (others.length === alternatives.length) continue
    const kept = byDefault === undefined || byDefault === null ? rest : { ...rest, default: byDefault }
    return others.length === 1 && isObject(others[0]) ? { ...others[0], ...kept } : { ...kept, [name]: others }
  }
  return property
}

const TYPES: Record<string, string> = {
  string: 'Text',
  integer: 'Integer',
  number: 'Number',
  boolean: 'Yes or no',
  array: 'List',
  object: 'Object',
  null: 'Null',
}

function titled(alternative: unknown): unknown {
  if (!isObject(alternative) || 'title' in alternative || 'const' in alternative || '$ref' in alternative) return alternative
  const { type, required } = alternative
  if (Object.keys(alternative).length === 1 && Array.isArray(required)) return { title: `With ${required.join(' and ')}`, ...alternative }
  const title = typeof type === 'string' ? TYPES[type] : undefined
  return title === undefined ? alternative : { title, ...alternative }
}

function walk(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(walk)
  return isObject(node) ? toFormSchema(node) : node
}

function isChoice(items: unknown): boolean {
  if (!isObject(items)) return false
  const alternatives = items['oneOf'] ?? items['anyOf']
  return Array.isArray(items['enum']) || (Array.isArray(alternatives) && alternatives.every((each) => isObject(each) && 'const' in each))
}

/** Returns true if a schema has no fields. */
export function hasNoFields(schema: Schema): boolean {
  const { properties, additionalProperties } = schema
  const open = additionalProperties !== undefined && additionalProperties !== false
  const composed = ['oneOf', 'anyOf', 'allOf', '$ref', 'if'].some((name) => name in schema)
  return !open && !composed && Object.keys((properties as Schema | undefined) ?? {}).length === 0
}

function isObject(node: unknown): node is Schema {
  return typeof node === 'object' && node !== null && !Array.isArray(node)
}
