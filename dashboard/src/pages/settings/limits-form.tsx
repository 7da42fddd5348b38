import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { ServerBody } from '../../../../protocol/api.ts'
import { at, call, faultsOf, keys } from '../../api.ts'
import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { ProblemNote } from '../../components/error-state.tsx'
import { Field, TextInput } from '../../components/field.tsx'
import { toast } from '../../components/toast.tsx'

/** What one call, and all of them at once, may take. What the most is the API says. */
export function LimitsForm({ tenant, server, disabled }: { tenant: string; server: ServerBody; disabled: boolean }) {
  const client = useQueryClient()
  const [deadline, setDeadline] = useState(String(server.limits.deadlineSeconds))
  const [calls, setCalls] = useState(String(server.limits.concurrentCalls))
  const change = useMutation({
    mutationFn: () =>
      call<ServerBody>('PATCH', at.server(tenant, server.slug), {
        limits: { deadlineSeconds: Number(deadline), concurrentCalls: Number(calls) },
      }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: keys.servers(tenant) })
      toast('Saved. It takes effect within ten seconds.')
    },
  })
  const fields = faultsOf(change.error)
  return (
    <Card title="Limits">
      <form
        className="grid max-w-xl gap-5"
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          change.mutate()
        }}
      >
        <Field
          label="Seconds a call may take"
          hint="One that takes longer is ended and answered with an error."
          error={fields.get('/limits/deadlineSeconds')}
        >
          <TextInput
            inputMode="numeric"
            value={deadline}
            onChange={(event) => setDeadline(event.target.value)}
            maxLength={4}
            required
            disabled={disabled}
          />
        </Field>
        <Field label="Calls at once" hint="A further one is told to come back shortly." error={fields.get('/limits/concurrentCalls')}>
          <TextInput
            inputMode="numeric"
            value={calls}
            onChange={(event) => setCalls(event.target.value)}
            maxLength={4}
            required
            disabled={disabled}
          />
        </Field>
        {change.error && fields.size === 0 && <ProblemNote problem={change.error} />}
        {!disabled && (
          <div>
            <Button type="submit" busy={change.isPending}>
              Save
            </Button>
          </div>
        )}
      </form>
    </Card>
  )
}
