import type { ReactNode } from 'react'
import type { ServerBody } from '../../../../../protocol/api.ts'
import { Section } from '../../../components/section.tsx'
import { ProblemNote } from '../../../components/error-state.tsx'
import { Field, TextArea } from '../../../components/field.tsx'
import { SaveButton } from '../../../forms/save-button.tsx'
import { useSavingSettings } from '../saving-settings.ts'
import { lineFault, linesOf } from './lines.ts'

interface ListFormProps {
  tenant: string
  server: ServerBody
  /** Name of the setting, a list of strings. */
  field: 'egress' | 'origins'
  title: string
  label: string
  placeholder: string
  disabled: boolean
  children: ReactNode
}

/** Edits a list setting, one entry per line. */
export function ListForm({ tenant, server, field, title, label, placeholder, disabled, children }: ListFormProps) {
  const { values, change, fields, problem, sent, state, submit } = useSavingSettings({
    tenant,
    server: server.slug,
    name: field,
    saved: { text: server[field].join('\n') },
    settings: ({ text = '' }) => ({ [field]: linesOf(text) }),
  })
  const { text } = values
  return (
    <Section title={title} about={children}>
      <form className="grid max-w-xl gap-4" onSubmit={submit}>
        <Field label={label} hint="One per line." error={lineFault(fields, field, linesOf(sent?.text ?? ''))}>
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
        {problem && fields.size === 0 && <ProblemNote problem={problem} />}
        {!disabled && <SaveButton {...state} />}
      </form>
    </Section>
  )
}
