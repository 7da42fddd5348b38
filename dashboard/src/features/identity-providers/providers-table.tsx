import type { IdentityProviderBody } from '../../../../protocol/api.ts'
import { Badge } from '../../components/badge.tsx'
import { ACTIONS, RowAction } from '../../components/columns.tsx'
import { Table } from '../../components/table.tsx'
import { Untrusted } from '../../components/untrusted.tsx'

export type ProviderDialogName = 'edit' | 'links' | 'sign-in' | 'delete'

interface ProvidersTableProps {
  providers: readonly IdentityProviderBody[]
  isOwner: boolean
  onOpen: (dialog: ProviderDialogName, provider: IdentityProviderBody) => void
}

export function ProvidersTable({ providers, isOwner, onOpen }: ProvidersTableProps) {
  return (
    <Table
      label="Identity providers"
      rows={providers}
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
              {signIn && <Badge tone="good">Sign-in</Badge>}
              {assertions && <Badge tone="good">App access</Badge>}
              {trustsEmails && <Badge tone="warn">All emails trusted</Badge>}
              {!signIn && !assertions && !trustsEmails && <span className="text-soft">Linked members</span>}
            </span>
          ),
        },
        {
          ...ACTIONS,
          className: 'w-[28rem]',
          cell: (provider) => (
            <>
              <RowAction label="Members" of={`of ${provider.name}`} onClick={() => onOpen('links', provider)} />
              {provider.signIn && <RowAction label="Sign-in URLs" of={`of ${provider.name}`} onClick={() => onOpen('sign-in', provider)} />}
              {isOwner && (
                <>
                  <RowAction label="Edit" of={provider.name} onClick={() => onOpen('edit', provider)} />
                  <RowAction label="Delete" of={provider.name} danger onClick={() => onOpen('delete', provider)} />
                </>
              )}
            </>
          ),
        },
      ]}
    />
  )
}
