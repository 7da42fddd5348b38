import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Globe, Lock, type LucideIcon, UserCheck } from 'lucide-react'
import type { ServerBody } from '../../../../protocol/api.ts'
import { Badge } from '../../components/badge.tsx'
import { useInSight } from '../../components/in-sight.ts'
import { Monogram } from '../../components/monogram.tsx'
import { RelativeTime } from '../../components/relative-time.tsx'
import { Untrusted } from '../../components/untrusted.tsx'
import { callsSummary } from '../activity/calls-summary.ts'
import { activitySummaryQuery } from '../activity/queries.ts'
import { Sparkline } from '../activity/sparkline.tsx'
import { latestVersionsQuery } from '../versions/queries.ts'
import { ACCESS_LABELS } from './access-labels.ts'

const FRESH_MS = 60_000
const ACCESS_ICONS: Record<ServerBody['access'], LucideIcon> = { members: Lock, 'signed-in': UserCheck, public: Globe }

/** A hosted server in the list: state, calls of the last day, last deploy. Loads when seen. */
export function ServerCard({ tenant, server }: { tenant: string; server: ServerBody }) {
  const { slug, name, description, access, activeVersion } = server
  const [place, seen] = useInSight<HTMLLIElement>()
  const { data: summary } = useQuery({ ...activitySummaryQuery(tenant, slug, 'day'), enabled: seen, staleTime: FRESH_MS })
  const { data: versions } = useQuery({ ...latestVersionsQuery(tenant, slug), enabled: seen, staleTime: FRESH_MS })
  const Access = ACCESS_ICONS[access]
  const [newest] = versions ?? []
  return (
    <li
      ref={place}
      className="relative flex flex-col gap-3 rounded-xl border border-line bg-sheet p-4 shadow-card transition-[border-color,box-shadow] focus-within:border-accent hover:border-edge hover:shadow-lifted sm:p-5"
    >
      <div className="flex items-start gap-3">
        <Monogram name={name} />
        <div className="min-w-0 flex-1">
          <h2 className="leading-6 font-bold tracking-tight">
            <Link
              to="/t/$tenant/s/$server"
              params={{ tenant, server: slug }}
              className="text-ink no-underline outline-none after:absolute after:inset-0 after:rounded-xl focus-visible:after:outline-2 focus-visible:after:outline-offset-2 focus-visible:after:outline-accent"
            >
              <Untrusted text={name} lines={1} />
            </Link>
          </h2>
          <code className="block truncate text-[0.8125rem] text-soft">{`/${tenant}/${slug}/mcp`}</code>
        </div>
        {activeVersion === null ? <Badge tone="warn">Not live</Badge> : <Badge tone="good">{`Version ${activeVersion}`}</Badge>}
      </div>
      <p className="min-h-11 text-sm text-soft">{description ? <Untrusted text={description} lines={2} /> : 'No description.'}</p>
      <div className="mt-auto grid gap-1.5">
        {summary ? <Sparkline summary={summary} /> : <div className="h-8 border-b border-line" />}
        <p className="text-[0.8125rem] text-soft">{summary ? callsSummary(summary, 'the last 24 hours') : 'Loading calls …'}</p>
      </div>
      <p className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1 border-t border-line pt-3 text-[0.8125rem] text-soft">
        <span className="inline-flex items-center gap-1.5">
          <Access aria-hidden className="size-3.5" /> {ACCESS_LABELS[access]}
        </span>
        {newest ? (
          <span>
            Deployed <RelativeTime at={newest.createdAt} />
          </span>
        ) : (
          versions && <span>Never deployed</span>
        )}
      </p>
    </li>
  )
}
