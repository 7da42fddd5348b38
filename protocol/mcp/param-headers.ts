import { decodeHeaderValue, encodeHeaderValue } from './header-value.ts'
import { isRecord } from '../record.ts'
import { headerMismatch } from './errors.ts'
import type { JsonRpcRequest } from './json-rpc.ts'

/**
 * A tool argument repeated in the header `Mcp-Param-{header}` (2026-07-28, custom headers from tool
 * parameters).
 */
export interface ParamHeader {
  /** Property names from the arguments' root. */
  path: string[]
  header: string
  type: 'string' | 'integer' | 'boolean'
}

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/ // RFC 9110 §5.6.2
const MAX_PROBLEMS = 20
const TYPES: ReadonlySet<unknown> = new Set(['string', 'integer', 'boolean'])

/**
 * Returns the `x-mcp-header` marks of an input schema, and the problems of invalid marks. Clients
 * must drop a tool with invalid marks.
 */
export function scanParamHeaders(inputSchema: unknown): { headers: ParamHeader[]; problems: string[] } {
  const headers: ParamHeader[] = []
  const problems: string[] = []
  const seen = new Set<string>()

  const visit = (schema: unknown, path: string[], reachable: boolean) => {
    if (Array.isArray(schema)) {
      for (const entry of schema) visit(entry, path, false)
      return
    }
    if (!isRecord(schema)) return
    for (const [keyword, value] of Object.entries(schema)) {
      if (keyword === 'x-mcp-header') mark(schema, value, path, reachable)
      else if (keyword === 'properties' && isRecord(value)) {
        for (const [name, property] of Object.entries(value)) visit(property, [...path, name], reachable)
      } else if (!DATA_KEYWORDS.has(keyword)) visit(value, path, false)
    }
  }
  const mark = (schema: Record<string, unknown>, value: unknown, path: string[], reachable: boolean) => {
    if (problems.length === MAX_PROBLEMS) return
    const where = path.length > 0 ? `"${path.join('.').slice(0, 200)}"` : 'the root'
    if (typeof value !== 'string' || !TOKEN.test(value))
      problems.push(`x-mcp-header of ${where} is not a header name: ${JSON.stringify(value).slice(0, 200)}`)
    else if (!reachable || path.length === 0)
      problems.push(`x-mcp-header "${value}" is allowed only on a property reached through "properties"`)
    else if (!TYPES.has(schema['type']))
      problems.push(`x-mcp-header "${value}" is on ${where}, but its type must be string, integer or boolean`)
    else if (seen.has(value.toLowerCase())) problems.push(`x-mcp-header "${value}" is used twice`)
    else {
      seen.add(value.toLowerCase())
      headers.push({ path, header: value, type: schema['type'] as ParamHeader['type'] })
    }
  }

  visit(inputSchema, [], true)
  return { headers, problems }
}

/** Keywords with data as values. An `x-mcp-header` inside a default marks nothing. */
const DATA_KEYWORDS: ReadonlySet<string> = new Set(['default', 'const', 'enum', 'examples', 'required', 'dependentRequired', 'type'])

/** Returns the `Mcp-Param-*` headers for a call. An absent or null argument has no header. */
export function buildParamHeaders(inputSchema: unknown, args: unknown): Record<string, string> {
  const built: Record<string, string> = {}
  for (const { path, header } of scanParamHeaders(inputSchema).headers) {
    const value = argumentAt(args, path)
    if (isPrimitive(value)) built[`Mcp-Param-${header}`] = encodeHeaderValue(String(value))
  }
  return built
}

/**
 * Checks the `Mcp-Param-*` headers of a `tools/call` against the arguments. Integers are compared
 * by value. Throws -32020 if a header differs, is missing, or has no argument in the body.
 */
export function checkParamHeaders(inputSchema: unknown, { id, params }: JsonRpcRequest, headers: Headers): void {
  for (const { path, header, type } of scanParamHeaders(inputSchema).headers) {
    const name = `Mcp-Param-${header}`
    const value = argumentAt(params?.['arguments'], path)
    const sent = headers.get(name)
    const decoded = sent === null ? undefined : decodeHeaderValue(sent)
    const agrees = value === undefined || value === null ? sent === null : decoded !== undefined && isSame(decoded, value, type)
    if (!agrees) throw headerMismatch(`The header ${name} does not match the arguments.`, id)
  }
}

function isSame(decoded: string, value: unknown, type: ParamHeader['type']): boolean {
  if (type === 'integer' && typeof value === 'number') return /^-?\d+(?:\.0+)?$/.test(decoded) && Number(decoded) === value
  return isPrimitive(value) && decoded === String(value)
}

function argumentAt(args: unknown, path: string[]): unknown {
  let value = args
  for (const name of path) value = isRecord(value) && Object.hasOwn(value, name) ? value[name] : undefined
  return value
}

/** Returns false for arrays and objects, because their text can equal the text of a string. */
function isPrimitive(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
}
