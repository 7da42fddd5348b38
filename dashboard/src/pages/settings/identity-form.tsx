import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { ServerBody } from '../../../../protocol/api.ts'
import { at, call, faultsOf, keys } from '../../api.ts'
import { useChanges } from '../../changes.ts'
import { Card } from '../../components/card.tsx'
import { ProblemNote } from '../../components/error-state.tsx'
import { Field, TextArea, TextInput } from '../../components/field.tsx'
import { SaveButton } from '../../components/save-button.tsx'
import { toast } from '../../components/toast.tsx'

/** How a hosted server presents itself to people. */
export function IdentityForm({ tenant, server, disabled }: { tenant: string; server: ServerBody; disabled: boolean }) {
  const client = useQueryClient()
  const { name, description, icon } = server
  const { values, changed, isChanged, change, settle } = useChanges('identity', { name, description, icon: icon ?? '' })
  const saving = useMutation({
    mutationFn: (said: typeof changed) =>
      call<ServerBody>('PATCH', at.server(tenant, server.slug), {
        ...said,
        ...(said.icon !== undefined && { icon: said.icon.trim() || null }),
      }),
    onSuccess: async (_, sent) => {
      await client.invalidateQueries({ queryKey: keys.servers(tenant) })
      settle(sent)
      toast('Saved.')
    },
  })
  const fields = faultsOf(saving.error)
  return (
    <Card title="Name and description">
      <form
        className="grid max-w-xl gap-5"
        onSubmit={(event) => {
          event.preventDefault()
          saving.mutate(changed)
        }}
      >
        <Field label="Name" hint="People see it when an app asks them for access." error={fields.get('/name')}>
          <TextInput
            value={values.name}
            onChange={(event) => change({ name: event.target.value })}
            maxLength={100}
            required
            disabled={disabled}
          />
        </Field>
        <Field label="Description" optional error={fields.get('/description')}>
          <TextArea
            value={values.description}
            onChange={(event) => change({ description: event.target.value })}
            maxLength={1000}
            rows={3}
            disabled={disabled}
          />
        </Field>
        <Field
          label="Icon"
          optional
          hint="An https address. Apps may show it; Wharf’s own pages load nothing from elsewhere."
          error={fields.get('/icon')}
        >
          <TextInput
            type="url"
            value={values.icon}
            onChange={(event) => change({ icon: event.target.value })}
            maxLength={2048}
            placeholder="https://example.com/icon.png"
            disabled={disabled}
          />
        </Field>
        {saving.error && fields.size === 0 && <ProblemNote problem={saving.error} />}
        {!disabled && <SaveButton busy={saving.isPending} isChanged={isChanged} />}
      </form>
    </Card>
  )
}
