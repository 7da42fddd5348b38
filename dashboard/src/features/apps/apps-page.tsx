import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query'
import { AppWindow } from 'lucide-react'
import { useState } from 'react'
import type { GrantBody } from '../../../../protocol/api.ts'
import { call } from '../../api.ts'
import { ACTIONS, lastUsedColumn, RowAction } from '../../components/columns.tsx'
import { ConfirmDialog } from '../../components/dialog.tsx'
import { EmptyState } from '../../components/empty-state.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { MoreButton } from '../../components/more-button.tsx'
import { PageHeader } from '../../components/page-header.tsx'
import { RelativeTime } from '../../components/relative-time.tsx'
import { Table } from '../../components/table.tsx'
import { toast } from '../../components/toast.tsx'
import { AppName, GrantedRights } from '../access/grant.tsx'
import { NarrowDialog } from './narrow-dialog.tsx'
import { myGrantsKey, myGrantsQuery } from './queries.ts'

/** For the person who approves: every app they let in anywhere, what it may do, and how to end it. */
export function AppsPage() {
  const grants = useInfiniteQuery(myGrantsQuery())
  const client = useQueryClient()
  const [narrowing, setNarrowing] = useState<GrantBody>()
  const [ending, setEnding] = useState<GrantBody>()
  return (
    <>
      <PageHeader title="Apps you let in">
        Each may do what you agreed to, as you, until you end it. A change reaches the app within ten seconds.
      </PageHeader>
      <Loaded query={grants}>
        {({ pages }) => {
          const items = pages.flatMap((page) => page.items)
          return items.length === 0 ? (
            <EmptyState icon={AppWindow} title="No app has access">
              When an agentic app connects to a server and you allow it, it appears here.
            </EmptyState>
          ) : (
            <>
              <div className="rounded-2xl border border-line bg-sheet px-1 sm:px-3">
                <Table
                  label="Apps you let in"
                  rows={items}
                  keyOf={({ id }) => id}
                  columns={[
                    { name: 'App', cell: (grant) => <AppName grant={grant} /> },
                    {
                      name: 'Server',
                      className: 'w-48',
                      cell: (grant) => (
                        <>
                          <a href={`/${whereOf(grant)}`} className="link [overflow-wrap:anywhere]">
                            {whereOf(grant)}
                          </a>
                          <span className="block text-sm text-soft">
                            since <RelativeTime at={grant.createdAt} />
                          </span>
                        </>
                      ),
                    },
                    { name: 'May', cell: (grant) => <GrantedRights grant={grant} /> },
                    lastUsedColumn(),
                    {
                      ...ACTIONS,
                      className: 'w-36',
                      cell: (grant) => (
                        <>
                          <RowAction
                            label="Edit"
                            of={`what ${nameOf(grant)} may do at ${whereOf(grant)}`}
                            onClick={() => setNarrowing(grant)}
                          />
                          <RowAction
                            label="End"
                            of={`the access of ${nameOf(grant)} at ${whereOf(grant)}`}
                            danger
                            onClick={() => setEnding(grant)}
                          />
                        </>
                      ),
                    },
                  ]}
                />
              </div>
              <MoreButton query={grants} what="apps" />
            </>
          )
        }}
      </Loaded>
      <NarrowDialog grant={narrowing} onClose={() => setNarrowing(undefined)} />
      <ConfirmDialog
        open={ending !== undefined}
        onOpenChange={() => setEnding(undefined)}
        title="End this app’s access?"
        action="End it"
        onConfirm={async () => {
          await call('DELETE', `/me/grants/${ending?.id}`)
          await client.invalidateQueries({ queryKey: myGrantsKey })
          toast('The app’s access has ended.')
        }}
      >
        It is signed out of <strong>{ending && whereOf(ending)}</strong> and has to ask you again.
      </ConfirmDialog>
    </>
  )
}

function nameOf({ clientName, clientId }: GrantBody): string {
  return clientName || clientId
}

function whereOf({ tenant, server }: GrantBody): string {
  return `${tenant}/${server}`
}
