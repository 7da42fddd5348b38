import { useState } from 'react'
import { Button } from '../../components/button.tsx'
import { Dialog, DialogActions } from '../../components/dialog.tsx'
import { Checkbox, Field, RadioCards, Select, TextInput } from '../../components/field.tsx'
import { guessMainModule, isModule } from '../deploy/bundle-files.ts'

export interface BundleChoice {
  mainModule: string
  note: string
  activate: boolean
}

interface AddFilesDialogProps {
  files: Readonly<Record<string, string>>
  /** Files of the project. Added files replace files of the same name. */
  present: readonly string[]
  /** There is no draft to add sources to. */
  bundleOnly?: boolean
  onAdd: () => void
  onBundle: (choice: BundleChoice) => void
  onClose: () => void
}

/** Adds chosen files to the draft, or deploys the files as a bundle. Mount only while open. */
export function AddFilesDialog({ files, present, bundleOnly = false, onAdd, onBundle, onClose }: AddFilesDialogProps) {
  const names = Object.keys(files)
  const modules = names.filter(isModule)
  const mayBeBundle = modules.length > 0 && names.every((name) => /\.(?:m?js|json|txt|html)$/.test(name))
  const [as, setAs] = useState<'sources' | 'bundle'>(mayBeBundle || bundleOnly ? 'bundle' : 'sources')
  const [mainModule, setMainModule] = useState(guessMainModule(names) ?? '')
  const [note, setNote] = useState('')
  const [activate, setActivate] = useState(true)
  const replaced = names.filter((name) => present.includes(name))
  return (
    <Dialog open onOpenChange={onClose} title={names.length === 1 ? (names[0] ?? '') : `${names.length} files`}>
      <div className="mt-3 grid gap-5">
        {mayBeBundle && !bundleOnly && (
          <RadioCards
            label="Use as"
            className=""
            value={as}
            onChange={setAs}
            options={[
              { value: 'bundle', title: 'Bundle', description: 'ES modules to deploy unchanged.' },
              { value: 'sources', title: 'Sources', description: 'Files to edit here and bundle with the SDK.' },
            ]}
          />
        )}
        {as === 'bundle' ? (
          <>
            {modules.length === 0 && <p className="text-bad">No module found. A module ends in .js or .mjs.</p>}
            {modules.length > 1 && (
              <Field label="Main module" hint="Its default export handles requests.">
                <Select value={mainModule} onChange={setMainModule} options={modules.map((value) => ({ value, label: value }))} />
              </Field>
            )}
            <Field label="Note" optional>
              <TextInput value={note} onChange={(event) => setNote(event.target.value)} maxLength={500} autoComplete="off" />
            </Field>
            <Checkbox label="Activate if the probe finds no errors" checked={activate} onChange={setActivate} />
          </>
        ) : (
          <p className="[overflow-wrap:anywhere]">
            {names.length > 1 && `${names.join(', ')}. `}
            {replaced.length > 0 ? `Replaces ${replaced.join(', ')} in the draft.` : 'Adds the files to the draft.'}
          </p>
        )}
      </div>
      <DialogActions>
        <Button kind="secondary" onClick={onClose}>
          Cancel
        </Button>
        {as === 'bundle' ? (
          <Button disabled={mainModule === ''} onClick={() => onBundle({ mainModule, note, activate })}>
            Deploy bundle
          </Button>
        ) : (
          <Button onClick={onAdd}>Add</Button>
        )}
      </DialogActions>
    </Dialog>
  )
}
