import { describe, expect, it } from 'vitest'
import { compareSchemas } from '../../dashboard/src/features/versions/compare/schema-changes.ts'
import { compareSurfaces, isSame } from '../../dashboard/src/features/versions/compare/surface-changes.ts'
import type { Surface, ToolDefinition } from '../../protocol/versions/surface.ts'

const tool = (change: Partial<ToolDefinition> = {}): ToolDefinition => ({
  name: 'look',
  description: 'Looks',
  inputSchema: { type: 'object' },
  ...change,
})
const surface = (tools: ToolDefinition[], change: Partial<Surface> = {}): Surface => ({
  serverInfo: { name: 'x', version: '1' },
  capabilities: { tools: {} },
  supportedVersions: ['2026-07-28'],
  tools,
  prompts: [],
  resources: [],
  resourceTemplates: [],
  ...change,
})
const toolChange = (before: Partial<ToolDefinition>, after: Partial<ToolDefinition>) =>
  compareSurfaces(surface([tool(before)]), surface([tool(after)])).tools[0]

describe('a surface', () => {
  it('that says the same in another order has not changed', () => {
    const one = tool({ inputSchema: { type: 'object', properties: { a: { type: 'string', maxLength: 1 } } } })
    const other = tool({ inputSchema: { properties: { a: { maxLength: 1, type: 'string' } }, type: 'object' } })
    expect(isSame(compareSurfaces(surface([one, tool({ name: 'b' })]), surface([tool({ name: 'b' }), other])))).toBe(true)
  })

  it('names what came, what went and what differs, of every list and of the server itself', () => {
    const before = surface([tool(), tool({ name: 'gone' })], {
      prompts: [{ name: 'p', description: 'a' }],
      resources: [{ uri: 'a://1', name: 'r' }],
    })
    const after = surface([tool({ description: 'Stares' }), tool({ name: 'new', annotations: { readOnlyHint: true } })], {
      prompts: [{ name: 'p', description: 'b' }],
      resourceTemplates: [{ uriTemplate: 'a://{b}', name: 't' }],
      serverInfo: { name: 'x', version: '2' },
      instructions: 'Look.',
    })
    expect(compareSurfaces(before, after)).toMatchObject({
      server: [
        { field: 'version', before: '1', after: '2' },
        { field: 'instructions', before: '', after: 'Look.' },
      ],
      tools: [
        {
          kind: 'changed',
          name: 'look',
          differences: [{ field: 'description', before: 'Looks', after: 'Stares' }],
          dangers: [],
          breaks: [],
        },
        { kind: 'added', name: 'new', dangers: [] },
        { kind: 'removed', name: 'gone', breaks: ['the tool is removed'] },
      ],
      prompts: [{ kind: 'changed', name: 'p' }],
      resources: [{ kind: 'removed', name: 'a://1' }],
      resourceTemplates: [{ kind: 'added', name: 'a://{b}' }],
    })
  })

  it('of a version whose discovery failed is nothing', () => {
    expect(compareSurfaces(null, surface([tool({ annotations: { readOnlyHint: true } })])).tools).toMatchObject([
      { kind: 'added', dangers: [] },
    ])
    expect(isSame(compareSurfaces(null, null))).toBe(true)
  })
})

describe('a tool is more dangerous when it', () => {
  it.each<[string, Partial<ToolDefinition>, Partial<ToolDefinition>, RegExp]>([
    ['no longer only reads', { annotations: { readOnlyHint: true } }, { annotations: {} }, /is no longer read-only/],
    ['may destroy where it said it does not', { annotations: { destructiveHint: false } }, {}, /is now destructive/],
    ['says that it destroys', { annotations: { readOnlyHint: true } }, { annotations: { destructiveHint: true } }, /is now destructive/],
    [
      'reaches out',
      { annotations: { readOnlyHint: true, openWorldHint: false } },
      { annotations: { readOnlyHint: true } },
      /external systems/,
    ],
    ['is not idempotent any more', { annotations: { idempotentHint: true } }, {}, /no longer idempotent/],
    ['writes and takes more', { inputSchema: { type: 'object', additionalProperties: false } }, {}, /accepts more input/],
  ])('%s, and not the other way round', (_, before, after, danger) => {
    expect(toolChange(before, after)?.dangers.join()).toMatch(danger)
    expect(toolChange(after, before)?.dangers.join()).not.toMatch(danger)
  })

  it('is new and writes', () => {
    const { tools } = compareSurfaces(
      surface([]),
      surface([tool({ name: 'a' }), tool({ name: 'b', annotations: { destructiveHint: true } })]),
    )
    expect(tools.map(({ dangers }) => dangers)).toEqual([['is new and can write'], ['is new and destructive']])
  })

  it('and not when it only reads and takes more, or only its words changed', () => {
    const reads = { annotations: { readOnlyHint: true } }
    expect(toolChange({ ...reads, inputSchema: { type: 'object', additionalProperties: false } }, reads)?.dangers).toEqual([])
    expect(toolChange({ ...reads, title: 'a' }, { ...reads, title: 'b' })?.dangers).toEqual([])
  })

  it('comes first in the list', () => {
    const { tools } = compareSurfaces(surface([tool()]), surface([tool({ title: 'b' }), tool({ name: 'new' })]))
    expect(tools.map(({ name }) => name)).toEqual(['new', 'look'])
  })
})

describe('an input schema', () => {
  const object = (properties: Record<string, unknown>, more: Record<string, unknown> = {}) => ({ type: 'object', properties, ...more })
  it.each<[string, unknown, unknown, string]>([
    ['a new property', object({}), object({ a: {} }), 'a is new'],
    ['a property that may be left out', object({ a: {} }, { required: ['a'] }), object({ a: {} }), 'a is now optional'],
    ['a longer enum', object({ a: { enum: ['x'] } }), object({ a: { enum: ['x', 'y'] } }), 'a accepts "y"'],
    ['no enum', object({ a: { enum: ['x'] } }), object({ a: {} }), 'a accepts any value'],
    ['another type', object({ a: { type: 'string' } }), object({ a: { type: ['string', 'null'] } }), 'a accepts null'],
    ['numbers for integers', object({ a: { type: 'integer' } }), object({ a: { type: 'number' } }), 'a accepts number'],
    ['a higher maximum', object({ a: { maximum: 5 } }), object({ a: { maximum: 6 } }), 'a maximum 5 → 6'],
    ['no maximum', object({ a: { maxLength: 5 } }), object({ a: {} }), 'a maxLength 5 → none'],
    ['a lower minimum', object({ a: { minimum: 5 } }), object({ a: { minimum: 4 } }), 'a minimum 5 → 4'],
    ['no minimum', object({ a: { minItems: 5 } }), object({ a: {} }), 'a minItems 5 → none'],
    ['no pattern', object({ a: { pattern: 'x' } }), object({ a: {} }), 'a no longer has a pattern'],
    ['more than it names', object({}, { additionalProperties: false }), object({}), 'accepts additional properties'],
    [
      'deep inside',
      object({ a: { items: object({ b: { maximum: 1 } }) } }),
      object({ a: { items: object({ b: { maximum: 2 } }) } }),
      'a[].b maximum 1 → 2',
    ],
  ])('is wider with %s, and narrower without', (_, before, after, said) => {
    expect(compareSchemas(before, after)).toEqual({ widened: [said], narrowed: [] })
    const back = compareSchemas(after, before)
    expect([back.widened, back.narrowed.length]).toEqual([[], 1])
  })

  it('that changes both ways is both, and what is none is no change', () => {
    expect(compareSchemas(object({ a: { enum: ['x'] } }), object({ a: { enum: ['y'] }, b: {} }, { required: ['b'] }))).toEqual({
      widened: ['a accepts "y"', 'b is new'],
      narrowed: ['a no longer accepts "x"', 'b is now required'],
    })
    for (const odd of [null, [], 'x', { properties: [], required: 'a', enum: 7, type: 7, items: 7 }])
      expect(compareSchemas(odd, odd)).toEqual({ widened: [], narrowed: [] })
  })

  it('nested without end is read so far', () => {
    const deep = (levels: number, leaf: unknown): unknown => (levels === 0 ? leaf : object({ a: deep(levels - 1, leaf) }))
    expect(compareSchemas(deep(5000, {}), deep(5000, { maximum: 1 }))).toEqual({ widened: [], narrowed: [] })
  })
})
