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
      title="Create client"
      createdTitle="Client created"
      secretName="the secret"
      create={(body) => call<TenantClientBody>('POST', `${apiPath.tenant(tenant)}/clients`, body)}
      onCreated={() => client.invalidateQueries({ queryKey: tenantClientsKey(tenant) })}
      secretOf={({ secret }) => secret}
      note={({ clientId }) => (
        <div className="grid gap-2">
          <span>Client ID, which is not secret:</span>
          <CopyLine text={clientId} what="the client ID" />
          <span>Next, grant the client access on the Access page of each server.</span>
        </div>
      )}
    >
      {(form) => <NewClientForm {...form} />}
    </CreateDialog>
  )
}

/** RFC 7523 grant for identity assertions (ID-JAG) of enterprise-managed authorization. */
export const JWT_BEARER_GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer'

const PROOFS = [
  { value: 'client_secret_basic', label: 'Secret' },
  { value: 'private_key_jwt', label: 'Private key (private_key_jwt)' },
  { value: 'none', label: 'Nothing (public client)' },
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
          return setFault('is neither an https URL nor valid JSON')
        }
      }
    }
    onSubmit(body)
  }
  const problem = form.problem instanceof ApiProblem && fields.size > 0 && !hasVisibleFault(fields) ? form.problem : undefined
  return (
    <DialogForm {...form} {...(problem ? { problem, fields: new Map() } : {})} action="Create client" onSubmit={submit}>
      <Field label="Name" error={fields.get('/name')}>
        <TextInput value={name} onChange={(event) => change({ name: event.target.value })} maxLength={64} required autoComplete="off" />
      </Field>
      <fieldset className="grid gap-2">
        <legend className="mb-1 font-semibold">Acts as</legend>
        <Checkbox
          label="Itself"
          hint="For a machine. You grant its permissions at each server."
          checked={forItself}
          onChange={(checked) => change({ forItself: checked })}
        />
        <Checkbox
          label="Users"
          hint="For an app. Each user signs in and gives consent."
          checked={forPeople}
          onChange={(checked) => change({ forPeople: checked })}
        />
        <Checkbox
          label="Members, through your identity provider"
          hint="For an app. The provider of your organization grants access without a consent page."
          checked={forOrganization}
          onChange={(checked) => change({ forOrganization: checked })}
        />
        {fields.get('/grantTypes') && (
          <p role="alert" className="text-sm text-bad">
            Acts as {fields.get('/grantTypes')}.
          </p>
        )}
      </fieldset>
      <Field label="Authenticates with" error={fields.get('/tokenEndpointAuthMethod')}>
        <Select value={proof} onChange={(chosen) => change({ proof: chosen })} options={PROOFS} />
      </Field>
      {proof === 'private_key_jwt' && (
        <Field
          label="Public keys"
          hint="A JSON Web Key Set, or its https URL. Never enter a private key."
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
        <Field label="Redirect URIs" hint="One per line." error={redirectFault(fields)}>
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

const VISIBLE_FIELDS = /^\/(?:name|grantTypes|tokenEndpointAuthMethod|jwks|jwksUri|redirectUris(?:\/\d+)?)$/

function hasVisibleFault(fields: ReadonlyMap<string, string>): boolean {
  return [...fields.keys()].some((pointer) => VISIBLE_FIELDS.test(pointer))
}

function redirectFault(fields: ReadonlyMap<string, string>): string | undefined {
  return [...fields].find(([pointer]) => pointer.startsWith('/redirectUris'))?.[1]
}
