import { useQueryClient } from '@tanstack/react-query'
import type { Me } from '../../../../protocol/api.ts'
import { call } from '../../api.ts'
import { Badge } from '../../components/badge.tsx'
import { Card } from '../../components/card.tsx'
import { ProblemNote } from '../../components/error-state.tsx'
import { Field, TextInput } from '../../components/field.tsx'
import { SaveButton } from '../../forms/save-button.tsx'
import { useSaving } from '../../forms/saving.ts'

/** Who one is here. The address is what one signs in with, and stays. */
export function NameForm({ user, mayChange }: { user: Me['user']; mayChange: boolean }) {
  const client = useQueryClient()
  const { values, change, fields, problem, state, submit } = useSaving({
    name: 'me',
    saved: { name: user.name },
    send: (changed) => call<Me>('PATCH', '/me', changed),
    refresh: () => client.invalidateQueries(), // it stands in the lists of people and apps too
    done: 'Your name is changed.',
  })
  return (
    <Card title="You" actions={user.operator && <Badge tone="accent">Operator of this platform</Badge>}>
      <form className="grid max-w-xl gap-5" onSubmit={submit}>
        <Field label="Name" hint="The people of your tenants see it." error={fields.get('/name')}>
          <TextInput
            value={values.name}
            onChange={(event) => change({ name: event.target.value })}
            maxLength={100}
            required
            disabled={!mayChange}
            autoComplete="name"
          />
        </Field>
        <Field label="E-mail address" hint="What you sign in with. It cannot be changed.">
          <TextInput value={user.email} readOnly />
        </Field>
        {problem && fields.size === 0 && <ProblemNote problem={problem} />}
        {mayChange ? (
          <SaveButton {...state} />
        ) : (
          <p className="text-soft">A tenant’s provider signed you in, for that tenant. Sign in with your own password to change this.</p>
        )}
      </form>
    </Card>
  )
}
