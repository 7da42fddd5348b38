import { type OutputUnit, type SchemaDraft, Validator } from '@cfworker/json-schema'

/** A violation of the schema by a value. */
export interface Fault {
  /** Property names and indexes from the root. */
  path: string[]
  /** Predicate such as "is required". */
  message: string
}

/** Untrusted schema of a tenant, possibly invalid. */
export type Schema = Record<string, unknown>

/**
 * Validates a value without compiling the schema to code, because the CSP forbids eval. Throws if
 * the schema is invalid; then only the hosted server can validate the value.
 */
export function faultsOf(schema: Schema, value: unknown, definitions?: { id: string; schema: Schema }): Fault[] {
  // the library modifies schemas and rejects non-JSON values, so both are copied
  const validator = new Validator(structuredClone(schema), draftOf(schema), false)
  if (definitions) validator.addSchema(structuredClone(definitions.schema), definitions.id)
  const sent = asJson(value)
  const { valid, errors } = validator.validate(sent)
  return valid ? [] : toFaults(errors, sent)
}

const TOO_LARGE = `exceeds ${Number.MAX_SAFE_INTEGER} and would lose digits`

/**
 * Finds integers beyond the safe range. The schema may allow such integers, but JavaScript cannot
 * send their exact value.
 */
export function inexactNumbers(value: unknown, path: string[] = []): Fault[] {
  // from 1e21 on JavaScript uses the exponent notation, so no exact value is expected
  if (typeof value === 'number') {
    const hasDigits = Number.isInteger(value) && Math.abs(value) < 1e21
    return hasDigits && !Number.isSafeInteger(value) ? [{ path, message: TOO_LARGE }] : []
  }
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, each]) => inexactNumbers(each, [...path, name]))
}

const DRAFTS: [mark: string, draft: SchemaDraft][] = [
  ['draft-04', '4'],
  ['draft-06', '7'],
  ['draft-07', '7'],
  ['2019-09', '2019-09'],
]

/** Returns the draft named by `$schema`. MCP defaults to 2020-12. */
function draftOf({ $schema }: Schema): SchemaDraft {
  const named = typeof $schema === 'string' ? DRAFTS.find(([mark]) => $schema.includes(mark)) : undefined
  return named?.[1] ?? '2020-12'
}

function asJson(value: unknown): unknown {
  return value === undefined ? {} : JSON.parse(JSON.stringify(value))
}

/** Keywords whose errors only repeat an error of a nested value. */
const CONTAINERS = new Set([
  'properties',
  'patternProperties',
  'additionalProperties',
  'unevaluatedProperties',
  'items',
  'prefixItems',
  'additionalItems',
  'unevaluatedItems',
  'dependentSchemas',
  'allOf',
  'if',
  'then',
  'else',
  '$ref',
])

function toFaults(units: OutputUnit[], root: unknown): Fault[] {
  const reported = units.filter(({ keyword }) => !CONTAINERS.has(keyword))
  // a failed alternative reports each branch; only the failure as a whole is useful
  const choices = reported.filter(({ keyword }) => keyword === 'anyOf' || keyword === 'oneOf').map(({ keywordLocation }) => keywordLocation)
  return reported
    .filter(({ keywordLocation }) => !choices.some((choice) => keywordLocation.startsWith(`${choice}/`)))
    .map((unit) => ({ path: pathOf(unit), message: emptyMessage(unit, root) ?? messageOf(unit) }))
    .filter(
      ({ path, message }, index, all) => all.findIndex((other) => other.message === message && isSamePath(other.path, path)) === index,
    )
}

function isSamePath(one: string[], other: string[]): boolean {
  return one.length === other.length && one.every((part, index) => part === other[index])
}

/** Keywords that an empty field or item violates only because it is empty. */
const ABOUT_VALUES = new Set(['type', 'enum', 'const', 'format', 'pattern', 'minLength'])

function emptyMessage(unit: OutputUnit, root: unknown): string | undefined {
  if (!ABOUT_VALUES.has(unit.keyword)) return undefined
  let value = root
  for (const part of pathOf(unit)) value = (value as Record<string, unknown> | null | undefined)?.[part]
  if (value === null) return 'is empty, but a value is required'
  return value === '' ? 'is empty, but text is required' : undefined
}

/** Reads the limit and the present size from "… (has < limit).". */
function limitOf(error: string): [limit: string, has: string] {
  const [, has = '', limit = ''] = /\((\d+) [<>] (\d+)\)\.$/.exec(error) ?? []
  return [limit, has]
}

function counted(count: string, word: string): string {
  return `${count} ${word}${count === '1' ? '' : 's'}`
}

/** Counts items from 1, as the form does. */
function repeatedItems(error: string): string {
  const [, one = '0', other = '0'] = /indexes (\d+) and (\d+)/.exec(error) ?? []
  return `must not repeat an item, but items ${Number(one) + 1} and ${Number(other) + 1} are equal`
}

/** Assigns a missing property to the property itself, where the user looks for the error. */
function pathOf({ keyword, instanceLocation, error }: OutputUnit): string[] {
  const path = instanceLocation
    .split('/')
    .slice(1)
    .map((part) => decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~'))
  const missing = keyword === 'required' ? /required property "(.*)"\.$/s.exec(error)?.[1] : undefined
  return missing === undefined ? path : [...path, missing]
}

function messageOf({ keyword, error }: OutputUnit): string {
  if (keyword === 'required') return 'is required'
  const [limit, has] = limitOf(error)
  if (keyword === 'minLength')
    return has === '0' ? 'is empty, but text is required' : `must have at least ${limit} characters, but has ${has}`
  if (keyword === 'maxLength') return `must have at most ${limit} characters, but has ${has}`
  if (keyword === 'minItems') return `must have at least ${counted(limit, 'item')}, but has ${has}`
  if (keyword === 'maxItems') return `must have at most ${counted(limit, 'item')}, but has ${has}`
  if (keyword === 'uniqueItems') return repeatedItems(error)
  if (keyword === 'contains' || keyword === 'minContains') return 'lacks an item that the schema requires'
  if (keyword === 'minProperties') return 'has too few entries'
  if (keyword === 'maxProperties') return 'has too many entries'
  if (keyword === 'not') return 'has a value that is not allowed'
  if (keyword === 'dependentRequired') return error.replace(/^.*but does not have "(.*)"\.$/s, 'also needs $1')
  if (keyword === 'type')
    return `must be ${(/Expected (.*)\.$/.exec(error)?.[1] ?? 'of another type').replaceAll('", "', ' or ').replaceAll('"', '')}`
  if (keyword === 'enum' || keyword === 'const') return error.replace(/^.*?does not match /s, 'must be ').replace(/\.$/, '')
  if (keyword === 'anyOf' || keyword === 'oneOf') return 'does not match exactly one of the alternatives'
  if (keyword === 'pattern') return 'does not match the required pattern'
  if (keyword === 'format') return error.replace(/^.*format "(.*)"\.$/s, 'is not a valid $1')
  if (keyword === 'false') return 'is not allowed'
  return error.replace(/\.$/, '').replace(/^\S+ (?=is |has |does )/, '')
}
