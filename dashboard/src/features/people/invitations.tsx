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

/** Open invitations. A link is shown only at creation. */
export function Invitations({ tenant }: { tenant: string }) {
  const invitations = useQuery(invitationsQuery(tenant))
  const client = useQueryClient()
  const [revoking, setRevoking] = useState<InvitationBody>()
  return (
    <Card title="Invitations">
      <Loaded query={invitations}>
        {(items) =>
          items.length === 0 ? (
            <p className="text-soft">No open invitations.</p>
          ) : (
            <Table
              label="Open invitations"
              rows={items}
              keyOf={({ id }) => id}
              columns={[
                { name: 'Email', cell: ({ email }) => (email ? <Untrusted text={email} /> : 'Anyone with the link') },
                { name: 'Role', className: 'w-32', cell: ({ role }) => role },
                { name: 'Expires', className: 'w-36', cell: ({ expiresAt }) => <RelativeTime at={expiresAt} /> },
                {
                  ...ACTIONS,
                  className: 'w-32',
                  cell: (invitation) => (
                    <RowAction
                      label="Revoke"
                      of={`the invitation for ${invitation.email ?? 'anyone with the link'}`}
                      danger
                      onClick={() => setRevoking(invitation)}
                    />
                  ),
                },
              ]}
            />
          )
        }
      </Loaded>
      <ConfirmDialog
        open={revoking !== undefined}
        onOpenChange={() => setRevoking(undefined)}
        title="Revoke invitation?"
        action="Revoke invitation"
        onConfirm={async () => {
          await call('DELETE', `${apiPath.tenant(tenant)}/invitations/${revoking?.id}`)
          await client.invalidateQueries({ queryKey: invitationsKey(tenant) })
          toast('Invitation revoked.')
        }}
      >
        The link stops working.
      </ConfirmDialog>
    </Card>
  )
}
