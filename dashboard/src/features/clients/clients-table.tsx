import type { TenantClientBody } from '../../../../protocol/api.ts'
import { Badge } from '../../components/badge.tsx'
import { ACTIONS, lastUsedColumn, RowAction } from '../../components/columns.tsx'
import { RelativeTime } from '../../components/relative-time.tsx'
import { Table } from '../../components/table.tsx'
import { Untrusted } from '../../components/untrusted.tsx'
import { MemberName } from '../people/member-name.tsx'
import { JWT_BEARER_GRANT } from './new-client-dialog.tsx'

interface ClientsTableProps {
  tenant: string
  clients: readonly TenantClientBody[]
  isAdmin: boolean
  onRotate: (client: TenantClientBody) => void
  onDelete: (client: TenantClientBody) => void
}

export function ClientsTable({ tenant, clients, isAdmin, onRotate, onDelete }: ClientsTableProps) {
  return (
    <Table
      label="Clients"
      rows={clients}
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
          name: 'Acts as',
          cell: ({ grantTypes }) => (
            <span className="flex flex-wrap gap-1.5">
              {grantTypes.includes('authorization_code') && <Badge>Users</Badge>}
              {grantTypes.includes('client_credentials') && <Badge>Itself</Badge>}
              {grantTypes.includes(JWT_BEARER_GRANT) && <Badge>Members (identity provider)</Badge>}
            </span>
          ),
        },
        { name: 'Authenticates with', cell: (each) => <Proof client={each} /> },
        {
          name: 'Created',
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
                {each.secretLastFour !== null && <RowAction label="Rotate secret" of={`of ${each.name}`} onClick={() => onRotate(each)} />}
                <RowAction label="Delete" of={each.name} danger onClick={() => onDelete(each)} />
              </>
            ),
        },
      ]}
    />
  )
}

const PROOFS: Record<string, string> = {
  none: 'Nothing (public client)',
  client_secret_basic: 'Secret',
  client_secret_post: 'Secret',
  private_key_jwt: 'Private key',
}

function Proof({ client: { tokenEndpointAuthMethod, secretLastFour, previousSecretExpiresAt } }: { client: TenantClientBody }) {
  return (
    <>
      {PROOFS[tokenEndpointAuthMethod] ?? tokenEndpointAuthMethod}
      {secretLastFour !== null && <code className="ml-1 text-sm text-soft">{`…${secretLastFour}`}</code>}
      {previousSecretExpiresAt !== null && (
        <span className="block text-sm text-soft">
          previous secret expires <RelativeTime at={previousSecretExpiresAt} />
        </span>
      )}
    </>
  )
}
