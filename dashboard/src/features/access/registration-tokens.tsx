import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { InitialAccessTokenBody } from '../../../../protocol/api.ts'
import { apiPath, call } from '../../api.ts'
import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { ACTIONS, RowAction, SecretName } from '../../components/columns.tsx'
import { ConfirmDialog } from '../../components/dialog.tsx'
import { Field, TextInput } from '../../components/field.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { RelativeTime } from '../../components/relative-time.tsx'
import { Table } from '../../components/table.tsx'
import { toast } from '../../components/toast.tsx'
import { type Days, DurationField } from '../../forms/duration-field.tsx'
import { DialogForm, CreateDialog, type CreateFormProps } from '../../forms/create-dialog.tsx'
import { MemberName } from '../people/member-name.tsx'
import { initialAccessTokensKey, initialAccessTokensQuery } from './queries.ts'

/** Initial access tokens (RFC 7591 §3), required for protected registration. */
export function RegistrationTokens({ tenant, server }: { tenant: string; server: string }) {
  const tokens = useQuery(initialAccessTokensQuery(tenant, server))
  const client = useQueryClient()
  const [creating, setCreating] = useState(false)
  const [revoking, setRevoking] = useState<InitialAccessTokenBody>()
  const path = `${apiPath.server(tenant, server)}/initial-access-tokens`
  const changed = () => client.invalidateQueries({ queryKey: initialAccessTokensKey(tenant, server) })
  return (
    <Card
      title="Initial access tokens"
      actions={
        <Button kind="secondary" onClick={() => setCreating(true)}>
          Create token
        </Button>
      }
    >
      <Loaded query={tokens}>
        {(items) =>
          items.length === 0 ? (
            <p className="text-soft">No tokens, so no new app can register. Give a token to the person who sets up an app.</p>
          ) : (
            <Table
              label="Initial access tokens"
              rows={items}
              keyOf={({ id }) => id}
              columns={[
                {
                  name: 'Token',
                  cell: ({ name, lastFour }) => <SecretName name={name} prefix="wharf_iat_" lastFour={lastFour} />,
                },
                { name: 'Used', cell: ({ uses, maxUses }) => (maxUses === null ? `${uses} times` : `${uses} of ${maxUses} times`) },
                { name: 'Created by', cell: ({ createdBy }) => <MemberName tenant={tenant} userId={createdBy} /> },
                { name: 'Expires', className: 'w-36', cell: ({ expiresAt }) => <RelativeTime at={expiresAt} /> },
                {
                  ...ACTIONS,
                  className: 'w-28',
                  cell: (token) => <RowAction label="Revoke" of={token.name} danger onClick={() => setRevoking(token)} />,
                },
              ]}
            />
          )
        }
      </Loaded>
      <CreateDialog
        open={creating}
        onOpenChange={setCreating}
        title="Create initial access token"
        createdTitle="Token created"
        secretName="the token"
        create={(body) => call<InitialAccessTokenBody>('POST', path, body)}
        onCreated={changed}
        secretOf={({ token }) => token}
        note={() => (
          <>
            The app sends the token as <code>Authorization: Bearer …</code> in its registration request.
          </>
        )}
      >
        {(form) => <NewTokenForm {...form} />}
      </CreateDialog>
      <ConfirmDialog
        open={revoking !== undefined}
        onOpenChange={() => setRevoking(undefined)}
        title="Revoke token?"
        action="Revoke token"
        onConfirm={async () => {
          await call('DELETE', `${path}/${revoking?.id}`)
          await changed()
          toast('Token revoked.')
        }}
      >
        No further app can register with this token. Registered apps are not affected.
      </ConfirmDialog>
    </Card>
  )
}

function NewTokenForm({ onSubmit, ...form }: CreateFormProps) {
  const [name, setName] = useState('')
  const [days, setDays] = useState<Days>('30')
  const [uses, setUses] = useState('')
  const { fields } = form
  return (
    <DialogForm
      {...form}
      action="Create token"
      onSubmit={() => onSubmit({ name, expiresInDays: Number(days), maxUses: uses.trim() === '' ? null : Number(uses) })}
    >
      <Field label="Name" hint="Who receives the token." error={fields.get('/name')}>
        <TextInput value={name} onChange={(event) => setName(event.target.value)} maxLength={64} required autoComplete="off" />
      </Field>
      <Field label="Maximum uses" optional hint="Leave empty for no limit." error={fields.get('/maxUses')}>
        <TextInput inputMode="numeric" value={uses} onChange={(event) => setUses(event.target.value)} maxLength={5} autoComplete="off" />
      </Field>
      <DurationField days={days} onChange={setDays} error={fields.get('/expiresInDays')} />
    </DialogForm>
  )
}
