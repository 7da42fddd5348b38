import { isRecord } from '../record.ts'
import { patternFault } from './pattern-syntax.ts'

/**
 * Checks the structure of a JSON Schema (2020-12), within limits. Reads each part once, and neither
 * runs nor compiles a tenant's pattern (docs/decisions/0014). References must stay inside the
 * document.
 */

const MAX_DEPTH = 32
const MAX_SCHEMAS = 2_000
const MAX_ALTERNATIVES = 128
const MAX_ENUM = 2_000
const MAX_PROBLEMS = 20
const MAX_QUOTED = 200
const MAX_MINIMAL = 200

const DIALECT = 'https://json-schema.org/draft/2020-12/schema'
const TYPES: ReadonlySet<unknown> = new Set(['string', 'number', 'integer', 'boolean', 'object', 'array', 'null'])

const SCHEMA = new Set([
  'items',
  'contains',
  'additionalProperties',
  'unevaluatedItems',
  'unevaluatedProperties',
  'propertyNames',
  'not',
  'if',
  'then',
  'else',
  'contentSchema',
])
const SCHEMA_LIST = new Set(['allOf', 'anyOf', 'oneOf', 'prefixItems'])
const SCHEMA_MAP = new Set(['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas'])
const COUNT = new Set(['maxLength', 'minLength', 'maxItems', 'minItems', 'maxProperties', 'minProperties', 'maxContains', 'minContains'])
const NUMBER = new Set(['maximum', 'minimum', 'exclusiveMaximum', 'exclusiveMinimum', 'multipleOf'])

/** Returns up to twenty faults, each with a JSON Pointer. */
export function checkSchema(root: unknown): string[] {
  const problems: string[] = []
  const anchors = new Set<string>()
  const references: { pointer: string; reference: string }[] = []
  let schemas = 0
  const wrong = (pointer: string, problem: string) => {
    if (problems.length < MAX_PROBLEMS) problems.push(`${shortened(pointer) || 'the root'}: ${problem}`)
  }

  const visit = (schema: unknown, pointer: string, depth: number) => {
    if (typeof schema === 'boolean') return
    if (!isRecord(schema)) return wrong(pointer, 'a schema must be an object or a boolean')
    if (depth > MAX_DEPTH) return wrong(pointer, `schemas are nested deeper than ${MAX_DEPTH}`)
    if (++schemas > MAX_SCHEMAS) {
      if (schemas === MAX_SCHEMAS + 1) wrong(pointer, `there are more than ${MAX_SCHEMAS} schemas`)
      return
    }
    for (const [keyword, value] of Object.entries(schema)) {
      const at = `${pointer}/${escape(keyword)}`
      if (SCHEMA.has(keyword)) visit(value, at, depth + 1)
      else if (SCHEMA_LIST.has(keyword)) visitList(keyword, value, at, depth)
      else if (SCHEMA_MAP.has(keyword)) visitMap(keyword, value, at, depth)
      else checkKeyword(keyword, value, at)
    }
  }
  const visitList = (keyword: string, value: unknown, at: string, depth: number) => {
    if (!Array.isArray(value) || value.length === 0) return wrong(at, `${keyword} must be a list of at least one schema`)
    if (value.length > MAX_ALTERNATIVES) return wrong(at, `${keyword} has more than ${MAX_ALTERNATIVES} schemas`)
    for (const [index, entry] of value.entries()) visit(entry, `${at}/${index}`, depth + 1)
  }
  const visitMap = (keyword: string, value: unknown, at: string, depth: number) => {
    if (!isRecord(value)) return wrong(at, `${keyword} must be an object of schemas`)
    for (const [name, entry] of Object.entries(value)) {
      if (keyword === 'patternProperties') checkPattern(name, at)
      visit(entry, `${at}/${escape(name)}`, depth + 1)
    }
  }
  const checkPattern = (pattern: string, at: string) => {
    const fault = patternFault(pattern)
    if (fault !== undefined) wrong(at, `the pattern ${quoted(pattern)} ${fault}`)
  }
  const checkKeyword = (keyword: string, value: unknown, at: string) => {
    if (keyword === '$schema' && !(typeof value === 'string' && value.replace(/#$/, '') === DIALECT)) {
      wrong(at, `$schema must be ${DIALECT}, but is ${quoted(value)}`)
    } else if (keyword === '$ref' || keyword === '$dynamicRef') {
      if (typeof value === 'string' && value.startsWith('#')) references.push({ pointer: at, reference: value })
      else wrong(at, `the reference ${quoted(value)} must stay inside the document`)
    } else if (keyword === '$anchor' || keyword === '$dynamicAnchor') {
      if (typeof value === 'string' && /^[A-Za-z_][\w.-]*$/.test(value)) anchors.add(value)
      else wrong(at, 'an anchor must be a plain name')
    } else if (keyword === 'type') {
      const types = Array.isArray(value) ? value : [value]
      if (types.length === 0 || !types.every((type) => TYPES.has(type))) wrong(at, `${quoted(value)} is not a type`)
    } else if (keyword === 'required') {
      if (!Array.isArray(value) || !value.every((name) => typeof name === 'string')) wrong(at, 'required must be a list of property names')
    } else if (keyword === 'enum') {
      if (!Array.isArray(value)) wrong(at, 'enum must be a list')
      else if (value.length > MAX_ENUM) wrong(at, `enum has more than ${MAX_ENUM} values`)
    } else if (keyword === 'pattern') {
      if (typeof value === 'string') checkPattern(value, at)
      else wrong(at, 'pattern must be a string')
    } else if (COUNT.has(keyword)) {
      if (!Number.isSafeInteger(value) || (value as number) < 0) wrong(at, `${keyword} must be a whole number, zero or more`)
    } else if (NUMBER.has(keyword)) {
      if (typeof value !== 'number' || (keyword === 'multipleOf' && value <= 0))
        wrong(at, `${keyword} must be a number${keyword === 'multipleOf' ? ' above zero' : ''}`)
    }
  }

  visit(root, '', 0)
  for (const { pointer, reference } of references) {
    if (!resolves(root, reference, anchors)) wrong(pointer, `${shortened(reference)} is not found in the schema`)
  }
  return problems
}

function resolves(root: unknown, reference: string, anchors: ReadonlySet<string>): boolean {
  const fragment = decode(reference.slice(1))
  if (fragment === undefined) return false
  if (fragment === '') return true
  if (!fragment.startsWith('/')) return anchors.has(fragment)
  let at = root
  for (const part of fragment.slice(1).split('/')) {
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~')
    if (Array.isArray(at)) at = at[Number(name)]
    else if (isRecord(at) && Object.hasOwn(at, name)) at = at[name]
    else return false
  }
  return typeof at === 'boolean' || isRecord(at)
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

/** Returns a value of the schema as short JSON. */
function quoted(value: unknown): string {
  return shortened(JSON.stringify(value) ?? String(value))
}

function shortened(text: string): string {
  return text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}…` : text
}

function escape(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1')
}

/**
 * Returns the smallest valid arguments: the required properties by default, const, enum or type.
 * Returns undefined if required parts use references or alternatives, or if the arguments have
 * more than `budget.values` values.
 */
export function minimalValue(schema: unknown, depth = 0, budget = { values: MAX_MINIMAL }): unknown {
  if (budget.values-- === 0) return undefined
  if (schema === true) return {}
  if (!isRecord(schema) || depth > 8) return undefined
  if ('default' in schema) return schema['default']
  if ('const' in schema) return schema['const']
  if (Array.isArray(schema['enum'])) return schema['enum'][0]
  if (['$ref', 'allOf', 'anyOf', 'oneOf', 'if', 'not', 'pattern', 'format'].some((keyword) => keyword in schema)) return undefined
  const type = Array.isArray(schema['type']) ? schema['type'][0] : schema['type']
  if (type === 'string') {
    const length = Number(schema['minLength'] ?? 1)
    return length <= 1_000 ? 'x'.repeat(Math.max(1, length)) : undefined
  }
  if (type === 'number' || type === 'integer') return minimalNumber(schema)
  if (type === 'boolean') return false
  if (type === 'null') return null
  if (type === 'array') return Number(schema['minItems'] ?? 0) === 0 ? [] : undefined
  if (type !== 'object') return undefined
  const value: Record<string, unknown> = {}
  const properties = isRecord(schema['properties']) ? schema['properties'] : {}
  for (const name of new Set(Array.isArray(schema['required']) ? (schema['required'] as string[]) : [])) {
    const part = minimalValue(properties[name], depth + 1, budget)
    if (part === undefined) return undefined
    value[name] = part
  }
  return value
}

function minimalNumber(schema: Record<string, unknown>): number {
  const step = Number(schema['multipleOf'] ?? 1)
  const low = Number(schema['minimum'] ?? (schema['exclusiveMinimum'] === undefined ? 0 : Number(schema['exclusiveMinimum']) + step))
  const high = Number(
    schema['maximum'] ?? (schema['exclusiveMaximum'] === undefined ? Infinity : Number(schema['exclusiveMaximum']) - step),
  )
  return Math.min(Math.max(0, Math.ceil(low / step) * step), high)
}
