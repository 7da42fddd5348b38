import { Badge } from '../../components/badge.tsx'
import { Untrusted } from '../../components/untrusted.tsx'
import { PlaceButton } from './place-button.tsx'
import type { Place, PlacedFinding } from './places.ts'

const RANK = { error: 0, warning: 1, info: 2 }
const TONES = { error: 'bad', warning: 'warn', info: 'plain' } as const
const WORDS = { error: 'Error', warning: 'Warning', info: 'Info' }

export function SeverityBadge({ severity }: { severity: keyof typeof WORDS }) {
  return <Badge tone={TONES[severity]}>{WORDS[severity]}</Badge>
}

interface FindingsProps {
  findings: readonly PlacedFinding[]
  /** Opens a place in the sources. Places are hidden if absent. */
  onJump?: (place: Place) => void
}

/** Findings of the validation and the probe, errors first. */
export function Findings({ findings, onJump }: FindingsProps) {
  return (
    <ul aria-label="Probe findings" className="grid gap-3">
      {findings
        .toSorted((a, b) => RANK[a.severity] - RANK[b.severity])
        .map(({ severity, rule, subject, message, place }) => (
          <li key={`${rule} ${subject} ${message}`} className="flex flex-wrap items-baseline gap-x-3 gap-y-1">
            <SeverityBadge severity={severity} />
            <code className="text-sm font-semibold">
              <Untrusted text={subject} />
            </code>
            {place && onJump && <PlaceButton place={place} onJump={onJump} />}
            <span className="min-w-0 basis-full sm:basis-0 sm:grow">
              <Untrusted text={message} multiline />
            </span>
          </li>
        ))}
    </ul>
  )
}
