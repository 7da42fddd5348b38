import type { ToolDefinition } from '../../protocol/versions/surface.ts'

/** An argument of a tool, as a page shows it. */
export interface ToolArgument {
  name: string
  type: string
  isRequired: boolean
  description: string
}

/** More arguments are counted, not listed. */
export const MAX_ARGUMENTS = 30
const MAX_VALUES = 6
const MAX_TEXT = 200

/** Returns the first arguments of a tool. Reads the tenant's schema one level deep. */
export function argumentsOf({ inputSchema }: Pick<ToolDefinition, 'inputSchema'>): { shown: ToolArgument[]; more: number } {
  const { properties, required } = inputSchema
  const entries = isObject(properties) ? Object.entries(properties) : []
  const needed = new Set(Array.isArray(required) ? required : [])
  const shown = entries.slice(0, MAX_ARGUMENTS).map(([name, schema]) => ({
    name,
    type: typeOf(schema),
    isRequired: needed.has(name),
    description: isObject(schema) && typeof schema['description'] === 'string' ? schema['description'].slice(0, MAX_TEXT) : '',
  }))
  return { shown, more: entries.length - shown.length }
}

function typeOf(schema: unknown): string {
  if (!isObject(schema)) return 'any'
  const { enum: values, const: only, type, items, format } = schema
  if (Array.isArray(values)) return listOf(values)
  if (only !== undefined) return listOf([only])
  if (type === 'array') return `array of ${isObject(items) && typeof items['type'] === 'string' ? items['type'] : 'any'}`.slice(0, MAX_TEXT)
  if (Array.isArray(type)) return type.slice(0, MAX_VALUES).map(String).join(' or ').slice(0, MAX_TEXT)
  if (typeof type !== 'string') return 'any'
  return (typeof format === 'string' ? `${type}, ${format}` : type).slice(0, MAX_TEXT)
}

function listOf(values: unknown[]): string {
  const shown = values.slice(0, MAX_VALUES).map((value) => (typeof value === 'object' ? '…' : JSON.stringify(value)?.slice(0, 40)))
  return shown.join(' | ') + (values.length > MAX_VALUES ? ' | …' : '')
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
