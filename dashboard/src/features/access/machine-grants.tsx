import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Bot } from 'lucide-react'
import { useState } from 'react'
import type { MachineGrantBody } from '../../../../protocol/api.ts'
import { apiPath, call } from '../../api.ts'
import { Badge } from '../../components/badge.tsx'
import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { ACTIONS, lastUsedColumn, RowAction } from '../../components/columns.tsx'
import { ConfirmDialog, Dialog } from '../../components/dialog.tsx'
import { EmptyState } from '../../components/empty-state.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { RelativeTime } from '../../components/relative-time.tsx'
import { Table } from '../../components/table.tsx'
import { toast } from '../../components/toast.tsx'
import { Untrusted } from '../../components/untrusted.tsx'
import { MemberName } from '../people/member-name.tsx'
import { GrantedRights } from './grant.tsx'
import { MachineGrantForm } from './machine-grant-form.tsx'
import { NewMachineDialog } from './new-machine-dialog.tsx'
import { machineGrantsKey, machineGrantsQuery } from './queries.ts'

interface MachineGrantsProps {
  tenant: string
  server: string
  mayChange: boolean
  mayLook: boolean
}

/** Clients with access through the client_credentials grant, without a user. */
export function MachineGrants({ mayLook, ...rest }: MachineGrantsProps) {
  if (!mayLook) return <p className="text-soft">Machine access is visible to developers.</p>
  return <Machines {...rest} />
}

function Machines({ tenant, server, mayChange }: Omit<MachineGrantsProps, 'mayLook'>) {
  const grants = useQuery(machineGrantsQuery(tenant, server))
  const client = useQueryClient()
  const [granting, setGranting] = useState<MachineGrantBody | 'new'>()
  const [revoking, setRevoking] = useState<MachineGrantBody>()
  const changed = () => client.invalidateQueries({ queryKey: machineGrantsKey(tenant, server) })
  const [creating, setCreating] = useState(false)
  const addButton = mayChange && (
    <div className="flex flex-wrap gap-2">
      <Button kind="secondary" onClick={() => setGranting('new')}>
        Add client
      </Button>
      <Button onClick={() => setCreating(true)}>Create client</Button>
    </div>
  )
  return (
    <Card title="Machines" actions={grants.data && grants.data.length > 0 && addButton}>
      <p className="mb-4 max-w-prose text-soft">
        Clients that act without a user, by the <code>client_credentials</code> grant. Create a client here, or add one of the tenant&apos;s{' '}
        <Link to="/t/$tenant/clients" params={{ tenant }} className="link">
          clients
        </Link>
        .
      </p>
      <Loaded query={grants}>
        {(items) =>
          items.length === 0 ? (
            <EmptyState icon={Bot} title="No machine access" action={addButton} />
          ) : (
            <Table
              label="Machines"
              rows={items}
              keyOf={({ clientId }) => clientId}
              columns={[
                {
                  name: 'Client',
                  cell: ({ clientId, clientName, madeBy }) => (
                    <>
                      <span className="font-semibold">
                        <Untrusted text={clientName || clientId} lines={2} />
                      </span>{' '}
                      {madeBy === 'registration' && <Badge>Registered</Badge>}
                      <code className="block text-sm text-soft [overflow-wrap:anywhere]">{clientId}</code>
                    </>
                  ),
                },
                {
                  name: 'Permissions',
                  cell: (each) =>
                    each.scopes.length === 0 ? <Badge tone="bad">No access</Badge> : <GrantedRights grant={{ ...each, toolLimit: null }} />,
                },
                {
                  name: 'Granted',
                  className: 'w-36',
                  cell: ({ createdAt, createdBy }) => (
                    <>
                      <RelativeTime at={createdAt} />
                      <span className="block text-sm text-soft">
                        <MemberName tenant={tenant} userId={createdBy} />
                      </span>
                    </>
                  ),
                },
                lastUsedColumn(),
                {
                  ...ACTIONS,
                  className: 'w-44',
                  cell: (each) =>
                    mayChange && (
                      <>
                        <RowAction label="Edit" of={each.clientName || each.clientId} onClick={() => setGranting(each)} />
                        <RowAction
                          label="Revoke"
                          of={`access of ${each.clientName || each.clientId}`}
                          danger
                          onClick={() => setRevoking(each)}
                        />
                      </>
                    ),
                },
              ]}
            />
          )
        }
      </Loaded>
      <NewMachineDialog open={creating} onOpenChange={setCreating} tenant={tenant} server={server} />
      <Dialog
        open={granting !== undefined}
        onOpenChange={(open) => !open && setGranting(undefined)}
        title={granting === 'new' ? 'Add client' : 'Edit access'}
      >
        {granting !== undefined && (
          <MachineGrantForm tenant={tenant} server={server} grant={granting} onDone={() => setGranting(undefined)} onChanged={changed} />
        )}
      </Dialog>
      <ConfirmDialog
        open={revoking !== undefined}
        onOpenChange={() => setRevoking(undefined)}
        title="Revoke access?"
        action="Revoke access"
        onConfirm={async () => {
          await call('DELETE', `${apiPath.server(tenant, server)}/machine-grants/${encodeURIComponent(revoking?.clientId ?? '')}`)
          await changed()
          toast('Access revoked.')
        }}
      >
        The tokens of the client at this server become invalid. The client itself is not deleted.
      </ConfirmDialog>
    </Card>
  )
}
