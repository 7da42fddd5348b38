import type { VersionSummaryBody } from '../../../../protocol/api.ts'
import { Badge } from '../../components/badge.tsx'

export function VersionBadges({ active, state }: Pick<VersionSummaryBody, 'active' | 'state'>) {
  if (active) return <Badge tone="good">Active</Badge>
  return state === 'refused' ? <Badge tone="bad">Refused</Badge> : <Badge>Ready</Badge>
}
