import type { ServerBody } from '../../../../../protocol/api.ts'
import { Section } from '../../../components/section.tsx'
import { ProblemNote } from '../../../components/error-state.tsx'
import { Field, TextInput } from '../../../components/field.tsx'
import { SaveButton } from '../../../forms/save-button.tsx'
import { useSavingSettings } from '../saving-settings.ts'

const FIELDS = [
  {
    name: 'deadline',
    limit: 'deadlineSeconds',
    label: 'Call timeout in seconds',
    hint: 'A longer call is cancelled and returns an error. Progress notifications restart the time.',
  },
  {
    name: 'total',
    limit: 'totalSeconds',
    label: 'Longest call with progress, in seconds',
    hint: 'Progress notifications cannot extend a call beyond this time.',
  },
  {
    name: 'calls',
    limit: 'concurrentCalls',
    label: 'Concurrent calls',
    hint: 'Further calls get an error and can retry shortly.',
  },
] as const

/** Limits of calls. The API defines the maximum values. */
export function LimitsForm({ tenant, server, disabled }: { tenant: string; server: ServerBody; disabled: boolean }) {
  const { deadlineSeconds, totalSeconds, concurrentCalls } = server.limits
  const { values, change, fields, problem, state, submit } = useSavingSettings({
    tenant,
    server: server.slug,
    name: 'limits',
    saved: { deadline: String(deadlineSeconds), total: String(totalSeconds), calls: String(concurrentCalls) },
    settings: (_, { deadline, total, calls }) => ({
      limits: { deadlineSeconds: Number(deadline), totalSeconds: Number(total), concurrentCalls: Number(calls) },
    }),
  })
  return (
    <Section title="Limits" about="Bounds of each call, so that one slow tool does not hold up the others.">
      <form className="grid max-w-xl gap-5" noValidate onSubmit={submit}>
        {FIELDS.map(({ name, limit, label, hint }) => (
          <Field key={name} label={label} hint={hint} error={fields.get(`/limits/${limit}`)}>
            <TextInput
              inputMode="numeric"
              value={values[name]}
              onChange={(event) => change({ [name]: event.target.value })}
              maxLength={4}
              required
              disabled={disabled}
            />
          </Field>
        ))}
        {problem && fields.size === 0 && <ProblemNote problem={problem} />}
        {!disabled && <SaveButton {...state} />}
      </form>
    </Section>
  )
}
