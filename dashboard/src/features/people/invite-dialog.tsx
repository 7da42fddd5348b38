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
  /** Role of the inviting user, which is the highest role to offer. */
  role: RoleName
}

/** Creates an invitation link. Wharf sends no mail, so the user passes on the link. */
export function InviteDialog({ tenant, role, ...opening }: InviteDialogProps) {
  const client = useQueryClient()
  return (
    <CreateDialog
      {...opening}
      title={`Invite to ${tenant}`}
      createdTitle="Share this link"
      secretName="the link"
      create={(body) => call<InvitationBody>('POST', `${apiPath.tenant(tenant)}/invitations`, body)}
      onCreated={() => client.invalidateQueries({ queryKey: invitationsKey(tenant) })}
      secretOf={({ url }) => url}
      note={({ email }) => `The link works once, within 7 days, ${email ? `for ${email} only` : 'for anyone who has it'}.`}
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
    <DialogForm {...form} action="Create link" onSubmit={() => onSubmit({ role, ...(email.trim() ? { email: email.trim() } : {}) })}>
      <Field label="Role" error={fields.get('/role')}>
        <Select value={role} onChange={setRole} options={rolesUpTo(own).map((value) => ({ value, label: ROLE_LABELS[value] }))} />
      </Field>
      <Field
        label="Email address"
        optional
        hint="Limits the invitation to the account with this address. Otherwise anyone with the link can accept."
        error={fields.get('/email')}
      >
        <TextInput type="email" value={email} onChange={(event) => setEmail(event.target.value)} maxLength={320} autoComplete="off" />
      </Field>
    </DialogForm>
  )
}
