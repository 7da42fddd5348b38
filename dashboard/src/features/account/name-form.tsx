import { useQueryClient } from '@tanstack/react-query'
import type { Me } from '../../../../protocol/api.ts'
import { call } from '../../api.ts'
import { Badge } from '../../components/badge.tsx'
import { Section } from '../../components/section.tsx'
import { ProblemNote } from '../../components/error-state.tsx'
import { Field, TextInput } from '../../components/field.tsx'
import { SaveButton } from '../../forms/save-button.tsx'
import { useSaving } from '../../forms/saving.ts'

/** Name and email address of the user. The address is the sign-in name and cannot change. */
export function NameForm({ user, mayChange }: { user: Me['user']; mayChange: boolean }) {
  const client = useQueryClient()
  const { values, change, fields, problem, state, submit } = useSaving({
    name: 'me',
    saved: { name: user.name },
    send: (changed) => call<Me>('PATCH', '/me', changed),
    refresh: () => client.invalidateQueries(), // lists of members and grants show the name too
    done: 'Name changed.',
  })
  return (
    <Section title="Profile" actions={user.operator && <Badge tone="accent">Platform operator</Badge>}>
      <form className="grid max-w-xl gap-5" onSubmit={submit}>
        <Field label="Name" hint="Shown to members of your tenants." error={fields.get('/name')}>
          <TextInput
            value={values.name}
            onChange={(event) => change({ name: event.target.value })}
            maxLength={64}
            required
            disabled={!mayChange}
            autoComplete="name"
          />
        </Field>
        <Field label="Email address" hint="Your sign-in name. Cannot be changed.">
          <TextInput value={user.email} readOnly />
        </Field>
        {problem && fields.size === 0 && <ProblemNote problem={problem} />}
        {mayChange ? (
          <SaveButton {...state} />
        ) : (
          <p className="text-soft">You are signed in through the provider of a tenant. Sign in with your password to change your name.</p>
        )}
      </form>
    </Section>
  )
}
