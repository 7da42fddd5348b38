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

/** OpenID providers of the tenant, through which members sign in. */
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
      Add provider
    </Button>
  )
  return (
    <>
      <PageHeader title="Identity providers" context={tenant} actions={providers.data && providers.data.length > 0 && add}>
        OpenID providers of your organization. A provider identifies members of this tenant, in this tenant only.
      </PageHeader>
      <Loaded query={providers}>
        {(items) =>
          items.length === 0 ? (
            <EmptyState icon={Fingerprint} title="No identity providers" action={add}>
              {isOwner
                ? 'Add the OpenID provider of your organization, so that members can sign in with their accounts there.'
                : 'Only an owner can add an identity provider.'}
            </EmptyState>
          ) : (
            <div className="rounded-xl border border-line bg-sheet shadow-card px-1 sm:px-3">
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
        title="Delete identity provider?"
        action="Delete provider"
        onConfirm={async () => {
          await call('DELETE', `${apiPath.tenant(tenant)}/identity-providers/${of('delete')?.id}`)
          await client.invalidateQueries({ queryKey: identityProvidersKey(tenant) })
          toast('Identity provider deleted.')
        }}
      >
        Sign-ins and links through <Untrusted text={of('delete')?.name ?? ''} /> end, and so does the access it granted to apps. Members
        stay members and can sign in with a password.
      </ConfirmDialog>
    </>
  )
}
