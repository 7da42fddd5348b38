import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import type { ServerBody } from '../../../../protocol/api.ts'
import { at, call, faultsOf, keys } from '../../api.ts'
import { useChanges } from '../../changes.ts'
import { Card } from '../../components/card.tsx'
import { ProblemNote } from '../../components/error-state.tsx'
import { Field, TextArea } from '../../components/field.tsx'
import { SaveButton } from '../../components/save-button.tsx'
import { toast } from '../../components/toast.tsx'

interface ListFormProps {
  tenant: string
  server: ServerBody
  /** The setting it is about, a list of words. */
  field: 'egress' | 'origins'
  title: string
  label: string
  placeholder: string
  disabled: boolean
  children: ReactNode
}

/** A setting that is a list, edited as lines. */
export function ListForm({ tenant, server, field, title, label, placeholder, disabled, children }: ListFormProps) {
  const client = useQueryClient()
  const { values, isChanged, change, settle } = useChanges(field, { text: server[field].join('\n') })
  const { text } = values
  const saving = useMutation({
    mutationFn: (sent: typeof values) => call<ServerBody>('PATCH', at.server(tenant, server.slug), { [field]: linesOf(sent.text) }),
    onSuccess: async (_, sent) => {
      await client.invalidateQueries({ queryKey: keys.servers(tenant) })
      settle(sent)
      toast('Saved. It takes effect within ten seconds.')
    },
  })
  const fields = faultsOf(saving.error)
  return (
    <Card title={title}>
      <form
        className="grid max-w-xl gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          saving.mutate(values)
        }}
      >
        <Field label={label} hint={children} error={faultOf(fields, field, linesOf(saving.variables?.text ?? ''))}>
          <TextArea
            value={text}
            onChange={(event) => change({ text: event.target.value })}
            rows={Math.min(8, Math.max(2, text.split('\n').length))}
            placeholder={placeholder}
            spellCheck={false}
            autoCapitalize="none"
            disabled={disabled}
            className="font-mono text-sm"
          />
        </Field>
        {saving.error && fields.size === 0 && <ProblemNote problem={saving.error} />}
        {!disabled && <SaveButton busy={saving.isPending} isChanged={isChanged} />}
      </form>
    </Card>
  )
}

function linesOf(text: string): string[] {
  return [...new Set(text.split(/[\s,]+/).filter((line) => line !== ''))]
}

/** The API points at an entry by its number; a person finds it by what it says. */
function faultOf(fields: ReadonlyMap<string, string>, field: string, sent: string[]): string | undefined {
  for (const [pointer, detail] of fields) {
    const index = new RegExp(`^/${field}/(\\d+)$`).exec(pointer)?.[1]
    if (index !== undefined) return `have one that is not right: “${sent[Number(index)] ?? ''}” ${detail}`
    if (pointer === `/${field}`) return detail
  }
  return undefined
}
