import { isRecord } from '../../record.ts'

/**
 * Returns the first clear mismatch of arguments with an input schema: type, required or unknown
 * property, or enum. Ignores references, alternatives and patterns, because the platform never runs
 * a tenant's regular expression.
 */
export function findMisfit(schema: unknown, value: unknown, at = 'arguments', depth = 0): string | undefined {
  if (!isRecord(schema) || depth > 16) return undefined
  const types = Array.isArray(schema['type']) ? schema['type'] : schema['type'] === undefined ? [] : [schema['type']]
  if (types.length > 0 && !types.some((type) => isOfType(value, type))) return `${at} is not of type ${types.join(' or ')}`
  const choices = 'const' in schema ? [schema['const']] : schema['enum']
  if (Array.isArray(choices) && !choices.some((choice) => JSON.stringify(choice) === JSON.stringify(value)))
    return `${at} is not one of the allowed values`
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
