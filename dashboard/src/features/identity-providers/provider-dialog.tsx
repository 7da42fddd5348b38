import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { IdentityProviderBody } from '../../../../protocol/api.ts'
import { apiPath, call, faultsOf } from '../../api.ts'
import { Dialog } from '../../components/dialog.tsx'
import { Checkbox, Field, TextInput } from '../../components/field.tsx'
import { toast } from '../../components/toast.tsx'
import { useChanges } from '../../forms/changes.ts'
import { DialogForm } from '../../forms/create-dialog.tsx'
import { identityProvidersKey } from './queries.ts'

interface ProviderDialogProps {
  tenant: string
  /** Provider to edit. Undefined for a new provider. */
  provider: IdentityProviderBody | undefined
  onClose: () => void
  onDone: (provider: IdentityProviderBody) => void
}

/**
 * Adds or edits a provider. Mount only while open. The platform tests the provider before saving.
 */
export function ProviderDialog({ tenant, provider, onClose, onDone }: ProviderDialogProps) {
  const client = useQueryClient()
  const path = `${apiPath.tenant(tenant)}/identity-providers`
  const saving = useMutation({
    mutationFn: (body: object) =>
      provider ? call<IdentityProviderBody>('PATCH', `${path}/${provider.id}`, body) : call<IdentityProviderBody>('POST', path, body),
    onSuccess: async (saved) => {
      await client.invalidateQueries({ queryKey: identityProvidersKey(tenant) })
      toast(provider ? 'Identity provider saved.' : 'Identity provider added.')
      onDone(saved)
    },
  })
  return (
    <Dialog open onOpenChange={onClose} title={provider ? 'Edit identity provider' : 'Add identity provider'}>
      <ProviderForm provider={provider} problem={saving.error} busy={saving.isPending} onSubmit={saving.mutate} onCancel={onClose} />
    </Dialog>
  )
}

interface ProviderFormProps {
  provider: IdentityProviderBody | undefined
  problem: unknown
  busy: boolean
  onSubmit: (body: object) => void
  onCancel: () => void
}

const VISIBLE_FIELDS = /^\/(?:name|issuer|issuerTenant|jwksUri|signIn\/clientId|signIn\/clientSecret)$/

function ProviderForm({ provider, problem, onSubmit, ...form }: ProviderFormProps) {
  const { values, change } = useChanges(`provider ${provider?.id ?? ''}`, {
    name: provider?.name ?? '',
    issuer: provider?.issuer ?? '',
    issuerTenant: provider?.issuerTenant ?? '',
    jwksUri: provider?.jwksUri ?? '',
    trustsEmails: provider?.trustsEmails ?? false,
    assertions: provider?.assertions ?? false,
    signsIn: provider ? provider.signIn !== null : true,
    clientId: provider?.signIn?.clientId ?? '',
  })
  const { name, issuer, issuerTenant, jwksUri, trustsEmails, assertions, signsIn, clientId } = values
  const [clientSecret, setClientSecret] = useState('')
  const faults = faultsOf(problem)
  // an error of a field without a control is shown as an error of the form
  const fields = [...faults.keys()].every((pointer) => VISIBLE_FIELDS.test(pointer)) ? faults : new Map<string, string>()
  const hasSecret = provider?.signIn != null
  const submit = () => {
    const signIn = signsIn ? { clientId: clientId.trim(), ...(clientSecret === '' && hasSecret ? {} : { clientSecret }) } : null
    const changeable = { name, jwksUri: jwksUri.trim() || null, trustsEmails, assertions, signIn }
    onSubmit(provider ? changeable : { ...changeable, issuer: issuer.trim(), issuerTenant: issuerTenant.trim() || null })
  }
  return (
    <DialogForm {...form} problem={problem} fields={fields} action={provider ? 'Save' : 'Add provider'} onSubmit={submit}>
      <Field label="Name" hint="Shown on the sign-in button." error={fields.get('/name')}>
        <TextInput value={name} onChange={(event) => change({ name: event.target.value })} maxLength={64} required autoComplete="off" />
      </Field>
      <Field
        label="Issuer"
        hint={
          provider ? 'Cannot be changed, because linked members belong to this issuer.' : 'The issuer in its OpenID configuration document.'
        }
        error={fields.get('/issuer')}
      >
        <TextInput
          type="url"
          value={issuer}
          onChange={(event) => change({ issuer: event.target.value })}
          readOnly={provider !== undefined}
          placeholder="https://login.example.com"
          maxLength={500}
          required
          className="font-mono"
        />
      </Field>
      {(!provider || provider.issuerTenant !== null) && (
        <Field
          label="Tenant at the issuer"
          optional={!provider}
          hint="If one issuer serves several organizations: the tenant claim that tokens must have."
          error={fields.get('/issuerTenant')}
        >
          <TextInput
            value={issuerTenant}
            onChange={(event) => change({ issuerTenant: event.target.value })}
            readOnly={provider !== undefined}
            maxLength={500}
            autoComplete="off"
          />
        </Field>
      )}
      <Field label="JWKS URL" optional hint="Only for an issuer without a configuration document." error={fields.get('/jwksUri')}>
        <TextInput
          type="url"
          value={jwksUri}
          onChange={(event) => change({ jwksUri: event.target.value })}
          placeholder="https://login.example.com/keys"
          maxLength={2048}
          className="font-mono"
        />
      </Field>
      <Checkbox
        label="Trust all email addresses"
        hint="Select this if your organization assigns the addresses. Otherwise only verified addresses are trusted."
        checked={trustsEmails}
        onChange={(checked) => change({ trustsEmails: checked })}
      />
      <Checkbox
        label="Grant apps access for members"
        hint="Enterprise-managed authorization: an app with an identity assertion (ID-JAG) gets access without a consent page."
        checked={assertions}
        onChange={(checked) => change({ assertions: checked })}
      />
      <Checkbox
        label="Sign in members"
        hint="Requires a client for Wharf, registered at the provider."
        checked={signsIn}
        onChange={(checked) => change({ signsIn: checked })}
      />
      {signsIn && (
        <div className="grid gap-4 border-l-2 border-line pl-4">
          <Field label="Client ID" error={fields.get('/signIn/clientId')}>
            <TextInput
              value={clientId}
              onChange={(event) => change({ clientId: event.target.value })}
              maxLength={500}
              required
              autoComplete="off"
              className="font-mono"
            />
          </Field>
          <Field
            label="Client secret"
            optional={hasSecret}
            hint={
              hasSecret
                ? `Leave empty to keep the secret ending in ${provider.signIn?.clientSecretLastFour || '…'}.`
                : 'Stored encrypted and never shown again.'
            }
            error={fields.get('/signIn/clientSecret')}
          >
            <TextInput
              type="password"
              value={clientSecret}
              onChange={(event) => setClientSecret(event.target.value)}
              maxLength={1000}
              required={!hasSecret}
              autoComplete="new-password"
              className="font-mono"
            />
          </Field>
        </div>
      )}
    </DialogForm>
  )
}
