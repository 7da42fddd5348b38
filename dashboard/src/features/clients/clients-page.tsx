import { useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Bot, Plus } from 'lucide-react'
import { useState } from 'react'
import type { TenantClientBody } from '../../../../protocol/api.ts'
import { apiPath, call } from '../../api.ts'
import { tenantClientsKey, tenantClientsQuery } from './queries.ts'
import { Badge } from '../../components/badge.tsx'
import { Button } from '../../components/button.tsx'
import { ACTIONS, lastUsedColumn, RowAction } from '../../components/columns.tsx'
import { ConfirmDialog } from '../../components/dialog.tsx'
import { EmptyState } from '../../components/empty-state.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { MemberName } from '../people/member-name.tsx'
import { PageHeader } from '../../components/page-header.tsx'
import { RelativeTime } from '../../components/relative-time.tsx'
import { Table } from '../../components/table.tsx'
import { toast } from '../../components/toast.tsx'
import { Untrusted } from '../../components/untrusted.tsx'
import { useRole } from '../people/role.ts'
import { JWT_BEARER_GRANT, NewClientDialog } from './new-client-dialog.tsx'
import { RotateDialog } from './rotate-dialog.tsx'

const route = getRouteApi('/t/$tenant/clients')

/** Clients made by hand: they belong to the tenant and work at each of its servers that lets them in. */
export function ClientsPage() {
  const { tenant } = route.useParams()
  const clients = useQuery(tenantClientsQuery(tenant))
  const client = useQueryClient()
  const isAdmin = useRole(tenant, 'admin')
  const [making, setMaking] = useState(false)
  const [rotating, setRotating] = useState<TenantClientBody>()
  const [deleting, setDeleting] = useState<TenantClientBody>()
  const path = (clientId: string) => `${apiPath.tenant(tenant)}/clients/${encodeURIComponent(clientId)}`
  const make = isAdmin && (
    <Button icon={Plus} onClick={() => setMaking(true)}>
      New client
    </Button>
  )
  return (
    <>
      <PageHeader title="Clients" context={tenant} actions={clients.data && clients.data.length > 0 && make}>
        Apps and machines you make known by hand. Most apps need none: they register themselves, or publish a document about themselves.
      </PageHeader>
      <Loaded query={clients}>
        {(items) =>
          items.length === 0 ? (
            <EmptyState icon={Bot} title="No client made by hand" action={make}>
              Make one for a machine that acts for itself (client credentials), or for an app that can neither register nor publish a
              document.
            </EmptyState>
          ) : (
            <div className="rounded-2xl border border-line bg-sheet px-1 sm:px-3">
              <Table
                label="Clients made by hand"
                rows={items}
                keyOf={({ clientId }) => clientId}
                columns={[
                  {
                    name: 'Client',
                    cell: ({ clientId, name }) => (
                      <>
                        <span className="block font-semibold">
                          <Untrusted text={name} lines={2} />
                        </span>
                        <code className="text-sm text-soft [overflow-wrap:anywhere]">{clientId}</code>
                      </>
                    ),
                  },
                  {
                    name: 'For',
                    cell: ({ grantTypes }) => (
                      <span className="flex flex-wrap gap-1.5">
                        {grantTypes.includes('authorization_code') && <Badge>People</Badge>}
                        {grantTypes.includes('client_credentials') && <Badge>Itself</Badge>}
                        {grantTypes.includes(JWT_BEARER_GRANT) && <Badge>Members</Badge>}
                      </span>
                    ),
                  },
                  { name: 'Proves itself by', cell: (each) => <Proof client={each} /> },
                  {
                    name: 'Made',
                    className: 'w-40',
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
                    className: 'w-56',
                    cell: (each) =>
                      isAdmin && (
                        <>
                          {each.secretLastFour !== null && (
                            <RowAction label="New secret" of={`for ${each.name}`} onClick={() => setRotating(each)} />
                          )}
                          <RowAction label="Delete" of={each.name} danger onClick={() => setDeleting(each)} />
                        </>
                      ),
                  },
                ]}
              />
            </div>
          )
        }
      </Loaded>
      <NewClientDialog open={making} onOpenChange={setMaking} tenant={tenant} />
      <RotateDialog tenant={tenant} client={rotating} onClose={() => setRotating(undefined)} />
      <ConfirmDialog
        open={deleting !== undefined}
        onOpenChange={() => setDeleting(undefined)}
        title="Delete this client?"
        action="Delete the client"
        onConfirm={async () => {
          await call('DELETE', path(deleting?.clientId ?? ''))
          await client.invalidateQueries({ queryKey: tenantClientsKey(tenant) })
          toast('The client is deleted.')
        }}
      >
        What it was granted at your servers ends with it, its tokens and keys included.
      </ConfirmDialog>
    </>
  )
}

const PROOFS: Record<string, string> = {
  none: 'nothing (a public client)',
  client_secret_basic: 'a secret',
  client_secret_post: 'a secret',
  private_key_jwt: 'its key',
}

function Proof({ client: { tokenEndpointAuthMethod, secretLastFour, previousSecretExpiresAt } }: { client: TenantClientBody }) {
  return (
    <>
      {PROOFS[tokenEndpointAuthMethod] ?? tokenEndpointAuthMethod}
      {secretLastFour !== null && <code className="ml-1 text-sm text-soft">{`…${secretLastFour}`}</code>}
      {previousSecretExpiresAt !== null && (
        <span className="block text-sm text-soft">
          the one before ends <RelativeTime at={previousSecretExpiresAt} />
        </span>
      )}
    </>
  )
}
