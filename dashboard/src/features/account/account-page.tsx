import { useQuery, useQueryClient } from '@tanstack/react-query'
import { KeyRound } from 'lucide-react'
import { useState } from 'react'
import type { TokenBody } from '../../../../protocol/api.ts'
import { call } from '../../api.ts'
import { Button } from '../../components/button.tsx'
import { Section } from '../../components/section.tsx'
import { ACTIONS, lastUsedColumn, RowAction, SecretName } from '../../components/columns.tsx'
import { ConfirmDialog } from '../../components/dialog.tsx'
import { EmptyState } from '../../components/empty-state.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { PageHeader } from '../../components/page-header.tsx'
import { RelativeTime } from '../../components/relative-time.tsx'
import { Table } from '../../components/table.tsx'
import { toast } from '../../components/toast.tsx'
import { Identities } from './identities.tsx'
import { NameForm } from './name-form.tsx'
import { NewTokenDialog } from './new-token-dialog.tsx'
import { PasswordForm } from './password-form.tsx'
import { meQuery, tokensKey, tokensQuery } from './queries.ts'

export function AccountPage() {
  const me = useQuery(meQuery())
  const tokens = useQuery(tokensQuery())
  const [creating, setCreating] = useState(false)
  const [deleting, setDeleting] = useState<TokenBody>()
  const client = useQueryClient()
  return (
    <>
      <PageHeader title="Account" />
      <div className="grid gap-8">
        <Loaded query={me}>
          {({ user, hasPassword, wholeAccount }) => (
            <>
              <NameForm user={user} mayChange={wholeAccount} />
              {wholeAccount && <PasswordForm email={user.email} hasPassword={hasPassword} />}
            </>
          )}
        </Loaded>
        <Identities />
        <Section
          title="API tokens"
          about="For a terminal or CI. A token gives access to one tenant, with at most your role."
          actions={
            me.data &&
            me.data.tenants.length > 0 && (
              <Button kind="secondary" onClick={() => setCreating(true)}>
                Create token
              </Button>
            )
          }
        >
          <Loaded query={tokens}>
            {(items) =>
              items.length === 0 ? (
                <EmptyState icon={KeyRound} title="No API tokens">
                  Create a token to deploy from outside the dashboard.
                </EmptyState>
              ) : (
                <Table
                  label="API tokens"
                  rows={items}
                  keyOf={({ id }) => id}
                  columns={[
                    {
                      name: 'Token',
                      cell: ({ name, lastFour }) => <SecretName name={name} prefix="wharf_pat_" lastFour={lastFour} />,
                    },
                    { name: 'Access', cell: ({ tenant, role }) => `${tenant} as ${role}` },
                    lastUsedColumn(),
                    { name: 'Expires', cell: ({ expiresAt }) => <RelativeTime at={expiresAt} /> },
                    {
                      ...ACTIONS,
                      className: 'w-28',
                      cell: (token) => <RowAction label="Delete" of={token.name} danger onClick={() => setDeleting(token)} />,
                    },
                  ]}
                />
              )
            }
          </Loaded>
        </Section>
      </div>
      {me.data && <NewTokenDialog open={creating} onOpenChange={setCreating} tenants={me.data.tenants} />}
      <ConfirmDialog
        open={deleting !== undefined}
        onOpenChange={() => setDeleting(undefined)}
        title="Delete API token?"
        action="Delete token"
        onConfirm={async () => {
          await call('DELETE', `/me/tokens/${deleting?.id}`)
          await client.invalidateQueries({ queryKey: tokensKey })
          toast('API token deleted.')
        }}
      >
        Requests with the token <strong>{deleting?.name}</strong> are rejected from now on.
      </ConfirmDialog>
    </>
  )
}
