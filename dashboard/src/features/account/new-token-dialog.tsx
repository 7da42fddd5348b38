import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { RoleName, TenantBody, TokenBody } from '../../../../protocol/api.ts'
import { call } from '../../api.ts'
import { Field, Select, TextInput } from '../../components/field.tsx'
import { type Days, DurationField } from '../../forms/duration-field.tsx'
import { DialogForm, CreateDialog, type CreateFormProps } from '../../forms/create-dialog.tsx'
import { ROLE_LABELS, rolesUpTo } from '../people/role.ts'
import { tokensKey } from './queries.ts'

interface NewTokenDialogProps {
  open: boolean
  onOpenChange: (open: boolean) => void
  tenants: readonly TenantBody[]
}

export function NewTokenDialog({ tenants, ...opening }: NewTokenDialogProps) {
  const client = useQueryClient()
  return (
    <CreateDialog
      {...opening}
      title="Create API token"
      createdTitle="API token created"
      secretName="the token"
      create={(body) => call<TokenBody>('POST', '/me/tokens', body)}
      onCreated={() => client.invalidateQueries({ queryKey: tokensKey })}
      secretOf={({ token }) => token}
    >
      {(form) => <NewTokenForm {...form} tenants={tenants} />}
    </CreateDialog>
  )
}

function NewTokenForm({ tenants, onSubmit, ...form }: CreateFormProps & { tenants: readonly TenantBody[] }) {
  const [name, setName] = useState('')
  const [tenant, setTenant] = useState(tenants[0]?.slug ?? '')
  const own = tenants.find(({ slug }) => slug === tenant)?.role ?? 'viewer'
  const roles = rolesUpTo(own)
  const [wanted, setWanted] = useState<RoleName>('developer')
  const role = roles.includes(wanted) ? wanted : own
  const [days, setDays] = useState<Days>('90')
  const { fields } = form
  return (
    <DialogForm {...form} action="Create token" onSubmit={() => onSubmit({ name, tenant, role, expiresInDays: Number(days) })}>
      <Field label="Name" hint="Where the token is used, such as “CI”." error={fields.get('/name')}>
        <TextInput value={name} onChange={(event) => setName(event.target.value)} maxLength={64} required autoComplete="off" />
      </Field>
      <Field label="Tenant" error={fields.get('/tenant')}>
        <Select
          value={tenant}
          onChange={setTenant}
          options={tenants.map((each) => ({ value: each.slug, label: `${each.name} (${each.slug})` }))}
        />
      </Field>
      <Field label="Role" error={fields.get('/role')}>
        <Select value={role} onChange={setWanted} options={roles.map((value) => ({ value, label: ROLE_LABELS[value] }))} />
      </Field>
      <DurationField days={days} onChange={setDays} error={fields.get('/expiresInDays')} />
    </DialogForm>
  )
}
