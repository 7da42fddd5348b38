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
import { PermissionsDialog } from './permissions-dialog.tsx'
import { myGrantsKey, myGrantsQuery } from './queries.ts'

/** Apps connected by the user, of all servers. */
export function AppsPage() {
  const grants = useInfiniteQuery(myGrantsQuery())
  const client = useQueryClient()
  const [editing, setEditing] = useState<GrantBody>()
  const [disconnecting, setDisconnecting] = useState<GrantBody>()
  return (
    <>
      <PageHeader title="Connected apps">
        Each app acts as you, with the permissions you allowed, until you disconnect it. Changes take effect within 10 seconds.
      </PageHeader>
      <Loaded query={grants}>
        {({ pages }) => {
          const items = pages.flatMap((page) => page.items)
          return items.length === 0 ? (
            <EmptyState icon={AppWindow} title="No connected apps">
              An agentic app appears here after you allow it to use a server.
            </EmptyState>
          ) : (
            <>
              <div className="rounded-xl border border-line bg-sheet shadow-card px-1 sm:px-3">
                <Table
                  label="Connected apps"
                  rows={items}
                  keyOf={({ id }) => id}
                  columns={[
                    { name: 'App', cell: (grant) => <AppName grant={grant} /> },
                    {
                      name: 'Server',
                      className: 'w-48',
                      cell: (grant) => (
                        <>
                          <a href={`/${serverOf(grant)}`} className="link [overflow-wrap:anywhere]">
                            {serverOf(grant)}
                          </a>
                          <span className="block text-sm text-soft">
                            connected <RelativeTime at={grant.createdAt} />
                          </span>
                        </>
                      ),
                    },
                    { name: 'Permissions', cell: (grant) => <GrantedRights grant={grant} /> },
                    lastUsedColumn(),
                    {
                      ...ACTIONS,
                      className: 'w-52',
                      cell: (grant) => (
                        <>
                          <RowAction
                            label="Edit"
                            of={`permissions of ${nameOf(grant)} at ${serverOf(grant)}`}
                            onClick={() => setEditing(grant)}
                          />
                          <RowAction
                            label="Disconnect"
                            of={`${nameOf(grant)} from ${serverOf(grant)}`}
                            danger
                            onClick={() => setDisconnecting(grant)}
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
      <PermissionsDialog grant={editing} onClose={() => setEditing(undefined)} />
      <ConfirmDialog
        open={disconnecting !== undefined}
        onOpenChange={() => setDisconnecting(undefined)}
        title="Disconnect app?"
        action="Disconnect"
        onConfirm={async () => {
          await call('DELETE', `/me/grants/${disconnecting?.id}`)
          await client.invalidateQueries({ queryKey: myGrantsKey })
          toast('App disconnected.')
        }}
      >
        The app loses its access to <strong>{disconnecting && serverOf(disconnecting)}</strong> and must ask you again.
      </ConfirmDialog>
    </>
  )
}

function nameOf({ clientName, clientId }: GrantBody): string {
  return clientName || clientId
}

function serverOf({ tenant, server }: GrantBody): string {
  return `${tenant}/${server}`
}
