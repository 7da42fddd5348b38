import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { call, faultsOf } from '../../api.ts'
import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { ProblemNote } from '../../components/error-state.tsx'
import { Field, TextInput } from '../../components/field.tsx'
import { toast } from '../../components/toast.tsx'
import { meKey } from './queries.ts'

const NONE = { current: '', next: '' }

/** Another password, or a first one for whom a provider has signed in so far. What is typed here is kept nowhere. */
export function PasswordForm({ email, hasPassword }: { email: string; hasPassword: boolean }) {
  const [{ current, next }, setTyped] = useState(NONE)
  const client = useQueryClient()
  const changing = useMutation({
    mutationFn: () => call('PUT', '/me/password', { ...(hasPassword && { currentPassword: current }), newPassword: next }),
    onSuccess: async () => {
      setTyped(NONE)
      await client.invalidateQueries({ queryKey: meKey })
      toast(hasPassword ? 'Your password is changed.' : 'You can sign in with your password now.')
    },
  })
  const fields = faultsOf(changing.error)
  return (
    <Card title="Password">
      <p className="mb-4 max-w-prose text-soft">
        {hasPassword
          ? 'A change signs you out everywhere but here. Apps you let in and API tokens stay.'
          : 'You have none: a provider signs you in. With one, you can sign in by it as well.'}
      </p>
      <form
        className="grid max-w-xl gap-5"
        onSubmit={(event) => {
          event.preventDefault()
          changing.mutate()
        }}
      >
        {/* for password managers, which keep it by this */}
        <input type="hidden" name="username" autoComplete="username" value={email} />
        {hasPassword && (
          <Field label="Current password" error={fields.get('/currentPassword')}>
            <TextInput
              type="password"
              value={current}
              onChange={(event) => setTyped({ current: event.target.value, next })}
              maxLength={128}
              required
              autoComplete="current-password"
            />
          </Field>
        )}
        <Field label="New password" hint="At least 10 characters." error={fields.get('/newPassword')}>
          <TextInput
            type="password"
            value={next}
            onChange={(event) => setTyped({ current, next: event.target.value })}
            minLength={10}
            maxLength={128}
            required
            autoComplete="new-password"
          />
        </Field>
        {changing.error && fields.size === 0 && <ProblemNote problem={changing.error} />}
        <div>
          <Button type="submit" busy={changing.isPending}>
            {hasPassword ? 'Change the password' : 'Set a password'}
          </Button>
        </div>
      </form>
    </Card>
  )
}
