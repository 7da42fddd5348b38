import type { Surface, ToolDefinition } from '../../../../../protocol/api.ts'
import { compareSchemas } from './schema-changes.ts'

type Entry = Readonly<Record<string, unknown>>

/** One thing that differs in something both versions have. */
export interface Difference {
  /** "description", "inputSchema" … */
  field: string
  before: string
  after: string
  /** Of an input schema: what calls it takes now, and which no longer. */
  widened?: string[]
  narrowed?: string[]
}

export interface EntryChange {
  kind: 'added' | 'removed' | 'changed'
  name: string
  differences: Difference[]
  /** Why a client, or the person behind it, should look twice: a sentence each without its subject. */
  dangers: string[]
  /** What of it stops calls from working that worked. */
  breaks: string[]
}

export interface SurfaceChanges {
  /** Of what the server says of itself. */
  server: Difference[]
  tools: EntryChange[]
  prompts: EntryChange[]
  resources: EntryChange[]
  resourceTemplates: EntryChange[]
}

/** What clients will see change from one version to another. A version whose discovery failed shows them nothing. */
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

/** The hints of a tool, what is left out being what the protocol says it then is. They are the server's own word: a change of them is what can be seen of a change of nature. */
function hintsOf({ annotations = {} }: ToolDefinition) {
  const readOnly = annotations.readOnlyHint === true
  return {
    readOnly,
    destructive: !readOnly && annotations.destructiveHint !== false,
    saidDestructive: annotations.destructiveHint === true,
    idempotent: readOnly || annotations.idempotentHint === true,
    openWorld: annotations.openWorldHint !== false,
  }
}

function judgeTool(before: ToolDefinition | undefined, after: ToolDefinition | undefined): Judgement {
  if (!after) return { dangers: [], breaks: ['it is gone'] }
  const is = hintsOf(after)
  if (!before) {
    if (is.readOnly) return { dangers: [], breaks: [] }
    return { dangers: [is.saidDestructive ? 'is new, and may destroy' : 'is new, and may change things'], breaks: [] }
  }
  const was = hintsOf(before)
  const { widened, narrowed } = compareSchemas(before.inputSchema, after.inputSchema)
  const dangers = [
    ...(was.readOnly && !is.readOnly ? ['no longer says that it only reads: it may change things, and needs mcp:write'] : []),
    ...((is.destructive && !was.destructive && !was.readOnly) || (is.saidDestructive && !was.saidDestructive) ? ['may now destroy'] : []),
    ...(is.openWorld && !was.openWorld ? ['may now reach beyond the server'] : []),
    ...(was.idempotent && !is.idempotent && !was.readOnly ? ['no longer says that repeating it is safe'] : []),
    ...(widened.length > 0 && !is.readOnly ? ['takes more than it did'] : []),
  ]
  const needsMore = was.readOnly && !is.readOnly ? ['a client that has mcp:read alone must ask for more'] : []
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

/** Text as it is, anything else as JSON with its keys in order: the same thing written in another order is no change. */
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
