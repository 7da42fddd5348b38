import type { Schema } from './faults.ts'

/**
 * Keywords the form's library passes over, so that what the person enters could not be what the
 * schema asks for.
 */
const UNSUPPORTED = ['prefixItems', 'patternProperties', 'contains', 'dependentSchemas', '$dynamicRef', '$recursiveRef']
const MAX_DEPTH = 20

/** Why there can be no form for a schema, in a few words; undefined where there can. */
export function formFault(schema: Schema): string | undefined {
  return faultBelow(schema, 0)
}

function faultBelow(node: unknown, depth: number): string | undefined {
  if (depth > MAX_DEPTH) return 'it is nested too deeply'
  if (Array.isArray(node)) return firstOf(node, (each) => faultBelow(each, depth + 1))
  if (!isObject(node)) return undefined
  const keyword = UNSUPPORTED.find((name) => name in node)
  if (keyword !== undefined) return `it uses ${keyword}`
  const { $ref: ref } = node
  if (typeof ref === 'string' && !ref.startsWith('#')) return 'it refers to a schema that is elsewhere'
  return firstOf(Object.entries(node), ([name, each]) =>
    // a property may be called as it likes, and examples are data
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
 * The same schema in the words the form's library knows: `enumNames` (as elicitation had it) as
 * titled alternatives, and a list of choices as one that holds each once, which is what makes it
 * boxes to tick. Alternatives without a name get one that tells them apart.
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

/** Keywords of which a schema has one at least, unless it allows anything. */
const TELLING = ['type', 'enum', 'const', 'oneOf', 'anyOf', 'allOf', '$ref', 'properties', 'additionalProperties', 'items', 'if']

function toProperty(property: unknown, isRequired: boolean): unknown {
  if (!isObject(property)) return property
  const { const: only, ...rest } = toFormSchema(isRequired ? property : withoutNull(property))
  // a word that has to be this one is chosen, not typed
  if (only !== undefined) return { ...rest, enum: [only] }
  // with nothing to go by the library shows nothing; with anything that it does not know it says so
  return TELLING.some((name) => name in rest) ? rest : { ...rest, $comment: 'anything' }
}

/** What may be null and may be left out is left out: a form has no need of a way to say each. */
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
  string: 'A text',
  integer: 'A whole number',
  number: 'A number',
  boolean: 'Yes or no',
  array: 'A list',
  object: 'An object',
  null: 'Nothing (null)',
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

/** True where there is nothing to fill in. */
export function takesNothing(schema: Schema): boolean {
  const { properties, additionalProperties } = schema
  const open = additionalProperties !== undefined && additionalProperties !== false
  const composed = ['oneOf', 'anyOf', 'allOf', '$ref', 'if'].some((name) => name in schema)
  return !open && !composed && Object.keys((properties as Schema | undefined) ?? {}).length === 0
}

function isObject(node: unknown): node is Schema {
  return typeof node === 'object' && node !== null && !Array.isArray(node)
}
