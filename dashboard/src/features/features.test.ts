import { describe, expect, it } from 'vitest'
import { machinesOf, MACHINE_SCOPES } from './access/registered-app-scopes.ts'
import { parseActivitySearch } from './activity/activity-search.ts'
import { nameOf } from './activity/call-names.ts'
import { callsSummary } from './activity/calls-summary.ts'
import type { AuditAction } from '../../../protocol/api.ts'
import { ACTION_LABELS } from './audit/action-labels.ts'
import { auditParameters, parseAuditSearch } from './audit/audit-search.ts'
import { detailText } from './audit/detail-text.ts'
import { FAMILIES, familyOf } from './audit/families.ts'
import { isAtLeast, rolesUpTo } from './people/role.ts'
import { lineFault, linesOf } from './servers/settings/lines.ts'

describe('roles', () => {
  it('isAtLeast compares roles in ascending order', () => {
    expect([isAtLeast('owner', 'viewer'), isAtLeast('developer', 'developer'), isAtLeast('viewer', 'developer')]).toEqual([
      true,
      true,
      false,
    ])
  })

  it('rolesUpTo excludes higher roles', () => {
    expect(rolesUpTo('developer')).toEqual(['viewer', 'developer'])
    expect(rolesUpTo('owner')).toHaveLength(4)
  })
})

it.each(['none', 'read', 'write'] as const)('machinesOf returns %s for the scopes of that setting', (setting) => {
  expect(machinesOf(MACHINE_SCOPES[setting])).toBe(setting)
})

describe('parseActivitySearch', () => {
  it('keeps valid filters, and an ID of digits', () => {
    expect(parseActivitySearch({ kind: 'call', problems: true, id: 123 })).toEqual({ kind: 'call', problems: true, id: '123' })
  })

  it.each([[{ kind: 'other' }], [{ problems: 'true' }], [{ id: {} }], [{ unknown: 1 }]])('drops the invalid query %j', (search) => {
    expect(parseActivitySearch(search)).toEqual({})
  })

  it('shortens a long ID', () => {
    expect(parseActivitySearch({ id: 'x'.repeat(200) }).id).toHaveLength(100)
  })
})

it.each([
  [{ method: 'tools/call', name: 'greet' }, 'greet'],
  [{ method: 'prompts/get', name: 'p' }, 'prompts/get p'],
  [{ method: 'tools/list' }, 'tools/list'],
])('nameOf the call %j returns %s', (call, name) => {
  expect(nameOf(call)).toBe(name)
})

it.each([
  [[], 'No calls in the last hour.'],
  [[{ at: 0, calls: 1, failed: 0 }], '1 call in the last hour, none failed.'],
  [
    [
      { at: 0, calls: 1_000, failed: 1 },
      { at: 1, calls: 234, failed: 0 },
    ],
    '1,234 calls in the last hour, 1 failed.',
  ],
])('callsSummary of %j returns a sentence', (buckets, sentence) => {
  expect(callsSummary({ from: 0, to: 1, stepMs: 1, buckets }, 'the last hour')).toBe(sentence)
})

describe('detailText', () => {
  const nameOfUser = (id: string) => (id === 'u1' ? 'Ada' : id)
  it.each<[string, unknown, string]>([
    ['userId', 'u1', 'Ada'],
    ['role', 'u1', 'u1'],
    ['tools', null, 'all'],
    ['maxUses', null, 'no limit'],
    ['clientId', null, '–'],
    ['scopes', ['a', 'b'], 'a, b'],
    ['scopes', [], 'none'],
    ['change', { from: 'viewer', userId: 'u1' }, 'from viewer; userId Ada'],
  ])('shows %s with the value %j as %s', (name, value, text) => {
    expect(detailText(name, value, nameOfUser)).toBe(text)
  })
})

describe('list settings', () => {
  it('linesOf splits at white space and commas, and drops duplicates', () => {
    expect(linesOf(' a.example\n\nb.example, a.example ')).toEqual(['a.example', 'b.example'])
  })

  it('lineFault names the invalid entry by its text', () => {
    const fields = new Map([['/egress/1', 'is not a host']])
    expect(lineFault(fields, 'egress', ['a', 'b!'])).toBe('have an invalid entry: “b!” is not a host')
    expect(lineFault(new Map([['/egress', 'are too many']]), 'egress', [])).toBe('are too many')
    expect(lineFault(fields, 'origins', ['a', 'b!'])).toBeUndefined()
  })
})

describe('audit', () => {
  it('familyOf knows the subject of every action', () => {
    for (const action of Object.keys(ACTION_LABELS) as AuditAction[]) {
      const subjects: readonly string[] = FAMILIES[familyOf(action)].subjects
      expect([action, subjects.includes(action.split('.')[0] ?? '')]).toEqual([action, true])
    }
  })

  it('parseAuditSearch keeps valid filters, and drops the others', () => {
    expect(parseAuditSearch({ kind: 'apps', actor: 'u1', search: 7, from: '2026-01-31' })).toEqual({
      kind: 'apps',
      actor: 'u1',
      search: '7',
      from: '2026-01-31',
    })
    expect(parseAuditSearch({ kind: 'other', actor: '', search: '', from: 'yesterday', to: 5 })).toEqual({})
  })

  it('auditParameters covers whole days, and all subjects of a kind', () => {
    const { action, from, to } = auditParameters({ kind: 'members', from: '2026-01-31', to: '2026-01-31' })
    expect(action).toBe('member,invitation')
    expect(Date.parse(to ?? '') - Date.parse(from ?? '')).toBe(24 * 3_600_000 - 1_000)
  })
})
