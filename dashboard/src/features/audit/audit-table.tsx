import type { AuditBody } from '../../../../protocol/api.ts'
import { RelativeTime } from '../../components/relative-time.tsx'
import { Table } from '../../components/table.tsx'
import { Untrusted } from '../../components/untrusted.tsx'
import { ACTION_LABELS } from './action-labels.ts'
import { AuditDetails } from './audit-details.tsx'
import { FAMILIES, familyOf, isEnding } from './families.ts'
import type { NameOf } from './names.ts'

export function AuditTable({ tenant, events, nameOf }: { tenant: string; events: readonly AuditBody[]; nameOf: NameOf }) {
  return (
    <Table
      label="Audit events"
      rows={events}
      keyOf={({ id }) => id}
      columns={[
        { name: 'Event', className: 'w-[19rem]', cell: ({ action }) => <Event action={action} /> },
        { name: 'User', className: 'w-40', cell: ({ actor, names }) => <Untrusted text={names[actor] ?? nameOf(actor)} lines={1} /> },
        { name: 'Details', cell: (event) => <AuditDetails tenant={tenant} event={event} nameOf={nameOf} /> },
        { name: 'Time', className: 'w-36', cell: ({ createdAt }) => <RelativeTime at={createdAt} /> },
      ]}
    />
  )
}

function Event({ action }: Pick<AuditBody, 'action'>) {
  const { icon: Icon } = FAMILIES[familyOf(action)]
  return (
    <span className="flex items-start gap-3">
      <span
        aria-hidden
        className={`flex size-8 shrink-0 items-center justify-center rounded-lg ${isEnding(action) ? 'bg-bad-ground text-bad' : 'bg-accent-ground text-accent'}`}
      >
        <Icon className="size-4" />
      </span>
      <span className="min-w-0">
        <span className="block leading-5 font-semibold">{ACTION_LABELS[action]}</span>
        <code className="block text-xs text-soft [overflow-wrap:anywhere]">{action}</code>
      </span>
    </span>
  )
}
