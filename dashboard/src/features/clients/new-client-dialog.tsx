import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { TenantClientBody } from '../../../../protocol/api.ts'
import { ApiProblem, apiPath, call } from '../../api.ts'
import { CopyLine } from '../../components/copy.tsx'
import { Checkbox, Field, Select, TextArea, TextInput } from '../../components/field.tsx'
import { useChanges } from '../../forms/changes.ts'
import { DialogForm, CreateDialog, type CreateFormProps } from '../../forms/create-dialog.tsx'
import { tenantClientsKey } from './queries.ts'

interface NewClientDialogProps {
  open: boolean
  onOpenChange: (open: boolean) => void
  tenant: string
}

export function NewClientDialog({ tenant, ...opening }: NewClientDialogProps) {
  const client = useQueryClient()
  return (
    <CreateDialog
      {...opening}
      title="New client"
      createdTitle="Your new client"
      secretName="the secret"
      create={(body) => call<TenantClientBody>('POST', `${apiPath.tenant(tenant)}/clients`, body)}
      onCreated={() => client.invalidateQueries({ queryKey: tenantClientsKey(tenant) })}
      secretOf={({ secret }) => secret}
      note={({ clientId }) => (
        <div className="grid gap-2">
          <span>Its client id, which is no secret:</span>
          <CopyLine text={clientId} what="the client id" />
          <span>What it may do is granted at each server, on its Access page.</span>
        </div>
      )}
    >
      {(form) => <NewClientForm {...form} />}
    </CreateDialog>
  )
}

/** Enterprise-managed authorization: identity assertions (ID-JAG) are exchanged by this grant (RFC 7523). */
export const JWT_BEARER_GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer'

const PROOFS = [
  { value: 'client_secret_basic', label: 'a secret' },
  { value: 'private_key_jwt', label: 'a key of its own (private_key_jwt)' },
  { value: 'none', label: 'nothing: a public client' },
] as const
type Proof = (typeof PROOFS)[number]['value']

function NewClientForm({ onSubmit, ...form }: CreateFormProps) {
  const { values, change } = useChanges('client', {
    name: '',
    forItself: true,
    forPeople: false,
    forOrganization: false,
    proof: 'client_secret_basic' as Proof,
    redirects: '',
    keySet: '',
  })
  const { name, forItself, forPeople, forOrganization, proof, redirects, keySet } = values
  const [fault, setFault] = useState<string>()
  const { fields } = form
  const submit = () => {
    const body: Record<string, unknown> = {
      name,
      tokenEndpointAuthMethod: proof,
      grantTypes: [
        ...(forPeople ? ['authorization_code', 'refresh_token'] : []),
        ...(forItself ? ['client_credentials'] : []),
        ...(forOrganization ? [JWT_BEARER_GRANT] : []),
      ],
      redirectUris: forPeople ? redirects.split(/\s+/).filter(Boolean) : [],
    }
    setFault(undefined)
    if (proof === 'private_key_jwt') {
      const text = keySet.trim()
      if (text.startsWith('https://')) body['jwksUri'] = text
      else {
        try {
          body['jwks'] = JSON.parse(text)
        } catch {
          return setFault('is neither an https address nor JSON')
        }
      }
    }
    onSubmit(body)
  }
  const problem = form.problem instanceof ApiProblem && fields.size > 0 && !shownHere(fields) ? form.problem : undefined
  return (
    <DialogForm {...form} {...(problem ? { problem, fields: new Map() } : {})} action="Make the client" onSubmit={submit}>
      <Field label="Name" error={fields.get('/name')}>
        <TextInput value={name} onChange={(event) => change({ name: event.target.value })} maxLength={100} required autoComplete="off" />
      </Field>
      <fieldset className="grid gap-2">
        <legend className="mb-1 font-semibold">It acts</legend>
        <Checkbox
          label="for itself"
          hint="A machine: no person approves, you grant what it may do."
          checked={forItself}
          onChange={(checked) => change({ forItself: checked })}
        />
        <Checkbox
          label="for people"
          hint="An app: each person signs in and agrees."
          checked={forPeople}
          onChange={(checked) => change({ forPeople: checked })}
        />
        <Checkbox
          label="for members, by your identity provider"
          hint="An app: your organization's provider lets it in, and nobody is asked."
          checked={forOrganization}
          onChange={(checked) => change({ forOrganization: checked })}
        />
        {fields.get('/grantTypes') && (
          <p role="alert" className="text-sm text-bad">
            What it acts for {fields.get('/grantTypes')}.
          </p>
        )}
      </fieldset>
      <Field label="It proves itself by" error={fields.get('/tokenEndpointAuthMethod')}>
        <Select value={proof} onChange={(chosen) => change({ proof: chosen })} options={PROOFS} />
      </Field>
      {proof === 'private_key_jwt' && (
        <Field
          label="Its public keys"
          hint="A JSON Web Key Set, or the https address of one. Never a private key."
          error={fault ?? fields.get('/jwks') ?? fields.get('/jwksUri')}
        >
          <TextArea
            value={keySet}
            onChange={(event) => change({ keySet: event.target.value })}
            required
            rows={4}
            spellCheck={false}
            className="font-mono text-sm"
          />
        </Field>
      )}
      {forPeople && (
        <Field label="Redirect URIs" hint="One a line." error={redirectFault(fields)}>
          <TextArea
            value={redirects}
            onChange={(event) => change({ redirects: event.target.value })}
            required
            rows={2}
            spellCheck={false}
            placeholder="https://app.example.com/callback"
            className="font-mono text-sm"
          />
        </Field>
      )}
    </DialogForm>
  )
}

const SHOWN = /^\/(?:name|grantTypes|tokenEndpointAuthMethod|jwks|jwksUri|redirectUris(?:\/\d+)?)$/

function shownHere(fields: ReadonlyMap<string, string>): boolean {
  return [...fields.keys()].some((pointer) => SHOWN.test(pointer))
}

function redirectFault(fields: ReadonlyMap<string, string>): string | undefined {
  return [...fields].find(([pointer]) => pointer.startsWith('/redirectUris'))?.[1]
}
