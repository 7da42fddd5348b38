import { Upload } from 'lucide-react'
import { useRef } from 'react'
import { Button, type ButtonKind } from '../../components/button.tsx'
import { Field, TextArea, TextInput } from '../../components/field.tsx'
import { kilobytes } from '../../components/kilobytes.ts'
import { EntryFields } from './entry-fields.tsx'
import { type Faults, faultAt } from './faults.ts'
import type { DocumentForm as Document } from './form.ts'
import { readContent } from './read-document.ts'

interface DocumentFormProps {
  document: Document
  faults: Faults
  /** JSON Pointer of the document. */
  pointer: string
  onChange: (change: Partial<Document>) => void
}

/** Fields of a document. The content is a text or the bytes of a file. */
export function DocumentForm({ document, faults, pointer, onChange }: DocumentFormProps) {
  const { uri, mimeType, text, blob } = document
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <Field label="URI" hint="Identifies the document to clients, such as handbook://leave." error={faultAt(faults, `${pointer}/uri`)}>
        <TextInput
          value={uri}
          onChange={(event) => onChange({ uri: event.target.value })}
          autoCapitalize="none"
          autoComplete="off"
          spellCheck={false}
          className="font-mono"
        />
      </Field>
      <Field label="MIME type" optional hint="Format of the content, such as text/markdown." error={faultAt(faults, `${pointer}/mimeType`)}>
        <TextInput
          value={mimeType}
          onChange={(event) => onChange({ mimeType: event.target.value })}
          autoCapitalize="none"
          autoComplete="off"
          spellCheck={false}
        />
      </Field>
      <EntryFields value={document} onChange={onChange} faults={faults} pointer={pointer} />
      {blob === undefined ? (
        <Field label="Text" className="sm:col-span-2" error={faultAt(faults, `${pointer}/text`) ?? faults.get(pointer)}>
          <TextArea value={text} onChange={(event) => onChange({ text: event.target.value })} rows={12} className="font-mono" />
        </Field>
      ) : (
        <div className="sm:col-span-2">
          <p>
            <span className="font-semibold">Binary file</span>, {kilobytes((blob.length * 3) / 4)}
          </p>
          {faults.has(`${pointer}/blob`) && (
            <p role="alert" className="text-sm text-bad">
              Base64 text of the file {faults.get(`${pointer}/blob`)}.
            </p>
          )}
        </div>
      )}
      <div className="flex flex-wrap gap-2 sm:col-span-2">
        <FileButton
          label="Replace content with file"
          onFiles={async ([file]) => {
            if (file) onChange(await readContent(file))
          }}
        />
        {blob !== undefined && (
          <Button kind="secondary" onClick={() => onChange({ blob: undefined })}>
            Write text instead
          </Button>
        )}
      </div>
    </div>
  )
}

interface FileButtonProps {
  label: string
  multiple?: boolean
  kind?: ButtonKind
  onFiles: (files: File[]) => Promise<void>
}

/** A button that opens the file dialog. */
export function FileButton({ label, multiple = false, kind = 'secondary', onFiles }: FileButtonProps) {
  const input = useRef<HTMLInputElement>(null)
  return (
    <>
      <input
        ref={input}
        type="file"
        multiple={multiple}
        aria-label={label}
        tabIndex={-1}
        className="hidden"
        onChange={(event) => {
          void onFiles(Array.from(event.target.files ?? []))
          event.target.value = ''
        }}
      />
      <Button kind={kind} icon={Upload} onClick={() => input.current?.click()}>
        {label}
      </Button>
    </>
  )
}
