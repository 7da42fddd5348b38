import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Download, ScrollText } from 'lucide-react'
import type { AuditBody } from '../../../../protocol/api.ts'
import { Button, buttonClass } from '../../components/button.tsx'
import { EmptyState } from '../../components/empty-state.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { MoreButton } from '../../components/more-button.tsx'
import { PageHeader } from '../../components/page-header.tsx'
import { AuditFilters } from './audit-filters.tsx'
import type { AuditSearch } from './audit-search.ts'
import { AuditTable } from './audit-table.tsx'
import { useNames } from './names.ts'
import { auditQuery, exportUrl } from './queries.ts'

const route = getRouteApi('/t/$tenant/audit')

/** Audit log of the tenant. The filter is in the query string, so a link keeps it. */
export function AuditPage() {
  const { tenant } = route.useParams()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const events = useInfiniteQuery({ ...auditQuery(tenant, search), placeholderData: keepPreviousData })
  const { nameOf, members } = useNames(tenant)
  const isFiltered = Object.keys(search).length > 0
  return (
    <>
      <PageHeader
        title="Audit"
        context={tenant}
        actions={
          <>
            <ExportLink tenant={tenant} search={search} format="csv" />
            <ExportLink tenant={tenant} search={search} format="json" />
          </>
        }
      >
        Changes to members, access and settings, newest first. Kept for one year. An export has the newest 10,000 matching events.
      </PageHeader>
      <Loaded query={events}>
        {({ pages }) => {
          const items = pages.flatMap((page) => page.items)
          if (items.length === 0 && !isFiltered) {
            return (
              <EmptyState icon={ScrollText} title="No events">
                Changes to invitations, roles, settings, keys and grants appear here.
              </EmptyState>
            )
          }
          return (
            <>
              <div className="rounded-xl border border-line bg-sheet shadow-card">
                <AuditFilters
                  search={search}
                  onChange={(change) => void navigate({ search: (before) => ({ ...before, ...change }), replace: true })}
                  actors={actorsOf(items, { members, chosen: search.actor, nameOf })}
                />
                {items.length > 0 ? (
                  <div className={`px-1 sm:px-2 ${events.isPlaceholderData ? 'opacity-60' : ''}`}>
                    <AuditTable tenant={tenant} events={items} nameOf={nameOf} />
                  </div>
                ) : (
                  <div className="p-4">
                    <EmptyState
                      icon={ScrollText}
                      title="No results"
                      action={
                        <Button kind="secondary" onClick={() => void navigate({ search: {} })}>
                          Clear filters
                        </Button>
                      }
                    >
                      No event of the last year matches the filters.
                    </EmptyState>
                  </div>
                )}
              </div>
              <MoreButton query={events} what="events" />
            </>
          )
        }}
      </Loaded>
    </>
  )
}

function ExportLink({ tenant, search, format }: { tenant: string; search: AuditSearch; format: 'csv' | 'json' }) {
  return (
    <a href={exportUrl(tenant, search, format)} download className={buttonClass('secondary')}>
      <Download aria-hidden className="size-4" /> Export {format.toUpperCase()}
    </a>
  )
}

interface Actors {
  members: readonly string[]
  chosen: string | undefined
  nameOf: (id: string) => string
}

/** Returns the members and the actors of the loaded events as options. */
function actorsOf(items: readonly AuditBody[], { members, chosen, nameOf }: Actors): { value: string; label: string }[] {
  const recorded = new Map(items.map(({ actor, names }) => [actor, names[actor]]))
  const ids = new Set([...members, ...recorded.keys(), ...(chosen === undefined ? [] : [chosen])])
  return [...ids]
    .map((value) => ({ value, label: recorded.get(value) ?? nameOf(value) }))
    .toSorted((a, b) => a.label.localeCompare(b.label))
}
