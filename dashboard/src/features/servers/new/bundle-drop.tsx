import { FileCode2 } from 'lucide-react'
import { type DragEvent, useRef, useState } from 'react'
import type { CodeUploadBody } from '../../../../../protocol/api.ts'
import { Button } from '../../../components/button.tsx'
import { Field, Select } from '../../../components/field.tsx'
import { Untrusted } from '../../../components/untrusted.tsx'
import { BUNDLE_FILES, bundleUpload, guessMainModule, isModule } from '../../deploy/bundle-files.ts'

interface BundleDropProps {
  /** Upload of the chosen files. `mainModule` is empty if no file is a module. */
  value: CodeUploadBody | undefined
  onChange: (upload: CodeUploadBody) => void
  className?: string
}

/**
 * Chooses the modules and the main module of a bundle. The platform validates the bundle on upload.
 */
export function BundleDrop({ value, onChange, className = '' }: BundleDropProps) {
  const [over, setOver] = useState(false)
  const input = useRef<HTMLInputElement>(null)
  const modules = value?.modules ?? {}
  const names = Object.keys(modules)
  const scripts = names.filter(isModule)

  const choose = (chosen: Record<string, string>, mainModule: string) =>
    onChange(bundleUpload(chosen, mainModule, 'Uploaded in the dashboard'))
  const take = async (files: FileList | null) => {
    if (!files || files.length === 0) return
    const entries = await Promise.all(Array.from(files, async (file) => [file.webkitRelativePath || file.name, await file.text()] as const))
    choose(Object.fromEntries(entries), guessMainModule(entries.map(([name]) => name)) ?? '')
  }
  const drop = (event: DragEvent) => {
    event.preventDefault()
    setOver(false)
    void take(event.dataTransfer.files)
  }
  return (
    <div className={`grid gap-4 ${className}`}>
      <div
        onDragOver={(event) => {
          event.preventDefault()
          setOver(true)
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
        className={`grid justify-items-center gap-3 rounded-xl border border-dashed p-6 text-center ${over ? 'border-accent bg-accent-ground' : 'border-edge'}`}
      >
        <FileCode2 aria-hidden className="size-7 text-soft" />
        <p className="text-soft">Drop a bundled module here, or several modules that import each other.</p>
        <input
          ref={input}
          type="file"
          multiple
          accept={BUNDLE_FILES}
          className="hidden"
          onChange={(event) => void take(event.target.files)}
        />
        <Button kind="secondary" onClick={() => input.current?.click()}>
          Choose files
        </Button>
        <p role="status">
          {names.length > 0 && (
            <>
              <Untrusted text={names.length <= 3 ? names.join(', ') : `${names.length} modules`} />
              {scripts.length === 0 && <span className="text-bad"> No module found. A module ends in .js or .mjs.</span>}
            </>
          )}
        </p>
      </div>
      {scripts.length > 1 && (
        <Field label="Main module" hint="Its default export handles requests.">
          <Select
            value={value?.manifest.mainModule ?? ''}
            onChange={(name) => choose(modules, name)}
            options={scripts.map((value) => ({ value, label: value }))}
          />
        </Field>
      )}
    </div>
  )
}
