import type { VersionBody } from '../../../../protocol/api.ts'
import { Badge } from '../../components/badge.tsx'
import { Untrusted } from '../../components/untrusted.tsx'

type Finding = VersionBody['findings'][number]

const RANK = { error: 0, warning: 1, info: 2 }
const TONES = { error: 'bad', warning: 'warn', info: 'plain' } as const
const WORDS = { error: 'Error', warning: 'Warning', info: 'Remark' }

/** What validation and the probe had to say, the worst first. */
export function Findings({ findings }: { findings: readonly Finding[] }) {
  return (
    <ul className="grid gap-3">
      {findings
        .toSorted((a, b) => RANK[a.severity] - RANK[b.severity])
        .map(({ severity, rule, subject, message }) => (
          <li key={`${rule} ${subject} ${message}`} className="flex flex-wrap items-baseline gap-x-3 gap-y-1">
            <Badge tone={TONES[severity]}>{WORDS[severity]}</Badge>
            <code className="text-sm font-semibold">
              <Untrusted text={subject} />
            </code>
            <span className="min-w-0 basis-full sm:basis-0 sm:grow">
              <Untrusted text={message} multiline />
            </span>
          </li>
        ))}
    </ul>
  )
}
