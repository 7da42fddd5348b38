import { type FormEvent, useState } from 'react'
import { Button } from '../../components/button.tsx'
import { Dialog, DialogActions } from '../../components/dialog.tsx'
import { Field, TextInput } from '../../components/field.tsx'
import { fileNameFault } from './project.ts'

interface FileNameDialogProps {
  title: string
  action: string
  /** Initial name. */
  name: string
  /** Other files, whose names are taken. */
  others: Readonly<Record<string, string>>
  onName: (name: string) => void
  onClose: () => void
}

/** Asks for the name of a new or renamed file. Mount only while open. */
export function FileNameDialog({ title, action, name: initial, others, onName, onClose }: FileNameDialogProps) {
  const [name, setName] = useState(initial)
  const [fault, setFault] = useState<string>()
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const found = fileNameFault(name.trim(), others)
    setFault(found)
    if (found === undefined) onName(name.trim())
  }
  return (
    <Dialog open onOpenChange={onClose} title={title}>
      <form onSubmit={submit} noValidate>
        <Field label="Name" error={fault} hint="May contain folders, such as lib/tool.ts.">
          <TextInput
            value={name}
            onChange={(event) => setName(event.target.value)}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            maxLength={200}
            className="font-mono"
          />
        </Field>
        <DialogActions>
          <Button kind="secondary" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit">{action}</Button>
        </DialogActions>
      </form>
    </Dialog>
  )
}
