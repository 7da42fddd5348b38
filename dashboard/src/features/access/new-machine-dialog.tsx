import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { MachineGrantBody, TenantClientBody } from '../../../../protocol/api.ts'
import { apiPath, call } from '../../api.ts'
import { CopyLine } from '../../components/copy.tsx'
import { Field, TextInput } from '../../components/field.tsx'
import { CreateDialog, type CreateFormProps, DialogForm } from '../../forms/create-dialog.tsx'
import { tenantClientsKey } from '../clients/queries.ts'
import { serverQuery } from '../servers/queries.ts'
import { choosableToolsQuery, machineGrantsKey } from './queries.ts'
import { type Reach, ScopeField, SCOPES_OF } from './scope-field.tsx'
import { ToolChoice } from './tool-choice.tsx'

interface NewMachineDialogProps {
  open: boolean
  onOpenChange: (open: boolean) => void
  tenant: string
  server: string
}

interface Asked {
  name: string
  scopes: string[]
  tools: string[] | null
}

/** Creates a client, gives it access to the server, and shows how to get a token. */
export function NewMachineDialog({ tenant, server, ...opening }: NewMachineDialogProps) {
  const client = useQueryClient()
  const { data: hosted } = useQuery(serverQuery(tenant, server))
  const tokenEndpoint = hosted?.url.replace(/\/mcp$/, '/token') ?? ''
  return (
    <CreateDialog
      {...opening}
      title="Create client"
      createdTitle="Client created"
      secretName="the secret"
      create={(body) => createMachine({ tenant, server }, body as Asked)}
      onCreated={() =>
        Promise.all([
          client.invalidateQueries({ queryKey: tenantClientsKey(tenant) }),
          client.invalidateQueries({ queryKey: machineGrantsKey(tenant, server) }),
        ])
      }
      secretOf={({ secret }) => secret}
      note={({ clientId, secret }) => (
        <div className="grid gap-2">
          <span>Client ID:</span>
          <CopyLine text={clientId} what="the client ID" />
          <span>Token endpoint:</span>
          <CopyLine text={tokenEndpoint} what="the token endpoint" />
          <span>Get a token in a terminal:</span>
          <CopyLine text={`curl -u '${clientId}:${secret}' -d grant_type=client_credentials ${tokenEndpoint}`} what="the curl line" />
        </div>
      )}
    >
      {(form) => <NewMachineForm {...form} tenant={tenant} server={server} />}
    </CreateDialog>
  )
}

/** Deletes the client again if its access cannot be granted, because its secret would be lost. */
async function createMachine(at: { tenant: string; server: string }, { name, scopes, tools }: Asked): Promise<TenantClientBody> {
  const clients = `${apiPath.tenant(at.tenant)}/clients`
  const created = await call<TenantClientBody>('POST', clients, { name, grantTypes: ['client_credentials'] })
  const id = encodeURIComponent(created.clientId)
  try {
    await call<MachineGrantBody>('PUT', `${apiPath.server(at.tenant, at.server)}/machine-grants/${id}`, { scopes, tools })
  } catch (problem) {
    await call('DELETE', `${clients}/${id}`).catch(() => undefined)
    throw problem
  }
  return created
}

function NewMachineForm({ tenant, server, onSubmit, ...form }: CreateFormProps & { tenant: string; server: string }) {
  const offered = useQuery(choosableToolsQuery(tenant, server))
  const [name, setName] = useState('')
  const [reach, setReach] = useState<Reach>('read')
  const [tools, setTools] = useState<string[] | null>(null)
  const { fields } = form
  return (
    <DialogForm {...form} action="Create client" onSubmit={() => onSubmit({ name, scopes: SCOPES_OF[reach], tools } satisfies Asked)}>
      <Field label="Name" hint="The machine, such as “Nightly report”." error={fields.get('/name')}>
        <TextInput value={name} onChange={(event) => setName(event.target.value)} maxLength={64} required autoComplete="off" />
      </Field>
      <ScopeField reach={reach} onChange={setReach} error={fields.get('/scopes')} />
      <ToolChoice tools={offered.data ?? []} chosen={tools} onChange={setTools} />
    </DialogForm>
  )
}
