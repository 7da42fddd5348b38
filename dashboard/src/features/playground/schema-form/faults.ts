import { type OutputUnit, type SchemaDraft, Validator } from '@cfworker/json-schema'

/** One thing about a value that its schema does not allow. */
export interface Fault {
  /** Property names and indexes, outermost first. */
  path: string[]
  /** A sentence without its subject: "is required". */
  message: string
}

/** Something a tenant wrote, which may be no schema at all. */
export type Schema = Record<string, unknown>

/**
 * What is wrong with a value. JSON Schema without compiling it to code, which the page's policy
 * forbids. Throws where the schema cannot be understood: then only the hosted server can say.
 */
export function faultsOf(schema: Schema, value: unknown, definitions?: { id: string; schema: Schema }): Fault[] {
  // the library marks the schemas it has seen, so it gets copies; and it takes nothing that JSON
  // has no word for
  const validator = new Validator(structuredClone(schema), draftOf(schema), false)
  if (definitions) validator.addSchema(structuredClone(definitions.schema), definitions.id)
  const { valid, errors } = validator.validate(asJson(value))
  return valid ? [] : toFaults(errors)
}

const TOO_LARGE = `is too large to be sent as it is: up to ${Number.MAX_SAFE_INTEGER} a number keeps all its digits`

/**
 * Whole numbers that have lost digits, or are next to some that have: the schema may allow them,
 * but they cannot be sent as they were written.
 */
export function inexactNumbers(value: unknown, path: string[] = []): Fault[] {
  // from 1e21 on it is written without its digits, so nobody takes them to be exact
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

/** 2020-12 unless it says otherwise, as the specification has it. */
function draftOf({ $schema }: Schema): SchemaDraft {
  const named = typeof $schema === 'string' ? DRAFTS.find(([mark]) => $schema.includes(mark)) : undefined
  return named?.[1] ?? '2020-12'
}

function asJson(value: unknown): unknown {
  return value === undefined ? {} : JSON.parse(JSON.stringify(value))
}

/** These only say that something below them is wrong, which has an entry of its own. */
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

function toFaults(units: OutputUnit[]): Fault[] {
  const told = units.filter(({ keyword }) => !CONTAINERS.has(keyword))
  // with alternatives each branch complains; that none fits is what matters
  const choices = told.filter(({ keyword }) => keyword === 'anyOf' || keyword === 'oneOf').map(({ keywordLocation }) => keywordLocation)
  return told
    .filter(({ keywordLocation }) => !choices.some((choice) => keywordLocation.startsWith(`${choice}/`)))
    .map((unit) => ({ path: pathOf(unit), message: messageOf(unit) }))
    .filter(({ path, message }, index, all) => all.findIndex((other) => other.message === message && sameWay(other.path, path)) === index)
}

function sameWay(one: string[], other: string[]): boolean {
  return one.length === other.length && one.every((part, index) => part === other[index])
}

/** A missing property is the fault of the property, where the person will look. */
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
  if (keyword === 'type')
    return `must be ${(/Expected (.*)\.$/.exec(error)?.[1] ?? 'of another type').replaceAll('", "', ' or ').replaceAll('"', '')}`
  if (keyword === 'enum' || keyword === 'const') return error.replace(/^.*?does not match /s, 'must be ').replace(/\.$/, '')
  if (keyword === 'anyOf' || keyword === 'oneOf') return 'fits none of the alternatives, or more than it may'
  if (keyword === 'pattern') return 'does not have the form that is asked for'
  if (keyword === 'format') return error.replace(/^.*format "(.*)"\.$/s, 'is not a valid $1')
  if (keyword === 'false') return 'is not allowed here'
  return error.replace(/\.$/, '').replace(/^\S+ (?=is |has |does )/, '')
}
