import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { ServerBody } from '../../../../../protocol/api.ts'
import { Card } from '../../../components/card.tsx'
import { RelativeTime } from '../../../components/relative-time.tsx'
import { activitySummaryQuery } from '../../activity/queries.ts'
import { latestVersionsQuery } from '../../versions/queries.ts'
import { ACCESS_LABELS } from '../access-labels.ts'

/** The numbers and settings that describe the state of a server. */
export function AtAGlance({ tenant, server }: { tenant: string; server: ServerBody }) {
  const { slug, access, clients, activeVersion, limits } = server
  const { data: summary } = useQuery(activitySummaryQuery(tenant, slug, 'day'))
  const { data: versions } = useQuery(latestVersionsQuery(tenant, slug))
  const [calls, failed] = (summary?.buckets ?? []).reduce(([sum, bad], each) => [sum + each.calls, bad + each.failed], [0, 0])
  const [newest] = versions ?? []
  const params = { tenant, server: slug }
  return (
    <Card title="At a glance">
      <div className="mb-4 grid grid-cols-2 gap-3">
        <Figure value={summary && calls.toLocaleString('en')} label="calls in 24 hours" />
        <Figure value={summary && failed.toLocaleString('en')} label="of them failed" isBad={failed > 0} />
      </div>
      <dl className="grid gap-2.5 text-sm">
        <Fact name="Live version">
          {activeVersion === null ? (
            'None'
          ) : (
            <Link to="/t/$tenant/s/$server/versions/$number" params={{ ...params, number: String(activeVersion) }} className="link">
              {`Version ${activeVersion}`}
            </Link>
          )}
        </Fact>
        <Fact name="Last deploy">{newest ? <RelativeTime at={newest.createdAt} /> : versions ? 'Never' : '…'}</Fact>
        <Fact name="Access">
          <Link to="/t/$tenant/s/$server/access" params={params} className="link">
            {ACCESS_LABELS[access]}
          </Link>
        </Fact>
        <Fact name="Apps">{clients === 'any' ? 'Any, after consent' : 'Approved only'}</Fact>
        <Fact name="Call timeout">{`${limits.deadlineSeconds} s`}</Fact>
      </dl>
    </Card>
  )
}

function Figure({ value, label, isBad = false }: { value: string | undefined; label: string; isBad?: boolean }) {
  return (
    <p className="rounded-lg bg-ground px-3 py-2.5">
      <span className={`block text-2xl leading-8 font-bold tracking-tight tabular-nums ${isBad ? 'text-bad' : ''}`}>{value ?? '…'}</span>
      <span className="text-[0.8125rem] text-soft">{label}</span>
    </p>
  )
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="flex items-baseline justify-between gap-4">
      <dt className="text-soft">{name}</dt>
      <dd className="min-w-0 text-right font-medium">{children}</dd>
    </div>
  )
}
