import { useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Fingerprint, Plus } from 'lucide-react'
import { useState } from 'react'
import type { IdentityProviderBody } from '../../../../protocol/api.ts'
import { apiPath, call } from '../../api.ts'
import { Button } from '../../components/button.tsx'
import { ConfirmDialog } from '../../components/dialog.tsx'
import { EmptyState } from '../../components/empty-state.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { PageHeader } from '../../components/page-header.tsx'
import { toast } from '../../components/toast.tsx'
import { Untrusted } from '../../components/untrusted.tsx'
import { useRole } from '../people/role.ts'
import { LinksDialog } from './links-dialog.tsx'
import { ProviderDialog } from './provider-dialog.tsx'
import { type ProviderDialogName, ProvidersTable } from './providers-table.tsx'
import { identityProvidersKey, identityProvidersQuery } from './queries.ts'
import { SignInDialog } from './sign-in-dialog.tsx'

const route = getRouteApi('/t/$tenant/identity-providers')

type Open = { dialog: 'new' } | { dialog: ProviderDialogName; provider: IdentityProviderBody }

/** Who else may say who a tenant's people are. */
export function IdentityProvidersPage() {
  const { tenant } = route.useParams()
  const providers = useQuery(identityProvidersQuery(tenant))
  const client = useQueryClient()
  const isOwner = useRole(tenant, 'owner')
  const [open, setOpen] = useState<Open>()
  const close = () => setOpen(undefined)
  const of = (dialog: Open['dialog']) => (open !== undefined && open.dialog === dialog && 'provider' in open ? open.provider : undefined)
  const add = isOwner && (
    <Button icon={Plus} onClick={() => setOpen({ dialog: 'new' })}>
      Add a provider
    </Button>
  )
  return (
    <>
      <PageHeader title="Identity providers" context={tenant} actions={providers.data && providers.data.length > 0 && add}>
        Where your organization’s accounts are. What a provider says of who somebody is counts in this tenant alone, and only for its
        members.
      </PageHeader>
      <Loaded query={providers}>
        {(items) =>
          items.length === 0 ? (
            <EmptyState icon={Fingerprint} title="No identity provider" action={add}>
              {isOwner
                ? 'Add the OpenID provider of your organization, and members can sign in with the accounts they have there.'
                : 'An owner of the tenant can add the OpenID provider of your organization.'}
            </EmptyState>
          ) : (
            <div className="rounded-2xl border border-line bg-sheet px-1 sm:px-3">
              <ProvidersTable providers={items} isOwner={isOwner} onOpen={(dialog, provider) => setOpen({ dialog, provider })} />
            </div>
          )
        }
      </Loaded>
      {(open?.dialog === 'new' || open?.dialog === 'edit') && (
        <ProviderDialog
          tenant={tenant}
          provider={of('edit')}
          onClose={close}
          onDone={(provider) => setOpen(open.dialog === 'new' && provider.signIn ? { dialog: 'sign-in', provider } : undefined)}
        />
      )}
      <LinksDialog tenant={tenant} provider={of('links')} isOwner={isOwner} onClose={close} />
      <SignInDialog provider={of('sign-in')} onClose={close} />
      <ConfirmDialog
        open={open?.dialog === 'delete'}
        onOpenChange={close}
        title="Delete this provider?"
        action="Delete the provider"
        onConfirm={async () => {
          await call('DELETE', `${apiPath.tenant(tenant)}/identity-providers/${of('delete')?.id}`)
          await client.invalidateQueries({ queryKey: identityProvidersKey(tenant) })
          toast('The provider is deleted.')
        }}
      >
        Members stay members, and sign in with their password. What rests on <Untrusted text={of('delete')?.name ?? ''} /> ends: sign-ins
        through it, links to it, and the access of apps that was given on its word.
      </ConfirmDialog>
    </>
  )
}
