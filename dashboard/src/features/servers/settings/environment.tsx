import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { EnvironmentBody } from '../../../../../protocol/api.ts'
import { apiPath, call, faultsOf } from '../../../api.ts'
import { Button } from '../../../components/button.tsx'
import { Section } from '../../../components/section.tsx'
import { ConfirmDialog } from '../../../components/dialog.tsx'
import { ProblemNote } from '../../../components/error-state.tsx'
import { Field, TextInput } from '../../../components/field.tsx'
import { Loaded } from '../../../components/loaded.tsx'
import { Table } from '../../../components/table.tsx'
import { toast } from '../../../components/toast.tsx'
import { environmentQuery, serverKey } from '../queries.ts'

/** Values that the server's code reads from `env`. The API never returns the values. */
export function Environment({ tenant, server }: { tenant: string; server: string }) {
  const query = useQuery(environmentQuery(tenant, server))
  const client = useQueryClient()
  const [removing, setRemoving] = useState<string>()
  const write = (values: Record<string, string | null>) =>
    call<EnvironmentBody>('PUT', `${apiPath.server(tenant, server)}/environment`, { values })
  const stored = (body: EnvironmentBody) => client.setQueryData(environmentQuery(tenant, server).queryKey, body)
  return (
    <Section
      title="Environment"
      about={
        <>
          The code of the server reads these values from <code>env</code>. Values are stored encrypted and never shown again. Changes take
          effect within 10 seconds.
        </>
      }
    >
      <Loaded query={query}>
        {({ values, unreadable }) =>
          unreadable ? (
            <p role="alert" className="max-w-prose text-bad">
              The stored values cannot be decrypted, so calls of this server fail. Add the values again. The first value that you add
              replaces all stored values.
            </p>
          ) : values.length === 0 ? (
            <p className="text-soft">No environment values.</p>
          ) : (
            <Table
              label="Environment values"
              rows={values}
              keyOf={({ name }) => name}
              columns={[
                { name: 'Name', cell: ({ name }) => <code className="[overflow-wrap:anywhere]">{name}</code> },
                { name: 'Value', cell: ({ lastFour }) => <span className="font-mono text-soft">{lastFour ? `…${lastFour}` : '…'}</span> },
                {
                  name: 'Actions',
                  nameless: true,
                  className: 'w-32',
                  cell: ({ name }) => (
                    <Button kind="quiet" className="text-bad!" onClick={() => setRemoving(name)}>
                      Delete<span className="sr-only"> {name}</span>
                    </Button>
                  ),
                },
              ]}
            />
          )
        }
      </Loaded>
      <NewValue onSubmit={write} onStored={stored} names={query.data?.values.map(({ name }) => name) ?? []} />
      <ConfirmDialog
        open={removing !== undefined}
        onOpenChange={() => setRemoving(undefined)}
        title={`Delete ${removing}?`}
        action="Delete value"
        onConfirm={async () => {
          if (removing === undefined) return
          stored(await write({ [removing]: null }))
          await client.invalidateQueries({ queryKey: serverKey(tenant, server) })
          toast(`${removing} deleted.`)
        }}
      >
        The code no longer receives this value. The value cannot be recovered.
      </ConfirmDialog>
    </Section>
  )
}

interface NewValueProps {
  onSubmit: (values: Record<string, string>) => Promise<EnvironmentBody>
  onStored: (body: EnvironmentBody) => void
  names: string[]
}

function NewValue({ onSubmit, onStored, names }: NewValueProps) {
  const [name, setName] = useState('')
  const [value, setValue] = useState('')
  const change = useMutation({
    mutationFn: onSubmit,
    onSuccess: (body) => {
      onStored(body)
      toast(`${name} saved.`)
      setName('')
      setValue('')
    },
  })
  const fields = faultsOf(change.error)
  const fault = fields.get(`/values/${name}`) ?? fields.get('/values')
  return (
    <form
      className="mt-5 grid items-end gap-4 sm:grid-cols-[minmax(0,1fr)_minmax(0,1.5fr)_auto]"
      onSubmit={(event) => {
        event.preventDefault()
        change.mutate({ [name]: value })
      }}
    >
      <Field label="Name" error={fault}>
        <TextInput
          value={name}
          onChange={(event) => setName(event.target.value)}
          required
          maxLength={64}
          pattern="[A-Za-z_][A-Za-z0-9_]*"
          title="Letters, digits and _, such as API_URL"
          placeholder="API_URL"
          autoComplete="off"
          autoCapitalize="characters"
          spellCheck={false}
          className="font-mono"
        />
      </Field>
      <Field label="Value">
        <TextInput
          type="password"
          value={value}
          onChange={(event) => setValue(event.target.value)}
          required
          maxLength={8192}
          autoComplete="new-password"
          className="font-mono"
        />
      </Field>
      <Button type="submit" kind="secondary" busy={change.isPending}>
        {names.includes(name) ? 'Replace' : 'Add'}
      </Button>
      {change.error && fields.size === 0 && (
        <div className="sm:col-span-3">
          <ProblemNote problem={change.error} />
        </div>
      )}
    </form>
  )
}
