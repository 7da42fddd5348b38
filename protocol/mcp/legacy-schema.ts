import { isRecord } from '../record.ts'

/**
 * Output schemas for clients of the session-bearing revisions, where structured content is always an object: what is none is wrapped as `{ result: … }`,
 * its schema and its values alike.
 */

const DATA_KEYWORDS: ReadonlySet<string> = new Set(['const', 'enum', 'default', 'examples'])
const NAME_MAPS: ReadonlySet<string> = new Set(['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas'])

/** True for a schema whose values may be other than objects. */
export function needsWrapping(outputSchema: unknown): outputSchema is Record<string, unknown> {
  return isRecord(outputSchema) && outputSchema['type'] !== 'object'
}

/** References to places in the schema follow it to where it now stands, unless it has a base of its own. */
export function wrapSchema(schema: Record<string, unknown>): Record<string, unknown> {
  const dialect = typeof schema['$schema'] === 'string' ? { $schema: schema['$schema'] } : {}
  return { ...dialect, type: 'object', properties: { result: moved(schema, false) }, required: ['result'] }
}

function moved(node: unknown, names: boolean): unknown {
  if (Array.isArray(node)) return node.map((entry) => moved(entry, false))
  if (!isRecord(node) || (!names && typeof node['$id'] === 'string' && !node['$id'].startsWith('#'))) return node
  return Object.fromEntries(
    Object.entries(node).map(([key, value]) => {
      if (names) return [key, moved(value, false)]
      if ((key === '$ref' || key === '$dynamicRef') && typeof value === 'string') return [key, movedReference(value)]
      return [key, DATA_KEYWORDS.has(key) ? value : moved(value, NAME_MAPS.has(key))]
    }),
  )
}

function movedReference(reference: string): string {
  if (reference === '#') return '#/properties/result'
  return reference.startsWith('#/') ? `#/properties/result${reference.slice(1)}` : reference
}

/**
 * Where arguments plainly do not fit a tool's input schema: types, required and unknown properties, enums. References, alternatives and patterns are taken to
 * fit, so that no tenant's expression is run here. Undefined = no misfit seen.
 */
export function findMisfit(schema: unknown, value: unknown, at = 'arguments', depth = 0): string | undefined {
  if (!isRecord(schema) || depth > 16) return undefined
  const types = Array.isArray(schema['type']) ? schema['type'] : schema['type'] === undefined ? [] : [schema['type']]
  if (types.length > 0 && !types.some((type) => isOfType(value, type))) return `${at} is not of type ${types.join(' or ')}`
  const choices = 'const' in schema ? [schema['const']] : schema['enum']
  if (Array.isArray(choices) && !choices.some((choice) => JSON.stringify(choice) === JSON.stringify(value)))
    return `${at} is not one of its choices`
  if (Array.isArray(value)) {
    for (const [index, entry] of value.entries()) {
      const misfit = findMisfit(schema['items'], entry, `${at}[${index}]`, depth + 1)
      if (misfit !== undefined) return misfit
    }
    return undefined
  }
  return isRecord(value) ? findMisfitProperty(schema, value, at, depth) : undefined
}

function findMisfitProperty(
  schema: Record<string, unknown>,
  value: Record<string, unknown>,
  at: string,
  depth: number,
): string | undefined {
  const properties = isRecord(schema['properties']) ? schema['properties'] : {}
  const required = Array.isArray(schema['required']) ? schema['required'] : []
  const missing = required.find((name) => typeof name === 'string' && !Object.hasOwn(value, name))
  if (missing !== undefined) return `${at}.${String(missing)} is required`
  for (const [name, entry] of Object.entries(value)) {
    if (Object.hasOwn(properties, name)) {
      const misfit = findMisfit(properties[name], entry, `${at}.${name}`, depth + 1)
      if (misfit !== undefined) return misfit
    } else if (schema['additionalProperties'] === false && schema['patternProperties'] === undefined) return `${at}.${name} is unknown`
  }
  return undefined
}

function isOfType(value: unknown, type: unknown): boolean {
  switch (type) {
    case 'object':
      return isRecord(value)
    case 'array':
      return Array.isArray(value)
    case 'null':
      return value === null
    case 'integer':
      return Number.isInteger(value)
    default:
      return typeof value === type
  }
}
