import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { MyIdentityBody } from '../../../../protocol/api.ts'
import { call } from '../../api.ts'
import { Card } from '../../components/card.tsx'
import { ACTIONS, lastUsedColumn, Named, RowAction } from '../../components/columns.tsx'
import { ConfirmDialog } from '../../components/dialog.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { Table } from '../../components/table.tsx'
import { toast } from '../../components/toast.tsx'
import { myIdentitiesKey, myIdentitiesQuery } from './queries.ts'

/** Who may say that it is you, beside your password. */
export function Identities() {
  const identities = useQuery(myIdentitiesQuery())
  const client = useQueryClient()
  const [unlinking, setUnlinking] = useState<MyIdentityBody>()
  return (
    <Card title="Identities">
      <p className="mb-4 max-w-prose text-soft">Providers whose word is enough to be you: in the tenant that runs one, or everywhere.</p>
      <Loaded query={identities}>
        {(items) =>
          items.length === 0 ? (
            <p>None: you sign in with your password alone.</p>
          ) : (
            <Table
              label="Identities"
              rows={items}
              keyOf={({ id }) => id}
              columns={[
                {
                  name: 'Provider',
                  cell: ({ name, issuer }) => <Named name={name} identifier={issuer} />,
                },
                { name: 'Counts', className: 'w-44', cell: ({ tenant }) => (tenant === null ? 'everywhere' : `in ${tenant}`) },
                lastUsedColumn(),
                {
                  ...ACTIONS,
                  className: 'w-28',
                  cell: (identity) => <RowAction label="Unlink" of={identity.name} danger onClick={() => setUnlinking(identity)} />,
                },
              ]}
            />
          )
        }
      </Loaded>
      <ConfirmDialog
        open={unlinking !== undefined}
        onOpenChange={() => setUnlinking(undefined)}
        title="Unlink this provider?"
        action="Unlink it"
        onConfirm={async () => {
          await call('DELETE', `/me/identities/${unlinking?.id}`)
          await client.invalidateQueries({ queryKey: myIdentitiesKey })
          toast('The provider is unlinked.')
        }}
      >
        Sign-ins through it end, and the access of apps that was given on its word.
      </ConfirmDialog>
    </Card>
  )
}
