import { isRecord } from '../../record.ts'

/**
 * Output schemas for clients of revisions with sessions. Structured content is always an object
 * there, so other values and their schemas are wrapped as `{ result: … }`.
 */

const DATA_KEYWORDS: ReadonlySet<string> = new Set(['const', 'enum', 'default', 'examples'])
const NAME_MAPS: ReadonlySet<string> = new Set(['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas'])

/** Returns true for a schema that allows values other than objects. */
export function needsWrapping(outputSchema: unknown): outputSchema is Record<string, unknown> {
  return isRecord(outputSchema) && outputSchema['type'] !== 'object'
}

/**
 * Returns the wrapped schema. References into the schema are changed to the new place, except below
 * an `$id` with its own base.
 */
export function wrapSchema(schema: Record<string, unknown>): Record<string, unknown> {
  const dialect = typeof schema['$schema'] === 'string' ? { $schema: schema['$schema'] } : {}
  return { ...dialect, type: 'object', properties: { result: relocate(schema, false) }, required: ['result'] }
}

/**
 * Returns the schema of an object without boolean property schemas, because clients of revisions
 * with sessions expect objects there.
 */
export function withObjectProperties(schema: unknown): unknown {
  if (!isRecord(schema) || !isRecord(schema['properties'])) return schema
  const properties = Object.entries(schema['properties']).map(([name, property]) => {
    if (typeof property !== 'boolean') return [name, property]
    return [name, property ? {} : { not: {} }]
  })
  return { ...schema, properties: Object.fromEntries(properties) }
}

function relocate(node: unknown, names: boolean): unknown {
  if (Array.isArray(node)) return node.map((entry) => relocate(entry, false))
  if (!isRecord(node) || (!names && typeof node['$id'] === 'string' && !node['$id'].startsWith('#'))) return node
  return Object.fromEntries(
    Object.entries(node).map(([key, value]) => {
      if (names) return [key, relocate(value, false)]
      if ((key === '$ref' || key === '$dynamicRef') && typeof value === 'string') return [key, relocateReference(value)]
      return [key, DATA_KEYWORDS.has(key) ? value : relocate(value, NAME_MAPS.has(key))]
    }),
  )
}

function relocateReference(reference: string): string {
  if (reference === '#') return '#/properties/result'
  return reference.startsWith('#/') ? `#/properties/result${reference.slice(1)}` : reference
}
