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
  mayMake: boolean
  isAdmin: boolean
}

/** For clients that can only send a fixed header. */
export function AccessKeys({ tenant, server, mayMake, isAdmin }: AccessKeysProps) {
  if (!mayMake) return <p className="text-soft">A developer of the tenant makes and sees access keys.</p>
  return <Keys tenant={tenant} server={server} isAdmin={isAdmin} />
}

function Keys({ tenant, server, isAdmin }: Omit<AccessKeysProps, 'mayMake'>) {
  const list = useQuery(accessKeysQuery(tenant, server))
  const client = useQueryClient()
  const [making, setMaking] = useState(false)
  const [deleting, setDeleting] = useState<AccessKeyBody>()
  const make = <Button onClick={() => setMaking(true)}>New key</Button>
  return (
    <Card title="Access keys" actions={list.data && list.data.length > 0 && make}>
      <p className="mb-4 max-w-prose text-soft">
        For a client that can only send a fixed header: <code>Authorization: Bearer wharf_key_…</code>. A key acts for a person or a client,
        at this server only. Apps that can sign in need none.
      </p>
      <Loaded query={list}>
        {(items) =>
          items.length === 0 ? (
            <EmptyState icon={KeyRound} title="No access key" action={make} />
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
                  name: 'Acts for',
                  className: 'w-36',
                  cell: ({ userId, clientId }) =>
                    clientId === null ? (
                      <MemberName tenant={tenant} userId={userId} />
                    ) : (
                      <code className="text-sm [overflow-wrap:anywhere]">{clientId}</code>
                    ),
                },
                { name: 'May', cell: (key) => <GrantedRights grant={{ ...key, toolLimit: null }} /> },
                lastUsedColumn(),
                { name: 'Ends', className: 'w-28', cell: ({ expiresAt }) => <RelativeTime at={expiresAt} /> },
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
      <NewKeyDialog open={making} onOpenChange={setMaking} tenant={tenant} server={server} isAdmin={isAdmin} />
      <ConfirmDialog
        open={deleting !== undefined}
        onOpenChange={() => setDeleting(undefined)}
        title="Delete this key?"
        action="Delete the key"
        onConfirm={async () => {
          await call('DELETE', `${apiPath.server(tenant, server)}/access-keys/${deleting?.id}`)
          await client.invalidateQueries({ queryKey: accessKeysKey(tenant, server) })
          toast('The key is deleted.')
        }}
      >
        What uses <Untrusted text={deleting?.name ?? ''} /> is refused within ten seconds.
      </ConfirmDialog>
    </Card>
  )
}
