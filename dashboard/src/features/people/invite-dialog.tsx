import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { InvitationBody, RoleName } from '../../../../protocol/api.ts'
import { apiPath, call } from '../../api.ts'
import { Field, Select, TextInput } from '../../components/field.tsx'
import { DialogForm, CreateDialog, type CreateFormProps } from '../../forms/create-dialog.tsx'
import { invitationsKey } from './queries.ts'
import { ROLE_LABELS, rolesUpTo } from './role.ts'

interface InviteDialogProps {
  open: boolean
  onOpenChange: (open: boolean) => void
  tenant: string
  /** One's own: nobody invites above it. */
  role: RoleName
}

/** Wharf sends no mail: an invitation is a link to hand on. */
export function InviteDialog({ tenant, role, ...opening }: InviteDialogProps) {
  const client = useQueryClient()
  return (
    <CreateDialog
      {...opening}
      title={`Invite to ${tenant}`}
      createdTitle="Hand on this link"
      secretName="the link"
      create={(body) => call<InvitationBody>('POST', `${apiPath.tenant(tenant)}/invitations`, body)}
      onCreated={() => client.invalidateQueries({ queryKey: invitationsKey(tenant) })}
      secretOf={({ url }) => url}
      note={({ email }) => `It works once, within seven days, ${email ? `for ${email} only` : 'for whoever opens it first'}.`}
    >
      {(form) => <InviteForm {...form} role={role} />}
    </CreateDialog>
  )
}

function InviteForm({ role: own, onSubmit, ...form }: CreateFormProps & { role: RoleName }) {
  const [role, setRole] = useState<RoleName>('developer')
  const [email, setEmail] = useState('')
  const { fields } = form
  return (
    <DialogForm {...form} action="Make the link" onSubmit={() => onSubmit({ role, ...(email.trim() ? { email: email.trim() } : {}) })}>
      <Field label="Role" error={fields.get('/role')}>
        <Select value={role} onChange={setRole} options={rolesUpTo(own).map((value) => ({ value, label: ROLE_LABELS[value] }))} />
      </Field>
      <Field
        label="E-mail address"
        optional
        hint="Only the account with this address can then accept. Without one, whoever has the link can."
        error={fields.get('/email')}
      >
        <TextInput type="email" value={email} onChange={(event) => setEmail(event.target.value)} maxLength={320} autoComplete="off" />
      </Field>
    </DialogForm>
  )
}
