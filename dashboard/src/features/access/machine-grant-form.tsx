import { useMutation, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { MachineGrantBody } from '../../../../protocol/api.ts'
import { apiPath, call, faultsOf } from '../../api.ts'
import { Field, Select } from '../../components/field.tsx'
import { toast } from '../../components/toast.tsx'
import { DialogForm } from '../../forms/create-dialog.tsx'
import { tenantClientsQuery } from '../clients/queries.ts'
import { choosableToolsQuery } from './queries.ts'
import { type Reach, ScopeField, SCOPES_OF } from './scope-field.tsx'
import { ToolChoice } from './tool-choice.tsx'

interface MachineGrantFormProps {
  tenant: string
  server: string
  grant: MachineGrantBody | 'new'
  onDone: () => void
  onChanged: () => Promise<unknown>
}

export function MachineGrantForm({ tenant, server, grant, onDone, onChanged }: MachineGrantFormProps) {
  const clients = useQuery(tenantClientsQuery(tenant))
  const offered = useQuery(choosableToolsQuery(tenant, server))
  const machines = (clients.data ?? []).filter(({ grantTypes }) => grantTypes.includes('client_credentials'))
  const [picked, setPicked] = useState<string>()
  const clientId = grant === 'new' ? (picked ?? machines[0]?.clientId ?? '') : grant.clientId
  const [reach, setReach] = useState<Reach>(grant !== 'new' && grant.scopes.includes('mcp:write') ? 'write' : 'read')
  const [tools, setTools] = useState(grant === 'new' ? null : grant.tools)
  const change = useMutation({
    mutationFn: () =>
      call<MachineGrantBody>('PUT', `${apiPath.server(tenant, server)}/machine-grants/${encodeURIComponent(clientId)}`, {
        scopes: SCOPES_OF[reach],
        tools,
      }),
    onSuccess: async () => {
      await onChanged()
      toast('Access granted.')
      onDone()
    },
  })
  const fields = faultsOf(change.error)
  if (grant === 'new' && clients.data && machines.length === 0) {
    return (
      <p className="text-soft">
        The tenant has no client with the client_credentials grant.{' '}
        <Link to="/t/$tenant/clients" params={{ tenant }} className="link">
          Create a client.
        </Link>
      </p>
    )
  }
  return (
    <DialogForm
      problem={change.error}
      fields={fields}
      busy={change.isPending}
      action="Save"
      onSubmit={() => change.mutate()}
      onCancel={onDone}
    >
      {grant === 'new' && (
        <Field label="Client">
          <Select
            value={clientId}
            onChange={setPicked}
            options={machines.map((each) => ({ value: each.clientId, label: `${each.name} (${each.clientId})` }))}
          />
        </Field>
      )}
      <ScopeField reach={reach} onChange={setReach} error={fields.get('/scopes')} />
      <ToolChoice tools={offered.data ?? []} chosen={tools} onChange={setTools} />
    </DialogForm>
  )
}
