type Schema = Readonly<Record<string, unknown>>

/**
 * Changes of a JSON Schema: input that is newly accepted (widened) and no longer accepted
 * (narrowed).
 */
export interface SchemaChanges {
  widened: string[]
  narrowed: string[]
}

/** Keywords for bounds, each group with the bound that applies if the keyword is absent. */
const BOUNDS = [
  [['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties'], Infinity],
  [['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties'], -Infinity],
] as const
/** Keywords that only restrict values. */
const RESTRICTIONS = ['pattern', 'format', 'const', 'multipleOf', 'uniqueItems']
const MAX_DEPTH = 16

/**
 * Compares two input schemas of a tool. Understands the keywords that schema libraries generate.
 * Changes of other keywords appear in the text comparison only.
 */
export function compareSchemas(before: unknown, after: unknown): SchemaChanges {
  const changes: SchemaChanges = { widened: [], narrowed: [] }
  compare(asSchema(before), asSchema(after), '', changes, 0)
  return changes
}

function compare(before: Schema, after: Schema, path: string, changes: SchemaChanges, depth: number): void {
  if (depth > MAX_DEPTH) return
  const at = path === '' ? '' : `${path} `
  const { widened, narrowed } = changes
  compareSets(typesOf(before), typesOf(after), `${at}accepts`, changes)
  compareSets(listOf(before['enum']), listOf(after['enum']), `${at}accepts`, changes)
  for (const [names, unbounded] of BOUNDS) {
    for (const name of names) {
      const [from, to] = [numberOr(before[name], unbounded), numberOr(after[name], unbounded)]
      if (from !== to) ((unbounded > 0 ? to > from : to < from) ? widened : narrowed).push(`${at}${name} ${shown(from)} → ${shown(to)}`)
    }
  }
  for (const name of RESTRICTIONS) {
    if (JSON.stringify(before[name]) === JSON.stringify(after[name])) continue
    if (after[name] === undefined) widened.push(`${at}no longer has a ${name}`)
    else narrowed.push(before[name] === undefined ? `${at}now has a ${name}` : `${at}has a different ${name}`)
  }
  if (isClosed(before) && !isClosed(after)) widened.push(`${at}accepts additional properties`)
  if (!isClosed(before) && isClosed(after)) narrowed.push(`${at}no longer accepts additional properties`)

  const [properties, others] = [asSchema(before['properties']), asSchema(after['properties'])]
  const [required, nowRequired] = [listOf(before['required']) ?? [], listOf(after['required']) ?? []]
  for (const name of new Set([...Object.keys(properties), ...Object.keys(others)])) {
    const place = path === '' ? name : `${path}.${name}`
    const isRequired = nowRequired.includes(JSON.stringify(name))
    const wasRequired = required.includes(JSON.stringify(name))
    if (!(name in properties)) {
      widened.push(`${place} is new`)
      if (isRequired) narrowed.push(`${place} is now required`)
    } else if (name in others) {
      if (wasRequired && !isRequired) widened.push(`${place} is now optional`)
      if (!wasRequired && isRequired) narrowed.push(`${place} is now required`)
      compare(asSchema(properties[name]), asSchema(others[name]), place, changes, depth + 1)
    } else {
      narrowed.push(`${place} is removed`)
    }
  }
  if (before['items'] !== undefined && after['items'] !== undefined)
    compare(asSchema(before['items']), asSchema(after['items']), `${path}[]`, changes, depth + 1)
}

/** Compares two sets of accepted values. Undefined means any value. */
function compareSets(
  before: readonly string[] | undefined,
  after: readonly string[] | undefined,
  what: string,
  { widened, narrowed }: SchemaChanges,
): void {
  if (before === undefined && after === undefined) return
  if (after === undefined) widened.push(`${what} any value`)
  else if (before === undefined) narrowed.push(`${what} only ${after.join(', ')}`)
  else {
    const added = after.filter((each) => !before.includes(each))
    const removed = before.filter((each) => !after.includes(each))
    if (added.length > 0) widened.push(`${what} ${added.join(', ')}`)
    if (removed.length > 0) narrowed.push(`${what.replace(/accepts$/, 'no longer accepts')} ${removed.join(', ')}`)
  }
}

function numberOr(value: unknown, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise
}

function shown(bound: number): string {
  return Number.isFinite(bound) ? String(bound) : 'none'
}

function typesOf({ type }: Schema): string[] | undefined {
  const types = typeof type === 'string' ? [type] : Array.isArray(type) ? type.filter((each) => typeof each === 'string') : undefined
  return types?.flatMap((each) => (each === 'number' ? ['number', 'integer'] : [each]))
}

/** Returns the values as JSON for comparison. */
function listOf(value: unknown): string[] | undefined {
  return Array.isArray(value) ? value.map((each) => JSON.stringify(each)) : undefined
}

function isClosed({ additionalProperties }: Schema): boolean {
  return additionalProperties === false
}

function asSchema(value: unknown): Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Schema) : {}
}
