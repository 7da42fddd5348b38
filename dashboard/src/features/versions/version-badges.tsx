import type { VersionSummaryBody } from '../../../../protocol/api.ts'
import { Badge } from '../../components/badge.tsx'

export function VersionBadges({ active, state }: Pick<VersionSummaryBody, 'active' | 'state'>) {
  if (active) return <Badge tone="good">Active</Badge>
  return state === 'refused' ? <Badge tone="bad">Refused</Badge> : <Badge>Ready</Badge>
}

/** "2 errors, 1 warning", or that there is nothing to say. */
export function findingCounts(findings: VersionSummaryBody['findings']): string {
  const count = (severity: string, word: string) => {
    const number = findings.filter((finding) => finding.severity === severity).length
    return number === 0 ? [] : [`${number} ${word}${number === 1 ? '' : 's'}`]
  }
  return [...count('error', 'error'), ...count('warning', 'warning'), ...count('info', 'remark')].join(', ') || 'None'
}

export function kilobytes(bytes: number): string {
  return `${Math.ceil(bytes / 1024).toLocaleString('en')} KB`
}
