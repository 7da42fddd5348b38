import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { AccessKeyBody } from '../../../../protocol/api.ts'
import { apiPath, call } from '../../api.ts'
import { CopyLine } from '../../components/copy.tsx'
import { Field, Select, TextInput } from '../../components/field.tsx'
import { type Days, DurationField } from '../../forms/duration-field.tsx'
import { DialogForm, CreateDialog, type CreateFormProps } from '../../forms/create-dialog.tsx'
import { tenantClientsQuery } from '../clients/queries.ts'
import { accessKeysKey, choosableToolsQuery } from './queries.ts'
import { type Reach, ScopeField, SCOPES_OF } from './scope-field.tsx'
import { ToolChoice } from './tool-choice.tsx'

interface NewKeyDialogProps {
  open: boolean
  onOpenChange: (open: boolean) => void
  tenant: string
  server: string
  /** Only an admin can create a key for a client. */
  isAdmin: boolean
}

export function NewKeyDialog({ tenant, server, isAdmin, ...opening }: NewKeyDialogProps) {
  const client = useQueryClient()
  return (
    <CreateDialog
      {...opening}
      title="Create access key"
      createdTitle="Access key created"
      secretName="the key"
      create={(body) => call<AccessKeyBody>('POST', `${apiPath.server(tenant, server)}/access-keys`, body)}
      onCreated={() => client.invalidateQueries({ queryKey: accessKeysKey(tenant, server) })}
      secretOf={({ key }) => key}
      note={({ key }) => (
        <div className="grid gap-2">
          <span>Header to send:</span>
          <CopyLine text={`Authorization: Bearer ${key}`} what="the header" />
        </div>
      )}
    >
      {(form) => <NewKeyForm {...form} tenant={tenant} server={server} isAdmin={isAdmin} />}
    </CreateDialog>
  )
}

const MYSELF = ''

function NewKeyForm({ tenant, server, isAdmin, onSubmit, ...form }: CreateFormProps & Omit<NewKeyDialogProps, 'open' | 'onOpenChange'>) {
  const clients = useQuery({ ...tenantClientsQuery(tenant), enabled: isAdmin })
  const offered = useQuery(choosableToolsQuery(tenant, server))
  const [name, setName] = useState('')
  const [actor, setActor] = useState(MYSELF)
  const [reach, setReach] = useState<Reach>('read')
  const [tools, setTools] = useState<string[] | null>(null)
  const [days, setDays] = useState<Days>('90')
  const { fields } = form
  const submit = () =>
    onSubmit({
      name,
      scopes: SCOPES_OF[reach],
      tools,
      expiresInDays: Number(days),
      ...(actor === MYSELF ? {} : { clientId: actor }),
    })
  return (
    <DialogForm {...form} action="Create key" onSubmit={submit}>
      <Field label="Name" hint="Where the key is used, such as “CI”." error={fields.get('/name')}>
        <TextInput value={name} onChange={(event) => setName(event.target.value)} maxLength={64} required autoComplete="off" />
      </Field>
      {isAdmin && (
        <Field label="Acts as" error={fields.get('/clientId')}>
          <Select
            value={actor}
            onChange={setActor}
            options={[
              { value: MYSELF, label: 'Me' },
              ...(clients.data ?? []).map((each) => ({ value: each.clientId, label: `Client ${each.name}` })),
            ]}
          />
        </Field>
      )}
      <ScopeField reach={reach} onChange={setReach} error={fields.get('/scopes')} />
      <ToolChoice tools={offered.data ?? []} chosen={tools} onChange={setTools} />
      <DurationField days={days} onChange={setDays} error={fields.get('/expiresInDays')} />
    </DialogForm>
  )
}
