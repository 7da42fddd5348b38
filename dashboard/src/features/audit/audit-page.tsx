import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Download, ScrollText } from 'lucide-react'
import { useState } from 'react'
import type { AuditBody } from '../../../../protocol/api.ts'
import { Button } from '../../components/button.tsx'
import { EmptyState } from '../../components/empty-state.tsx'
import { Field, Select, TextInput } from '../../components/field.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { MoreButton } from '../../components/more-button.tsx'
import { PageHeader } from '../../components/page-header.tsx'
import { toast } from '../../components/toast.tsx'
import { ACTION_LABELS } from './action-labels.ts'
import { AuditTable } from './audit-table.tsx'
import { download, toCsv } from './csv.ts'
import { FAMILY_OPTIONS, familyOf, type FamilyName } from './families.ts'
import { type NameOf, useNames } from './names.ts'
import { auditQuery } from './queries.ts'

const route = getRouteApi('/t/$tenant/audit')

/** Audit log of the tenant. */
export function AuditPage() {
  const { tenant } = route.useParams()
  const events = useInfiniteQuery(auditQuery(tenant))
  const nameOf = useNames(tenant)
  return (
    <>
      <PageHeader title="Audit" context={tenant} actions={events.data && <ExportButton tenant={tenant} query={events} nameOf={nameOf} />}>
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
              <Events tenant={tenant} items={items} isWhole={!events.hasNextPage} nameOf={nameOf} />
              <MoreButton query={events} what="events" />
            </>
          )
        }}
      </Loaded>
    </>
  )
}

interface EventsProps {
  tenant: string
  items: readonly AuditBody[]
  /** No older events exist. */
  isWhole: boolean
  nameOf: NameOf
}

/** Filters and the events that pass them. */
function Events({ tenant, items, isWhole, nameOf }: EventsProps) {
  const [family, setFamily] = useState<FamilyName | 'all'>('all')
  const [actor, setActor] = useState('')
  const [typed, setTyped] = useState('')
  const wanted = typed.trim().toLowerCase()
  const shown = items.filter(
    (event) =>
      (family === 'all' || familyOf(event.action) === family) &&
      (actor === '' || event.actor === actor) &&
      (wanted === '' || textOf(event, nameOf).includes(wanted)),
  )
  const actors = [...new Set(items.map((event) => event.actor))]
  return (
    <div className="rounded-xl border border-line bg-sheet shadow-card">
      <div className="grid gap-3 border-b border-line p-4 sm:grid-cols-[minmax(0,2fr)_minmax(0,1fr)_minmax(0,1fr)]">
        <Field label="Search">
          <TextInput
            type="search"
            placeholder="A server, person, client or id"
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
          />
        </Field>
        <Field label="Kind">
          <Select value={family} onChange={setFamily} options={FAMILY_OPTIONS} />
        </Field>
        <Field label="User">
          <Select
            value={actor}
            onChange={setActor}
            options={[{ value: '', label: 'Everyone' }, ...actors.map((value) => ({ value, label: nameOf(value) }))]}
          />
        </Field>
      </div>
      <div className="px-1 sm:px-2">
        <AuditTable tenant={tenant} events={shown} nameOf={nameOf} />
      </div>
      {shown.length < items.length && (
        <p role="status" className="border-t border-line px-4 py-3 text-sm text-soft">
          {shown.length} of {items.length} {isWhole ? 'events' : 'loaded events. Load older events to search further back.'}
        </p>
      )}
    </div>
  )
}

function textOf({ actor, action, server, detail, createdAt }: AuditBody, nameOf: NameOf): string {
  const names = Object.values(detail).map((value) => (typeof value === 'string' ? nameOf(value) : ''))
  return [nameOf(actor), actor, action, ACTION_LABELS[action], server ?? '', createdAt, JSON.stringify(detail), ...names]
    .join('\n')
    .toLowerCase()
}

interface ExportButtonProps {
  tenant: string
  query: {
    fetchNextPage: () => Promise<{ hasNextPage: boolean; data: { pages: { items: AuditBody[] }[] } | undefined; isError: boolean }>
  } & {
    hasNextPage: boolean
    data: { pages: { items: AuditBody[] }[] } | undefined
  }
  nameOf: NameOf
}

/** Loads all events, then saves them as a file. */
function ExportButton({ tenant, query, nameOf }: ExportButtonProps) {
  const [busy, setBusy] = useState(false)
  const save = async () => {
    setBusy(true)
    let { data, hasNextPage: isMore } = query
    while (isMore) {
      const next = await query.fetchNextPage()
      if (next.isError) {
        setBusy(false)
        toast('Older events could not be loaded, so no file was saved.', 'bad')
        return
      }
      data = next.data
      isMore = next.hasNextPage
    }
    download(toCsv(data?.pages.flatMap(({ items }) => items) ?? [], nameOf), `audit-${tenant}.csv`)
    setBusy(false)
  }
  return (
    <Button kind="secondary" icon={Download} busy={busy} onClick={() => void save()}>
      Export CSV
    </Button>
  )
}
