import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { InvitationBody, RoleName } from '../../../../protocol/api.ts'
import { ApiProblem, at, call, keys } from '../../api.ts'
import { Button } from '../../components/button.tsx'
import { Dialog, DialogActions } from '../../components/dialog.tsx'
import { ProblemNote } from '../../components/error-state.tsx'
import { Field, Select, TextInput } from '../../components/field.tsx'
import { SecretOnce } from '../../components/secret-once.tsx'
import { ROLE_LABELS, rolesUpTo } from '../../role.ts'

interface InviteDialogProps {
  open: boolean
  onOpenChange: (open: boolean) => void
  tenant: string
  /** One's own: nobody invites above it. */
  role: RoleName
}

/** Wharf sends no mail: an invitation is a link to hand on. */
export function InviteDialog({ open, onOpenChange, tenant, role }: InviteDialogProps) {
  const client = useQueryClient()
  const creation = useMutation({
    mutationFn: (body: object) => call<InvitationBody>('POST', `${at.tenant(tenant)}/invitations`, body),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.invitations(tenant) }),
  })
  const change = (next: boolean) => {
    if (!next) creation.reset() // and with it the link
    onOpenChange(next)
  }
  const made = creation.data
  return (
    <Dialog open={open} onOpenChange={change} title={made ? 'Hand on this link' : `Invite to ${tenant}`}>
      {made?.url ? (
        <>
          <SecretOnce secret={made.url} what="the link" />
          <p className="mt-3 text-soft">
            It works once, within seven days, {made.email ? `for ${made.email} only` : 'for whoever opens it first'}.
          </p>
          <DialogActions>
            <Button onClick={() => change(false)}>Done</Button>
          </DialogActions>
        </>
      ) : (
        <InviteForm
          role={role}
          problem={creation.error}
          busy={creation.isPending}
          onSubmit={creation.mutate}
          onCancel={() => change(false)}
        />
      )}
    </Dialog>
  )
}

interface InviteFormProps {
  role: RoleName
  problem: unknown
  busy: boolean
  onSubmit: (body: object) => void
  onCancel: () => void
}

function InviteForm({ role: own, problem, busy, onSubmit, onCancel }: InviteFormProps) {
  const [role, setRole] = useState<RoleName>('developer')
  const [email, setEmail] = useState('')
  const fields = problem instanceof ApiProblem ? problem.fields : new Map<string, string>()
  return (
    <form
      className="mt-3 grid gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        onSubmit({ role, ...(email.trim() ? { email: email.trim() } : {}) })
      }}
    >
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
      {problem != null && fields.size === 0 && <ProblemNote problem={problem} />}
      <DialogActions>
        <Button kind="secondary" onClick={onCancel}>
          Cancel
        </Button>
        <Button type="submit" busy={busy}>
          Make the link
        </Button>
      </DialogActions>
    </form>
  )
}
