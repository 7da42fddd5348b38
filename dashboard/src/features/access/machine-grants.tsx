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
import { GrantForm } from './machine-grant-form.tsx'
import { machineGrantsKey, machineGrantsQuery } from './queries.ts'

interface MachineGrantsProps {
  tenant: string
  server: string
  mayChange: boolean
  mayLook: boolean
}

/** Clients that act for themselves here, without a person (client credentials). */
export function MachineGrants({ mayLook, ...rest }: MachineGrantsProps) {
  if (!mayLook) return <p className="text-soft">A developer of the tenant sees which machines have access.</p>
  return <Machines {...rest} />
}

function Machines({ tenant, server, mayChange }: Omit<MachineGrantsProps, 'mayLook'>) {
  const grants = useQuery(machineGrantsQuery(tenant, server))
  const client = useQueryClient()
  const [granting, setGranting] = useState<MachineGrantBody | 'new'>()
  const [ending, setEnding] = useState<MachineGrantBody>()
  const changed = () => client.invalidateQueries({ queryKey: machineGrantsKey(tenant, server) })
  const grant = mayChange && <Button onClick={() => setGranting('new')}>Let a client in</Button>
  return (
    <Card title="Machines" actions={grants.data && grants.data.length > 0 && grant}>
      <p className="mb-4 max-w-prose text-soft">
        Clients that act for themselves, without a person: they get tokens by <code>client_credentials</code>. They are{' '}
        <Link to="/t/$tenant/clients" params={{ tenant }} className="link">
          made in the tenant
        </Link>{' '}
        and let in at each server.
      </p>
      <Loaded query={grants}>
        {(items) =>
          items.length === 0 ? (
            <EmptyState icon={Bot} title="No machine has access" action={grant} />
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
                      {madeBy === 'registration' && <Badge>registered itself</Badge>}
                      <code className="block text-sm text-soft [overflow-wrap:anywhere]">{clientId}</code>
                    </>
                  ),
                },
                {
                  name: 'May',
                  cell: (each) =>
                    each.scopes.length === 0 ? (
                      <Badge tone="bad">nothing: kept out</Badge>
                    ) : (
                      <GrantedRights grant={{ ...each, toolLimit: null }} />
                    ),
                },
                {
                  name: 'Since',
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
                  className: 'w-36',
                  cell: (each) =>
                    mayChange && (
                      <>
                        <RowAction label="Edit" of={each.clientName || each.clientId} onClick={() => setGranting(each)} />
                        <RowAction
                          label="End"
                          of={`the access of ${each.clientName || each.clientId}`}
                          danger
                          onClick={() => setEnding(each)}
                        />
                      </>
                    ),
                },
              ]}
            />
          )
        }
      </Loaded>
      <Dialog
        open={granting !== undefined}
        onOpenChange={(open) => !open && setGranting(undefined)}
        title={granting === 'new' ? 'Let a client in' : 'What this client may do'}
      >
        {granting !== undefined && (
          <GrantForm tenant={tenant} server={server} grant={granting} onDone={() => setGranting(undefined)} onChanged={changed} />
        )}
      </Dialog>
      <ConfirmDialog
        open={ending !== undefined}
        onOpenChange={() => setEnding(undefined)}
        title="End this client’s access?"
        action="End it"
        onConfirm={async () => {
          await call('DELETE', `${apiPath.server(tenant, server)}/machine-grants/${encodeURIComponent(ending?.clientId ?? '')}`)
          await changed()
          toast('The client’s access has ended.')
        }}
      >
        Its tokens end at once. The client itself stays.
      </ConfirmDialog>
    </Card>
  )
}
