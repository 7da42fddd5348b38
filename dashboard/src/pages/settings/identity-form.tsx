import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { ServerBody } from '../../../../protocol/api.ts'
import { at, call, faultsOf, keys } from '../../api.ts'
import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { ProblemNote } from '../../components/error-state.tsx'
import { Field, TextArea, TextInput } from '../../components/field.tsx'
import { toast } from '../../components/toast.tsx'

/** How a hosted server presents itself to people. */
export function IdentityForm({ tenant, server, disabled }: { tenant: string; server: ServerBody; disabled: boolean }) {
  const client = useQueryClient()
  const [name, setName] = useState(server.name)
  const [description, setDescription] = useState(server.description)
  const [icon, setIcon] = useState(server.icon ?? '')
  const change = useMutation({
    mutationFn: () =>
      call<ServerBody>('PATCH', at.server(tenant, server.slug), { name, description, icon: icon.trim() === '' ? null : icon.trim() }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: keys.servers(tenant) })
      toast('Saved.')
    },
  })
  const fields = faultsOf(change.error)
  return (
    <Card title="Name and description">
      <form
        className="grid max-w-xl gap-5"
        onSubmit={(event) => {
          event.preventDefault()
          change.mutate()
        }}
      >
        <Field label="Name" hint="People see it when an app asks them for access." error={fields.get('/name')}>
          <TextInput value={name} onChange={(event) => setName(event.target.value)} maxLength={100} required disabled={disabled} />
        </Field>
        <Field label="Description" optional error={fields.get('/description')}>
          <TextArea
            value={description}
            onChange={(event) => setDescription(event.target.value)}
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
            value={icon}
            onChange={(event) => setIcon(event.target.value)}
            maxLength={2048}
            placeholder="https://example.com/icon.png"
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
