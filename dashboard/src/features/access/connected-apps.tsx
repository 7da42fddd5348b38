import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { GrantBody } from '../../../../protocol/api.ts'
import { apiPath, call } from '../../api.ts'
import { Card } from '../../components/card.tsx'
import { ACTIONS, lastUsedColumn, RowAction } from '../../components/columns.tsx'
import { ConfirmDialog } from '../../components/dialog.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { MoreButton } from '../../components/more-button.tsx'
import { RelativeTime } from '../../components/relative-time.tsx'
import { Table } from '../../components/table.tsx'
import { toast } from '../../components/toast.tsx'
import { Untrusted } from '../../components/untrusted.tsx'
import { AppName, GrantedRights } from './grant.tsx'
import { LimitDialog } from './limit-dialog.tsx'
import { grantsKey, grantsQuery } from './queries.ts'

/** Apps with access granted by users. */
export function ConnectedApps({ tenant, server }: { tenant: string; server: string }) {
  const grants = useInfiniteQuery(grantsQuery(tenant, server))
  const client = useQueryClient()
  const [limiting, setLimiting] = useState<GrantBody>()
  const [disconnecting, setDisconnecting] = useState<GrantBody>()
  return (
    <Card title="Connected apps">
      <Loaded query={grants}>
        {({ pages }) => {
          const items = pages.flatMap((page) => page.items)
          return items.length === 0 ? (
            <p className="text-soft">No connected apps. An app appears here after a user allows it.</p>
          ) : (
            <>
              <Table
                label="Connected apps"
                rows={items}
                keyOf={({ id }) => id}
                columns={[
                  { name: 'App', cell: (grant) => <AppName grant={grant} /> },
                  {
                    name: 'User',
                    cell: ({ userName, userEmail }) => (
                      <>
                        <Untrusted text={userName} lines={1} />
                        <span className="block text-sm text-soft">
                          <Untrusted text={userEmail} lines={1} />
                        </span>
                      </>
                    ),
                  },
                  { name: 'Permissions', cell: (grant) => <GrantedRights grant={grant} /> },
                  { name: 'Connected', className: 'w-36', cell: ({ createdAt }) => <RelativeTime at={createdAt} /> },
                  lastUsedColumn(),
                  {
                    ...ACTIONS,
                    className: 'w-52',
                    cell: (grant) => (
                      <>
                        <RowAction label="Limit" of={grant.clientName || grant.clientId} onClick={() => setLimiting(grant)} />
                        <RowAction
                          label="Disconnect"
                          of={grant.clientName || grant.clientId}
                          danger
                          onClick={() => setDisconnecting(grant)}
                        />
                      </>
                    ),
                  },
                ]}
              />
              <MoreButton query={grants} what="apps" />
            </>
          )
        }}
      </Loaded>
      <LimitDialog tenant={tenant} server={server} grant={limiting} onClose={() => setLimiting(undefined)} />
      <ConfirmDialog
        open={disconnecting !== undefined}
        onOpenChange={() => setDisconnecting(undefined)}
        title="Disconnect app?"
        action="Disconnect"
        onConfirm={async () => {
          await call('DELETE', `${apiPath.server(tenant, server)}/grants/${disconnecting?.id}`)
          await client.invalidateQueries({ queryKey: grantsKey(tenant, server) })
          toast('App disconnected.')
        }}
      >
        The app loses the access granted by <Untrusted text={disconnecting?.userName ?? ''} />, who can allow the app again. To block an
        app, require approval of apps.
      </ConfirmDialog>
    </Card>
  )
}
