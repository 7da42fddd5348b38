import { useQuery, useQueryClient } from '@tanstack/react-query'
import { KeyRound } from 'lucide-react'
import { useState } from 'react'
import type { AccessKeyBody } from '../../../../protocol/api.ts'
import { apiPath, call } from '../../api.ts'
import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { ACTIONS, lastUsedColumn, RowAction, SecretName } from '../../components/columns.tsx'
import { ConfirmDialog } from '../../components/dialog.tsx'
import { EmptyState } from '../../components/empty-state.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { RelativeTime } from '../../components/relative-time.tsx'
import { Table } from '../../components/table.tsx'
import { toast } from '../../components/toast.tsx'
import { Untrusted } from '../../components/untrusted.tsx'
import { MemberName } from '../people/member-name.tsx'
import { GrantedRights } from './grant.tsx'
import { NewKeyDialog } from './new-key-dialog.tsx'
import { accessKeysKey, accessKeysQuery } from './queries.ts'

interface AccessKeysProps {
  tenant: string
  server: string
  mayCreate: boolean
  isAdmin: boolean
}

/** Access keys, for clients that can only send a fixed header. */
export function AccessKeys({ tenant, server, mayCreate, isAdmin }: AccessKeysProps) {
  if (!mayCreate) return <p className="text-soft">Access keys require the developer role.</p>
  return <Keys tenant={tenant} server={server} isAdmin={isAdmin} />
}

function Keys({ tenant, server, isAdmin }: Omit<AccessKeysProps, 'mayCreate'>) {
  const list = useQuery(accessKeysQuery(tenant, server))
  const client = useQueryClient()
  const [creating, setCreating] = useState(false)
  const [deleting, setDeleting] = useState<AccessKeyBody>()
  const createButton = <Button onClick={() => setCreating(true)}>Create key</Button>
  return (
    <Card title="Access keys" actions={list.data && list.data.length > 0 && createButton}>
      <p className="mb-4 max-w-prose text-soft">
        For clients that can only send a fixed header: <code>Authorization: Bearer wharf_key_…</code>. A key acts as a user or a client, at
        this server only. Apps that support OAuth need no key.
      </p>
      <Loaded query={list}>
        {(items) =>
          items.length === 0 ? (
            <EmptyState icon={KeyRound} title="No access keys" action={createButton} />
          ) : (
            <Table
              label="Access keys"
              rows={items}
              keyOf={({ id }) => id}
              columns={[
                {
                  name: 'Key',
                  cell: ({ name, lastFour }) => <SecretName name={name} prefix="wharf_key_" lastFour={lastFour} />,
                },
                {
                  name: 'Acts as',
                  className: 'w-36',
                  cell: ({ userId, clientId }) =>
                    clientId === null ? (
                      <MemberName tenant={tenant} userId={userId} />
                    ) : (
                      <code className="text-sm [overflow-wrap:anywhere]">{clientId}</code>
                    ),
                },
                { name: 'Permissions', cell: (key) => <GrantedRights grant={{ ...key, toolLimit: null }} /> },
                lastUsedColumn(),
                { name: 'Expires', className: 'w-28', cell: ({ expiresAt }) => <RelativeTime at={expiresAt} /> },
                {
                  ...ACTIONS,
                  className: 'w-24',
                  cell: (key) => <RowAction label="Delete" of={key.name} danger onClick={() => setDeleting(key)} />,
                },
              ]}
            />
          )
        }
      </Loaded>
      <NewKeyDialog open={creating} onOpenChange={setCreating} tenant={tenant} server={server} isAdmin={isAdmin} />
      <ConfirmDialog
        open={deleting !== undefined}
        onOpenChange={() => setDeleting(undefined)}
        title="Delete access key?"
        action="Delete key"
        onConfirm={async () => {
          await call('DELETE', `${apiPath.server(tenant, server)}/access-keys/${deleting?.id}`)
          await client.invalidateQueries({ queryKey: accessKeysKey(tenant, server) })
          toast('Access key deleted.')
        }}
      >
        Requests with the key <Untrusted text={deleting?.name ?? ''} /> are rejected within 10 seconds.
      </ConfirmDialog>
    </Card>
  )
}
