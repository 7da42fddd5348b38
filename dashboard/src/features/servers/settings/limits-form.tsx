import type { ServerBody } from '../../../../../protocol/api.ts'
import { Card } from '../../../components/card.tsx'
import { ProblemNote } from '../../../components/error-state.tsx'
import { Field, TextInput } from '../../../components/field.tsx'
import { SaveButton } from '../../../forms/save-button.tsx'
import { useSavingSettings } from '../saving-settings.ts'

/** What one call, and all of them at once, may take. What the most is the API says. */
export function LimitsForm({ tenant, server, disabled }: { tenant: string; server: ServerBody; disabled: boolean }) {
  const { deadlineSeconds, concurrentCalls } = server.limits
  const { values, change, fields, problem, state, submit } = useSavingSettings({
    tenant,
    server: server.slug,
    name: 'limits',
    saved: { deadline: String(deadlineSeconds), calls: String(concurrentCalls) },
    settings: (_, { deadline, calls }) => ({ limits: { deadlineSeconds: Number(deadline), concurrentCalls: Number(calls) } }),
  })
  return (
    <Card title="Limits">
      <form className="grid max-w-xl gap-5" noValidate onSubmit={submit}>
        <Field
          label="Seconds a call may take"
          hint="One that takes longer is ended and answered with an error."
          error={fields.get('/limits/deadlineSeconds')}
        >
          <TextInput
            inputMode="numeric"
            value={values.deadline}
            onChange={(event) => change({ deadline: event.target.value })}
            maxLength={4}
            required
            disabled={disabled}
          />
        </Field>
        <Field label="Calls at once" hint="A further one is told to come back shortly." error={fields.get('/limits/concurrentCalls')}>
          <TextInput
            inputMode="numeric"
            value={values.calls}
            onChange={(event) => change({ calls: event.target.value })}
            maxLength={4}
            required
            disabled={disabled}
          />
        </Field>
        {problem && fields.size === 0 && <ProblemNote problem={problem} />}
        {!disabled && <SaveButton {...state} />}
      </form>
    </Card>
  )
}
