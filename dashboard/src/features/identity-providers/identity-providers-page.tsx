import { useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Fingerprint, Plus } from 'lucide-react'
import { useState } from 'react'
import type { IdentityProviderBody } from '../../../../protocol/api.ts'
import { apiPath, call } from '../../api.ts'
import { identityProvidersKey, identityProvidersQuery } from './queries.ts'
import { Badge } from '../../components/badge.tsx'
import { Button } from '../../components/button.tsx'
import { ACTIONS, RowAction } from '../../components/columns.tsx'
import { ConfirmDialog } from '../../components/dialog.tsx'
import { EmptyState } from '../../components/empty-state.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { PageHeader } from '../../components/page-header.tsx'
import { Table } from '../../components/table.tsx'
import { toast } from '../../components/toast.tsx'
import { Untrusted } from '../../components/untrusted.tsx'
import { useRole } from '../people/role.ts'
import { LinksDialog } from './links-dialog.tsx'
import { ProviderDialog } from './provider-dialog.tsx'
import { SignInDialog } from './sign-in-dialog.tsx'

const route = getRouteApi('/t/$tenant/identity-providers')

type Open = { dialog: 'new' } | { dialog: 'edit' | 'links' | 'sign-in' | 'delete'; provider: IdentityProviderBody }

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
              <Table
                label="Identity providers"
                rows={items}
                keyOf={({ id }) => id}
                columns={[
                  {
                    name: 'Provider',
                    cell: ({ name, issuer, issuerTenant }) => (
                      <>
                        <span className="block font-semibold">
                          <Untrusted text={name} lines={2} />
                        </span>
                        <span className="block text-sm text-soft">
                          <Untrusted text={issuerTenant === null ? issuer : `${issuer}, tenant ${issuerTenant}`} />
                        </span>
                      </>
                    ),
                  },
                  {
                    name: 'Used for',
                    className: 'w-56',
                    cell: ({ signIn, assertions, trustsEmails }) => (
                      <span className="flex flex-wrap gap-1.5">
                        {signIn && <Badge tone="good">sign-in</Badge>}
                        {assertions && <Badge tone="good">apps</Badge>}
                        {trustsEmails && <Badge tone="warn">every address is believed</Badge>}
                        {!signIn && !assertions && !trustsEmails && <span className="text-soft">Members it is linked to</span>}
                      </span>
                    ),
                  },
                  {
                    ...ACTIONS,
                    className: 'w-[28rem]',
                    cell: (provider) => (
                      <>
                        <RowAction label="Members" of={`of ${provider.name}`} onClick={() => setOpen({ dialog: 'links', provider })} />
                        {provider.signIn && (
                          <RowAction
                            label="Addresses"
                            of={`of ${provider.name}`}
                            onClick={() => setOpen({ dialog: 'sign-in', provider })}
                          />
                        )}
                        {isOwner && (
                          <>
                            <RowAction label="Edit" of={provider.name} onClick={() => setOpen({ dialog: 'edit', provider })} />
                            <RowAction label="Delete" of={provider.name} danger onClick={() => setOpen({ dialog: 'delete', provider })} />
                          </>
                        )}
                      </>
                    ),
                  },
                ]}
              />
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
