import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { InvitationBody } from '../../../../protocol/api.ts'
import { apiPath, call } from '../../api.ts'
import { Card } from '../../components/card.tsx'
import { ACTIONS, RowAction } from '../../components/columns.tsx'
import { ConfirmDialog } from '../../components/dialog.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { RelativeTime } from '../../components/relative-time.tsx'
import { Table } from '../../components/table.tsx'
import { toast } from '../../components/toast.tsx'
import { Untrusted } from '../../components/untrusted.tsx'
import { invitationsKey, invitationsQuery } from './queries.ts'

/** Links that nobody has followed yet. A link itself was shown to whoever made it, once. */
export function Invitations({ tenant }: { tenant: string }) {
  const invitations = useQuery(invitationsQuery(tenant))
  const client = useQueryClient()
  const [withdrawing, setWithdrawing] = useState<InvitationBody>()
  return (
    <Card title="Invited">
      <Loaded query={invitations}>
        {(items) =>
          items.length === 0 ? (
            <p className="text-soft">No invitation is open.</p>
          ) : (
            <Table
              label="Open invitations"
              rows={items}
              keyOf={({ id }) => id}
              columns={[
                { name: 'For', cell: ({ email }) => (email ? <Untrusted text={email} /> : 'Whoever has the link') },
                { name: 'As', className: 'w-32', cell: ({ role }) => role },
                { name: 'Ends', className: 'w-36', cell: ({ expiresAt }) => <RelativeTime at={expiresAt} /> },
                {
                  ...ACTIONS,
                  className: 'w-32',
                  cell: (invitation) => (
                    <RowAction
                      label="Withdraw"
                      of={`the invitation for ${invitation.email ?? 'whoever has the link'}`}
                      danger
                      onClick={() => setWithdrawing(invitation)}
                    />
                  ),
                },
              ]}
            />
          )
        }
      </Loaded>
      <ConfirmDialog
        open={withdrawing !== undefined}
        onOpenChange={() => setWithdrawing(undefined)}
        title="Withdraw this invitation?"
        action="Withdraw it"
        onConfirm={async () => {
          await call('DELETE', `${apiPath.tenant(tenant)}/invitations/${withdrawing?.id}`)
          await client.invalidateQueries({ queryKey: invitationsKey(tenant) })
          toast('The invitation is withdrawn.')
        }}
      >
        Its link leads nowhere from now on.
      </ConfirmDialog>
    </Card>
  )
}
