import { Button } from '../../components/button.tsx'
import { Field, TextArea, TextInput } from '../../components/field.tsx'
import { EntryFrame } from './entry-frame.tsx'
import type { Faults } from './faults.ts'
import type { DocumentForm } from './form.ts'

interface DocumentFieldsProps {
  document: DocumentForm
  number: number
  /** JSON Pointer of the document in the manifest. */
  pointer: string
  faults: Faults
  onChange: (document: DocumentForm) => void
  onRemove: () => void
  onMove: (by: -1 | 1) => void
}

/** Fields of a document: text, or a file in Base64. */
export function DocumentFields({ document, number, pointer, faults, onChange, onRemove, onMove }: DocumentFieldsProps) {
  const { uri, name, title, description, mimeType, text, blob } = document
  const change = (changes: Partial<DocumentForm>) => onChange({ ...document, ...changes })
  const fault = (field: string) => faults.get(`${pointer}/${field}`)
  return (
    <EntryFrame label={`Document ${number}`} name={name} onRemove={onRemove} onMove={onMove}>
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label="URI" hint="Identifies the document, for example handbook://leave." error={fault('uri')}>
          <TextInput value={uri} onChange={(event) => change({ uri: event.target.value })} autoComplete="off" spellCheck={false} />
        </Field>
        <Field label="Name" hint="Short name for apps." error={fault('name')}>
          <TextInput value={name} onChange={(event) => change({ name: event.target.value })} autoComplete="off" />
        </Field>
        <Field label="Title" optional error={fault('title')}>
          <TextInput value={title} onChange={(event) => change({ title: event.target.value })} autoComplete="off" />
        </Field>
        <Field label="MIME type" optional error={fault('mimeType')}>
          <TextInput
            value={mimeType}
            onChange={(event) => change({ mimeType: event.target.value })}
            autoComplete="off"
            spellCheck={false}
          />
        </Field>
        <Field label="Description" optional error={fault('description')} className="sm:col-span-2">
          <TextInput value={description} onChange={(event) => change({ description: event.target.value })} autoComplete="off" />
        </Field>
        {blob === undefined ? (
          <Field label="Text" error={fault('text')} className="sm:col-span-2">
            <TextArea value={text} onChange={(event) => change({ text: event.target.value })} rows={8} className="font-mono text-sm" />
          </Field>
        ) : (
          <div className="flex flex-wrap items-center gap-3 sm:col-span-2">
            <p>
              File with {Math.round((blob.length * 3) / 4).toLocaleString('en')} bytes.
              {fault('blob') && <span className="text-bad"> The file {fault('blob')}.</span>}
            </p>
            <Button kind="secondary" onClick={() => change({ blob: undefined, text: '', mimeType: 'text/markdown' })}>
              Replace by text
            </Button>
          </div>
        )}
      </div>
    </EntryFrame>
  )
}
