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

/** Every app that people let in at this server. */
export function Connected({ tenant, server }: { tenant: string; server: string }) {
  const grants = useInfiniteQuery(grantsQuery(tenant, server))
  const client = useQueryClient()
  const [limiting, setLimiting] = useState<GrantBody>()
  const [ending, setEnding] = useState<GrantBody>()
  return (
    <Card title="Connected apps">
      <Loaded query={grants}>
        {({ pages }) => {
          const items = pages.flatMap((page) => page.items)
          return items.length === 0 ? (
            <p className="text-soft">No app is connected. One appears here when its user has allowed it.</p>
          ) : (
            <>
              <Table
                label="Connected apps"
                rows={items}
                keyOf={({ id }) => id}
                columns={[
                  { name: 'App', cell: (grant) => <AppName grant={grant} /> },
                  {
                    name: 'For',
                    cell: ({ userName, userEmail }) => (
                      <>
                        <Untrusted text={userName} lines={1} />
                        <span className="block text-sm text-soft">
                          <Untrusted text={userEmail} lines={1} />
                        </span>
                      </>
                    ),
                  },
                  { name: 'May', cell: (grant) => <GrantedRights grant={grant} /> },
                  { name: 'Since', className: 'w-36', cell: ({ createdAt }) => <RelativeTime at={createdAt} /> },
                  lastUsedColumn(),
                  {
                    ...ACTIONS,
                    className: 'w-36',
                    cell: (grant) => (
                      <>
                        <RowAction label="Limit" of={grant.clientName || grant.clientId} onClick={() => setLimiting(grant)} />
                        <RowAction
                          label="End"
                          of={`the access of ${grant.clientName || grant.clientId}`}
                          danger
                          onClick={() => setEnding(grant)}
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
        open={ending !== undefined}
        onOpenChange={() => setEnding(undefined)}
        title="End this app’s access?"
        action="End it"
        onConfirm={async () => {
          await call('DELETE', `${apiPath.server(tenant, server)}/grants/${ending?.id}`)
          await client.invalidateQueries({ queryKey: grantsKey(tenant, server) })
          toast('The app’s access has ended.')
        }}
      >
        It is signed out for <Untrusted text={ending?.userName ?? ''} />, who may let it in again. To keep an app out, approve apps one by
        one.
      </ConfirmDialog>
    </Card>
  )
}
