import type { AuditBody } from '../../../../protocol/api.ts'

/** Returns the events as CSV (RFC 4180), one line for each. */
export function toCsv(events: readonly AuditBody[], nameOf: (id: string) => string): string {
  const rows = events.map(({ createdAt, actor, action, server, detail }) => [
    createdAt,
    nameOf(actor),
    actor,
    action,
    server ?? '',
    JSON.stringify(detail),
  ])
  return [['time', 'user', 'user id', 'action', 'server', 'detail'], ...rows].map((row) => row.map(cell).join(',')).join('\r\n')
}

/** A spreadsheet would run a cell that opens like a formula, so such a cell gets an apostrophe. */
function cell(text: string): string {
  return `"${(/^[=+\-@\t\r]/.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`
}

export function download(text: string, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([text], { type: 'text/csv;charset=utf-8' }))
  link.download = name
  link.click()
  URL.revokeObjectURL(link.href)
}
