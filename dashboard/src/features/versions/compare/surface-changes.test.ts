import { describe, expect, it } from 'vitest'
import { compareSchemas } from './schema-changes.ts'
import { compareSurfaces, isSame } from './surface-changes.ts'
import type { Surface, ToolDefinition } from '../../../../../protocol/api.ts'

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

describe('compareSurfaces', () => {
  it('reports no change if only the order differs', () => {
    const one = tool({ inputSchema: { type: 'object', properties: { a: { type: 'string', maxLength: 1 } } } })
    const other = tool({ inputSchema: { properties: { a: { maxLength: 1, type: 'string' } }, type: 'object' } })
    expect(isSame(compareSurfaces(surface([one, tool({ name: 'b' })]), surface([tool({ name: 'b' }), other])))).toBe(true)
  })

  it('reports added, removed and changed entries of every list, and changed server details', () => {
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

  it('treats the surface of a failed discovery as empty', () => {
    expect(compareSurfaces(null, surface([tool({ annotations: { readOnlyHint: true } })])).tools).toMatchObject([
      { kind: 'added', dangers: [] },
    ])
    expect(isSame(compareSurfaces(null, null))).toBe(true)
  })
})

describe('compareSurfaces reports a danger', () => {
  it.each<[string, Partial<ToolDefinition>, Partial<ToolDefinition>, RegExp]>([
    ['a tool loses readOnlyHint', { annotations: { readOnlyHint: true } }, { annotations: {} }, /is no longer read-only/],
    ['a tool loses destructiveHint: false', { annotations: { destructiveHint: false } }, {}, /is now destructive/],
    [
      'a tool gains destructiveHint',
      { annotations: { readOnlyHint: true } },
      { annotations: { destructiveHint: true } },
      /is now destructive/,
    ],
    [
      'a tool loses openWorldHint: false',
      { annotations: { readOnlyHint: true, openWorldHint: false } },
      { annotations: { readOnlyHint: true } },
      /external systems/,
    ],
    ['a tool loses idempotentHint', { annotations: { idempotentHint: true } }, {}, /no longer idempotent/],
    ['a writing tool accepts more input', { inputSchema: { type: 'object', additionalProperties: false } }, {}, /accepts more input/],
  ])('if %s, but not for the reverse change', (_, before, after, danger) => {
    expect(toolChange(before, after)?.dangers.join()).toMatch(danger)
    expect(toolChange(after, before)?.dangers.join()).not.toMatch(danger)
  })

  it('for a new tool that can write', () => {
    const { tools } = compareSurfaces(
      surface([]),
      surface([tool({ name: 'a' }), tool({ name: 'b', annotations: { destructiveHint: true } })]),
    )
    expect(tools.map(({ dangers }) => dangers)).toEqual([['is new and can write'], ['is new and destructive']])
  })

  it('but not for more input of a read-only tool or a changed text', () => {
    const reads = { annotations: { readOnlyHint: true } }
    expect(toolChange({ ...reads, inputSchema: { type: 'object', additionalProperties: false } }, reads)?.dangers).toEqual([])
    expect(toolChange({ ...reads, title: 'a' }, { ...reads, title: 'b' })?.dangers).toEqual([])
  })

  it('and sorts the tool first', () => {
    const { tools } = compareSurfaces(surface([tool()]), surface([tool({ title: 'b' }), tool({ name: 'new' })]))
    expect(tools.map(({ name }) => name)).toEqual(['new', 'look'])
  })
})

describe('compareSchemas', () => {
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
  ])('reports %s as widened, and the reverse as narrowed', (_, before, after, said) => {
    expect(compareSchemas(before, after)).toEqual({ widened: [said], narrowed: [] })
    const back = compareSchemas(after, before)
    expect([back.widened, back.narrowed.length]).toEqual([[], 1])
  })

  it('reports changes in both directions, and no change of invalid schemas', () => {
    expect(compareSchemas(object({ a: { enum: ['x'] } }), object({ a: { enum: ['y'] }, b: {} }, { required: ['b'] }))).toEqual({
      widened: ['a accepts "y"', 'b is new'],
      narrowed: ['a no longer accepts "x"', 'b is now required'],
    })
    for (const odd of [null, [], 'x', { properties: [], required: 'a', enum: 7, type: 7, items: 7 }])
      expect(compareSchemas(odd, odd)).toEqual({ widened: [], narrowed: [] })
  })

  it('stops at a maximum depth', () => {
    const deep = (levels: number, leaf: unknown): unknown => (levels === 0 ? leaf : object({ a: deep(levels - 1, leaf) }))
    expect(compareSchemas(deep(5000, {}), deep(5000, { maximum: 1 }))).toEqual({ widened: [], narrowed: [] })
  })
})
