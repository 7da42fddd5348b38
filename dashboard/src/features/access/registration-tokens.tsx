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
import { DialogForm, MakeDialog, type MakeFormProps } from '../../forms/make-dialog.tsx'
import { MemberName } from '../people/member-name.tsx'
import { initialAccessTokensKey, initialAccessTokensQuery } from './queries.ts'

/** Initial access tokens (RFC 7591 §3): what an app shows to register where registration is protected. */
export function RegistrationTokens({ tenant, server }: { tenant: string; server: string }) {
  const tokens = useQuery(initialAccessTokensQuery(tenant, server))
  const client = useQueryClient()
  const [making, setMaking] = useState(false)
  const [revoking, setRevoking] = useState<InitialAccessTokenBody>()
  const path = `${apiPath.server(tenant, server)}/initial-access-tokens`
  const changed = () => client.invalidateQueries({ queryKey: initialAccessTokensKey(tenant, server) })
  return (
    <Card
      title="Initial access tokens"
      actions={
        <Button kind="secondary" onClick={() => setMaking(true)}>
          New token
        </Button>
      }
    >
      <Loaded query={tokens}>
        {(items) =>
          items.length === 0 ? (
            <p className="text-soft">There is none, so no new app can register. Hand one to whoever sets an app up.</p>
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
                { name: 'Made by', cell: ({ createdBy }) => <MemberName tenant={tenant} userId={createdBy} /> },
                { name: 'Ends', className: 'w-36', cell: ({ expiresAt }) => <RelativeTime at={expiresAt} /> },
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
      <MakeDialog
        open={making}
        onOpenChange={setMaking}
        title="New initial access token"
        madeTitle="Your new token"
        what="the token"
        make={(body) => call<InitialAccessTokenBody>('POST', path, body)}
        onMade={changed}
        secretOf={({ token }) => token}
        note={() => (
          <>
            An app sends it as <code>Authorization: Bearer …</code> when it registers.
          </>
        )}
      >
        {(form) => <NewTokenForm {...form} />}
      </MakeDialog>
      <ConfirmDialog
        open={revoking !== undefined}
        onOpenChange={() => setRevoking(undefined)}
        title="Revoke this token?"
        action="Revoke the token"
        onConfirm={async () => {
          await call('DELETE', `${path}/${revoking?.id}`)
          await changed()
          toast('The token is revoked.')
        }}
      >
        No further app registers with it. Those that did stay as they are.
      </ConfirmDialog>
    </Card>
  )
}

function NewTokenForm({ onSubmit, ...form }: MakeFormProps) {
  const [name, setName] = useState('')
  const [days, setDays] = useState<Days>('30')
  const [uses, setUses] = useState('')
  const { fields } = form
  return (
    <DialogForm
      {...form}
      action="Make the token"
      onSubmit={() => onSubmit({ name, expiresInDays: Number(days), maxUses: uses.trim() === '' ? null : Number(uses) })}
    >
      <Field label="Name" hint="Whom it is for." error={fields.get('/name')}>
        <TextInput value={name} onChange={(event) => setName(event.target.value)} maxLength={100} required autoComplete="off" />
      </Field>
      <Field label="Apps that may register with it" optional hint="Any number, when left empty." error={fields.get('/maxUses')}>
        <TextInput inputMode="numeric" value={uses} onChange={(event) => setUses(event.target.value)} maxLength={5} autoComplete="off" />
      </Field>
      <DurationField days={days} onChange={setDays} error={fields.get('/expiresInDays')} />
    </DialogForm>
  )
}
