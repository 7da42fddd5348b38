import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { ScrollText } from 'lucide-react'
import type { AuditBody } from '../../../../protocol/api.ts'
import { EmptyState } from '../../components/empty-state.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { MoreButton } from '../../components/more-button.tsx'
import { PageHeader } from '../../components/page-header.tsx'
import { RelativeTime } from '../../components/relative-time.tsx'
import { Table } from '../../components/table.tsx'
import { Untrusted } from '../../components/untrusted.tsx'
import { membersQuery } from '../people/queries.ts'
import { auditQuery } from './queries.ts'
import { ACTION_LABELS } from './action-labels.ts'
import { type NameOf, detailText } from './detail-text.ts'

const route = getRouteApi('/t/$tenant/audit')

/** Audit log of the tenant. */
export function AuditPage() {
  const { tenant } = route.useParams()
  const events = useInfiniteQuery(auditQuery(tenant))
  return (
    <>
      <PageHeader title="Audit" context={tenant}>
        Changes to members, access and settings, newest first. Kept for one year.
      </PageHeader>
      <Loaded query={events}>
        {({ pages }) => {
          const items = pages.flatMap((page) => page.items)
          return items.length === 0 ? (
            <EmptyState icon={ScrollText} title="No events">
              Changes to invitations, roles, settings, keys and grants appear here.
            </EmptyState>
          ) : (
            <>
              <Events tenant={tenant} items={items} />
              <MoreButton query={events} what="events" />
            </>
          )
        }}
      </Loaded>
    </>
  )
}

function Events({ tenant, items }: { tenant: string; items: AuditBody[] }) {
  const members = useQuery(membersQuery(tenant))
  const nameOf: NameOf = (id) => members.data?.find(({ userId }) => userId === id)?.name ?? id
  return (
    <div className="rounded-2xl border border-line bg-sheet px-1 sm:px-3">
      <Table
        label="Audit events"
        rows={items}
        keyOf={({ id }) => id}
        columns={[
          { name: 'Time', className: 'w-36', cell: ({ createdAt }) => <RelativeTime at={createdAt} /> },
          { name: 'User', className: 'w-36', cell: ({ actor }) => <Untrusted text={nameOf(actor)} lines={1} /> },
          {
            name: 'Action',
            className: 'w-56',
            cell: ({ action }) => (
              <>
                {ACTION_LABELS[action]}
                <code className="block text-xs text-soft [overflow-wrap:anywhere]">{action}</code>
              </>
            ),
          },
          {
            name: 'Details',
            cell: ({ server, detail }) => <Detail detail={server === null ? detail : { server, ...detail }} nameOf={nameOf} />,
          },
        ]}
      />
    </div>
  )
}

function Detail({ detail, nameOf }: { detail: Record<string, unknown>; nameOf: NameOf }) {
  const entries = Object.entries(detail)
  if (entries.length === 0) return <span className="text-soft">–</span>
  return (
    <dl className="grid gap-x-3 text-sm xl:grid-cols-[auto_minmax(0,1fr)]">
      {entries.map(([name, value]) => (
        <div key={name} className="flex flex-wrap gap-x-2 xl:contents">
          <dt className="text-soft">{name}</dt>
          <dd className="min-w-0">
            <Untrusted text={detailText(name, value, nameOf)} lines={3} />
          </dd>
        </div>
      ))}
    </dl>
  )
}
