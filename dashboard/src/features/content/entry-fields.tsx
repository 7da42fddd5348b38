import type { PlacedFinding } from '../deploy/places.ts'
import { Field, TextArea, TextInput } from '../../components/field.tsx'
import { Findings } from '../deploy/findings.tsx'
import { type Faults, faultAt } from './faults.ts'

interface Named {
  name: string
  title: string
  description: string
}

interface EntryFieldsProps {
  value: Named
  onChange: (change: Partial<Named>) => void
  faults: Faults
  /** JSON Pointer of the entry. */
  pointer: string
  nameHint?: string
}

/** Name, title and description of a prompt, an argument or a document. */
export function EntryFields({ value: { name, title, description }, onChange, faults, pointer, nameHint }: EntryFieldsProps) {
  return (
    <>
      <Field label="Name" hint={nameHint} error={faultAt(faults, `${pointer}/name`)}>
        <TextInput
          value={name}
          onChange={(event) => onChange({ name: event.target.value })}
          autoCapitalize="none"
          autoComplete="off"
          spellCheck={false}
        />
      </Field>
      <Field label="Title" optional hint={nameHint && 'Shown to users.'} error={faultAt(faults, `${pointer}/title`)}>
        <TextInput value={title} onChange={(event) => onChange({ title: event.target.value })} autoComplete="off" />
      </Field>
      <Field label="Description" optional className="sm:col-span-2" error={faultAt(faults, `${pointer}/description`)}>
        <TextArea value={description} onChange={(event) => onChange({ description: event.target.value })} rows={2} />
      </Field>
    </>
  )
}

/** Findings of the last deploy about an entry. */
export function EntryFindings({ findings }: { findings: readonly PlacedFinding[] }) {
  if (findings.length === 0) return null
  return (
    <div className="mb-4">
      <Findings findings={findings} />
    </div>
  )
}
