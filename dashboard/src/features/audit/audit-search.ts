import { FAMILIES, type FamilyName } from './families.ts'

/** Query string of the audit page. */
export interface AuditSearch {
  kind?: FamilyName | undefined
  actor?: string | undefined
  search?: string | undefined
  /** First and last day, as `2026-01-31`. */
  from?: string | undefined
  to?: string | undefined
}

export function parseAuditSearch({ kind, actor, search, from, to }: Record<string, unknown>): AuditSearch {
  return {
    ...(typeof kind === 'string' && kind in FAMILIES ? { kind: kind as FamilyName } : {}),
    ...text('actor', actor, 300),
    ...text('search', search, 100),
    ...day('from', from),
    ...day('to', to),
  }
}

/** Returns the filters as parameters of the API. */
export function auditParameters({ kind, actor, search, from, to }: AuditSearch): Record<string, string> {
  return {
    ...(kind ? { action: FAMILIES[kind].subjects.join(',') } : {}),
    ...(actor ? { actor } : {}),
    ...(search ? { search } : {}),
    ...(from ? { from: new Date(`${from}T00:00:00`).toISOString() } : {}),
    ...(to ? { to: new Date(`${to}T23:59:59`).toISOString() } : {}),
  }
}

/** The router parses a text of digits as a number. */
function text(name: string, value: unknown, max: number): Record<string, string> {
  if (typeof value !== 'string' && typeof value !== 'number') return {}
  const trimmed = String(value).trim().slice(0, max)
  return trimmed ? { [name]: trimmed } : {}
}

function day(name: string, value: unknown): Record<string, string> {
  return typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value) && !Number.isNaN(Date.parse(value)) ? { [name]: value } : {}
}
