import type { Surface, ToolDefinition } from '../../../../../protocol/api.ts'
import { compareSchemas } from './schema-changes.ts'

type Entry = Readonly<Record<string, unknown>>

/** A changed field of an entry present in the two versions. */
export interface Difference {
  /** Name of the field, such as "description". */
  field: string
  before: string
  after: string
  /** Newly accepted and no longer accepted input, if the field is an input schema. */
  widened?: string[]
  narrowed?: string[]
}

export interface EntryChange {
  kind: 'added' | 'removed' | 'changed'
  name: string
  differences: Difference[]
  /** Changes that increase the risk of the tool, as predicates such as "is now destructive". */
  dangers: string[]
  /** Changes that break calls which worked before. */
  breaks: string[]
}

export interface SurfaceChanges {
  /** Changes of the server details. */
  server: Difference[]
  tools: EntryChange[]
  prompts: EntryChange[]
  resources: EntryChange[]
  resourceTemplates: EntryChange[]
}

/** Compares the surfaces of two versions. A version with failed discovery has an empty surface. */
export function compareSurfaces(before: Surface | null, after: Surface | null): SurfaceChanges {
  const list = (name: 'prompts' | 'resources' | 'resourceTemplates', key: string) =>
    compareLists(before?.[name] ?? [], after?.[name] ?? [], key, () => ({ dangers: [], breaks: [] }))
  const self = (surface: Surface | null): Entry =>
    surface ? { ...surface.serverInfo, instructions: surface.instructions, capabilities: surface.capabilities } : {}
  return {
    server: differences(self(before), self(after)),
    tools: compareLists(before?.tools ?? [], after?.tools ?? [], 'name', judgeTool),
    prompts: list('prompts', 'name'),
    resources: list('resources', 'uri'),
    resourceTemplates: list('resourceTemplates', 'uriTemplate'),
  }
}

export function isSame(changes: SurfaceChanges): boolean {
  return Object.values(changes).every((each: unknown[]) => each.length === 0)
}

type Judgement = Pick<EntryChange, 'dangers' | 'breaks'>

function compareLists<T extends Entry>(
  before: readonly T[],
  after: readonly T[],
  key: string,
  judge: (before: T | undefined, after: T | undefined) => Judgement,
): EntryChange[] {
  const byKey = (entries: readonly T[]) => new Map(entries.map((entry) => [String(entry[key]), entry]))
  const [old, now] = [byKey(before), byKey(after)]
  const changes: EntryChange[] = []
  for (const name of new Set([...now.keys(), ...old.keys()])) {
    const [was, is] = [old.get(name), now.get(name)]
    if (!was || !is) changes.push({ kind: is ? 'added' : 'removed', name, differences: [], ...judge(was, is) })
    else {
      const found = differences(was, is)
      if (found.length > 0) changes.push({ kind: 'changed', name, differences: found, ...judge(was, is) })
    }
  }
  return changes.toSorted((a, b) => b.dangers.length - a.dangers.length)
}

/** Returns the hints of a tool, with the protocol's defaults for absent hints. */
function hintsOf({ annotations = {} }: ToolDefinition) {
  const readOnly = annotations.readOnlyHint === true
  return {
    readOnly,
    destructive: !readOnly && annotations.destructiveHint !== false,
    declaredDestructive: annotations.destructiveHint === true,
    idempotent: readOnly || annotations.idempotentHint === true,
    openWorld: annotations.openWorldHint !== false,
  }
}

function judgeTool(before: ToolDefinition | undefined, after: ToolDefinition | undefined): Judgement {
  if (!after) return { dangers: [], breaks: ['the tool is removed'] }
  const is = hintsOf(after)
  if (!before) {
    if (is.readOnly) return { dangers: [], breaks: [] }
    return { dangers: [is.declaredDestructive ? 'is new and destructive' : 'is new and can write'], breaks: [] }
  }
  const was = hintsOf(before)
  const { widened, narrowed } = compareSchemas(before.inputSchema, after.inputSchema)
  const dangers = [
    ...(was.readOnly && !is.readOnly ? ['is no longer read-only and needs mcp:write'] : []),
    ...((is.destructive && !was.destructive && !was.readOnly) || (is.declaredDestructive && !was.declaredDestructive)
      ? ['is now destructive']
      : []),
    ...(is.openWorld && !was.openWorld ? ['can now reach external systems'] : []),
    ...(was.idempotent && !is.idempotent && !was.readOnly ? ['is no longer idempotent'] : []),
    ...(widened.length > 0 && !is.readOnly ? ['accepts more input'] : []),
  ]
  const needsMore = was.readOnly && !is.readOnly ? ['clients with mcp:read only must request mcp:write'] : []
  return { dangers, breaks: [...narrowed, ...needsMore] }
}

function differences(before: Entry, after: Entry): Difference[] {
  const fields = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  return fields.flatMap((field) => {
    const [was, is] = [written(before[field]), written(after[field])]
    if (was === is) return []
    const schema = field === 'inputSchema' ? compareSchemas(before[field], after[field]) : {}
    return [{ field, before: was, after: is, ...schema }]
  })
}

/**
 * Returns a string unchanged and other values as JSON with sorted keys, so key order is no
 * change.
 */
function written(value: unknown): string {
  if (value === undefined) return ''
  return typeof value === 'string' ? value : JSON.stringify(ordered(value), null, 2)
}

function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([name, each]) => [name, ordered(each)]))
}
