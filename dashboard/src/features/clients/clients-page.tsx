import { useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Bot, Plus } from 'lucide-react'
import { useState } from 'react'
import type { TenantClientBody } from '../../../../protocol/api.ts'
import { apiPath, call } from '../../api.ts'
import { Button } from '../../components/button.tsx'
import { ConfirmDialog } from '../../components/dialog.tsx'
import { EmptyState } from '../../components/empty-state.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { PageHeader } from '../../components/page-header.tsx'
import { toast } from '../../components/toast.tsx'
import { useRole } from '../people/role.ts'
import { ClientsTable } from './clients-table.tsx'
import { NewClientDialog } from './new-client-dialog.tsx'
import { tenantClientsKey, tenantClientsQuery } from './queries.ts'
import { RotateDialog } from './rotate-dialog.tsx'

const route = getRouteApi('/t/$tenant/clients')

/**
 * Clients created by members. A client belongs to the tenant and needs access at a server.
 */
export function ClientsPage() {
  const { tenant } = route.useParams()
  const clients = useQuery(tenantClientsQuery(tenant))
  const client = useQueryClient()
  const isAdmin = useRole(tenant, 'admin')
  const [creating, setCreating] = useState(false)
  const [rotating, setRotating] = useState<TenantClientBody>()
  const [deleting, setDeleting] = useState<TenantClientBody>()
  const path = (clientId: string) => `${apiPath.tenant(tenant)}/clients/${encodeURIComponent(clientId)}`
  const createButton = isAdmin && (
    <Button icon={Plus} onClick={() => setCreating(true)}>
      Create client
    </Button>
  )
  return (
    <>
      <PageHeader title="Clients" context={tenant} actions={clients.data && clients.data.length > 0 && createButton}>
        Pre-registered apps and machines. Most apps need no client, because they register themselves or publish a client metadata document.
      </PageHeader>
      <Loaded query={clients}>
        {(items) =>
          items.length === 0 ? (
            <EmptyState icon={Bot} title="No clients" action={createButton}>
              Create a client for a machine (client_credentials), or for an app that can neither register nor publish a metadata document.
            </EmptyState>
          ) : (
            <div className="rounded-xl border border-line bg-sheet shadow-card px-1 sm:px-3">
              <ClientsTable tenant={tenant} clients={items} isAdmin={isAdmin} onRotate={setRotating} onDelete={setDeleting} />
            </div>
          )
        }
      </Loaded>
      <NewClientDialog open={creating} onOpenChange={setCreating} tenant={tenant} />
      <RotateDialog tenant={tenant} client={rotating} onClose={() => setRotating(undefined)} />
      <ConfirmDialog
        open={deleting !== undefined}
        onOpenChange={() => setDeleting(undefined)}
        title="Delete client?"
        action="Delete client"
        onConfirm={async () => {
          await call('DELETE', path(deleting?.clientId ?? ''))
          await client.invalidateQueries({ queryKey: tenantClientsKey(tenant) })
          toast('Client deleted.')
        }}
      >
        All access of the client ends, including its tokens and access keys.
      </ConfirmDialog>
    </>
  )
}
