import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { RoleName, TenantBody, TokenBody } from '../../../../protocol/api.ts'
import { ApiProblem, call, keys } from '../../api.ts'
import { Button } from '../../components/button.tsx'
import { Dialog, DialogActions } from '../../components/dialog.tsx'
import { ProblemNote } from '../../components/error-state.tsx'
import { Field, Select, TextInput } from '../../components/field.tsx'
import { SecretOnce } from '../../components/secret-once.tsx'
import { ROLE_LABELS, rolesUpTo } from '../../role.ts'

const DURATIONS = [
  { value: '7', label: '7 days' },
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '365', label: 'A year' },
] as const

interface NewTokenDialogProps {
  open: boolean
  onOpenChange: (open: boolean) => void
  tenants: readonly TenantBody[]
}

export function NewTokenDialog({ open, onOpenChange, tenants }: NewTokenDialogProps) {
  const client = useQueryClient()
  const creation = useMutation({
    mutationFn: (body: object) => call<TokenBody>('POST', '/me/tokens', body),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.tokens }),
  })
  const change = (next: boolean) => {
    if (!next) creation.reset() // and with it the token
    onOpenChange(next)
  }
  const made = creation.data?.token
  return (
    <Dialog open={open} onOpenChange={change} title={made ? 'Your new token' : 'New API token'}>
      {made ? (
        <>
          <SecretOnce secret={made} what="the token" />
          <DialogActions>
            <Button onClick={() => change(false)}>Done</Button>
          </DialogActions>
        </>
      ) : (
        <NewTokenForm
          tenants={tenants}
          problem={creation.error}
          busy={creation.isPending}
          onSubmit={creation.mutate}
          onCancel={() => change(false)}
        />
      )}
    </Dialog>
  )
}

interface NewTokenFormProps {
  tenants: readonly TenantBody[]
  problem: unknown
  busy: boolean
  onSubmit: (body: object) => void
  onCancel: () => void
}

function NewTokenForm({ tenants, problem, busy, onSubmit, onCancel }: NewTokenFormProps) {
  const [name, setName] = useState('')
  const [tenant, setTenant] = useState(tenants[0]?.slug ?? '')
  const own = tenants.find(({ slug }) => slug === tenant)?.role ?? 'viewer'
  const roles = rolesUpTo(own)
  const [wanted, setWanted] = useState<RoleName>('developer')
  const role = roles.includes(wanted) ? wanted : own
  const [days, setDays] = useState<(typeof DURATIONS)[number]['value']>('90')
  const fields = problem instanceof ApiProblem ? problem.fields : new Map<string, string>()
  return (
    <form
      className="mt-3 grid gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        onSubmit({ name, tenant, role, expiresInDays: Number(days) })
      }}
    >
      <Field label="Name" hint="What will use it." error={fields.get('/name')}>
        <TextInput value={name} onChange={(event) => setName(event.target.value)} maxLength={100} required autoComplete="off" />
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
      <Field label="Ends after" error={fields.get('/expiresInDays')}>
        <Select value={days} onChange={setDays} options={DURATIONS} />
      </Field>
      {problem != null && fields.size === 0 && <ProblemNote problem={problem} />}
      <DialogActions>
        <Button kind="secondary" onClick={onCancel}>
          Cancel
        </Button>
        <Button type="submit" busy={busy}>
          Make the token
        </Button>
      </DialogActions>
    </form>
  )
}
