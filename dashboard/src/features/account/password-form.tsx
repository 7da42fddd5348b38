import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { call, faultsOf } from '../../api.ts'
import { Button } from '../../components/button.tsx'
import { Section } from '../../components/section.tsx'
import { ProblemNote } from '../../components/error-state.tsx'
import { Field, TextInput } from '../../components/field.tsx'
import { toast } from '../../components/toast.tsx'
import { meKey } from './queries.ts'

const NONE = { current: '', next: '' }

/** Changes the password, or sets a first password. Typed passwords are not kept in storage. */
export function PasswordForm({ email, hasPassword }: { email: string; hasPassword: boolean }) {
  const [{ current, next }, setTyped] = useState(NONE)
  const client = useQueryClient()
  const changing = useMutation({
    mutationFn: () => call('PUT', '/me/password', { ...(hasPassword && { currentPassword: current }), newPassword: next }),
    onSuccess: async () => {
      setTyped(NONE)
      await client.invalidateQueries({ queryKey: meKey })
      toast(hasPassword ? 'Password changed.' : 'Password set. You can now sign in with it.')
    },
  })
  const fields = faultsOf(changing.error)
  return (
    <Section
      title="Password"
      about={
        <>
          {hasPassword
            ? 'A new password signs you out on all other devices. Connected apps and API tokens are not affected.'
            : 'You have no password, because you sign in through a provider. A password lets you sign in without it.'}
        </>
      }
    >
      <form
        className="grid max-w-xl gap-5"
        onSubmit={(event) => {
          event.preventDefault()
          changing.mutate()
        }}
      >
        {/* password managers store the password under this user name */}
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
          <Button type="submit" kind="secondary" busy={changing.isPending}>
            {hasPassword ? 'Change password' : 'Set password'}
          </Button>
        </div>
      </form>
    </Section>
  )
}
