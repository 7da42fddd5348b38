import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { MyIdentityBody } from '../../../../protocol/api.ts'
import { call } from '../../api.ts'
import { Section } from '../../components/section.tsx'
import { ACTIONS, lastUsedColumn, Named, RowAction } from '../../components/columns.tsx'
import { ConfirmDialog } from '../../components/dialog.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { Table } from '../../components/table.tsx'
import { toast } from '../../components/toast.tsx'
import { myIdentitiesKey, myIdentitiesQuery } from './queries.ts'

/** Identity providers linked to the user's account. */
export function Identities() {
  const identities = useQuery(myIdentitiesQuery())
  const client = useQueryClient()
  const [unlinking, setUnlinking] = useState<MyIdentityBody>()
  return (
    <Section
      title="Identity providers"
      about={<>Identity providers you can sign in with. The provider of a tenant is valid in that tenant only.</>}
    >
      <Loaded query={identities}>
        {(items) =>
          items.length === 0 ? (
            <p>No linked providers. You sign in with your password.</p>
          ) : (
            <Table
              label="Identity providers"
              rows={items}
              keyOf={({ id }) => id}
              columns={[
                {
                  name: 'Provider',
                  cell: ({ name, issuer }) => <Named name={name} identifier={issuer} />,
                },
                { name: 'Valid for', className: 'w-44', cell: ({ tenant }) => tenant ?? 'All tenants' },
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
        title="Unlink provider?"
        action="Unlink"
        onConfirm={async () => {
          await call('DELETE', `/me/identities/${unlinking?.id}`)
          await client.invalidateQueries({ queryKey: myIdentitiesKey })
          toast('Provider unlinked.')
        }}
      >
        Sign-ins through the provider end. Apps that got access through the provider lose it.
      </ConfirmDialog>
    </Section>
  )
}
