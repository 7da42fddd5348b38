import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { TenantClientBody } from '../../../../protocol/api.ts'
import { apiPath, call } from '../../api.ts'
import { Button } from '../../components/button.tsx'
import { ProblemNote } from '../../components/error-state.tsx'
import { Field, Select } from '../../components/field.tsx'
import { toast } from '../../components/toast.tsx'
import { DialogForm, CreateDialog, type CreateFormProps } from '../../forms/create-dialog.tsx'
import { tenantClientsKey } from './queries.ts'

const OVERLAPS = [
  { value: '0', label: 'Immediately' },
  { value: '1', label: 'In 1 hour' },
  { value: '24', label: 'In 1 day' },
  { value: '168', label: 'In 1 week' },
] as const
type Overlap = (typeof OVERLAPS)[number]['value']

interface RotateDialogProps {
  tenant: string
  client: TenantClientBody | undefined
  onClose: () => void
}

/**
 * Rotates the secret of a client. The previous secret stays valid for a while, to avoid downtime.
 */
export function RotateDialog({ tenant, client, onClose }: RotateDialogProps) {
  const queryClient = useQueryClient()
  const path = `${apiPath.tenant(tenant)}/clients/${encodeURIComponent(client?.clientId ?? '')}`
  const changed = () => queryClient.invalidateQueries({ queryKey: tenantClientsKey(tenant) })
  const ending = useMutation({
    mutationFn: () => call('DELETE', `${path}/previous-secret`),
    onSuccess: async () => {
      await changed()
      toast('Previous secret revoked.')
      onClose()
    },
  })
  return (
    <CreateDialog
      open={client !== undefined}
      onOpenChange={(open) => !open && onClose()}
      title={`Rotate the secret of ${client?.name ?? ''}`}
      createdTitle="Secret created"
      secretName="the secret"
      create={(body) => call<TenantClientBody>('POST', `${path}/secret`, body)}
      onCreated={changed}
      secretOf={({ secret }) => secret}
    >
      {(form) => (
        <>
          <RotateForm {...form} />
          {client?.previousSecretExpiresAt && (
            <div className="mt-4 grid gap-3 border-t border-line pt-4">
              <p className="text-soft">The previous secret is still valid.</p>
              {ending.error && <ProblemNote problem={ending.error} />}
              <div>
                <Button kind="danger" busy={ending.isPending} onClick={() => ending.mutate()}>
                  Revoke previous secret
                </Button>
              </div>
            </div>
          )}
        </>
      )}
    </CreateDialog>
  )
}

function RotateForm({ onSubmit, ...form }: CreateFormProps) {
  const [overlap, setOverlap] = useState<Overlap>('24')
  return (
    <DialogForm {...form} action="Create secret" onSubmit={() => onSubmit({ overlapHours: Number(overlap) })}>
      <Field label="Current secret expires" error={form.fields.get('/overlapHours')}>
        <Select value={overlap} onChange={setOverlap} options={OVERLAPS} />
      </Field>
    </DialogForm>
  )
}
