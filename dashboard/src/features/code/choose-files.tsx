import { Upload } from 'lucide-react'
import { type ReactNode, useRef, useState } from 'react'
import { Button } from '../../components/button.tsx'
import { toast } from '../../components/toast.tsx'
import { fileNameFault } from './project.ts'

const MAX_BYTES = 5_000_000

interface ChooseFilesProps {
  onFiles: (files: Record<string, string>) => void
  label: string
  accept?: string
}

/** A button that opens the file dialog. */
export function ChooseFiles({ onFiles, label, accept = '.ts,.mts,.tsx,.js,.mjs,.jsx,.json,.txt,.html,.md' }: ChooseFilesProps) {
  const input = useRef<HTMLInputElement>(null)
  return (
    <>
      <input
        ref={input}
        type="file"
        multiple
        aria-label={label}
        tabIndex={-1}
        accept={accept}
        className="hidden"
        onChange={(event) => {
          void readFiles(event.target.files).then((files) => files && onFiles(files))
          event.target.value = ''
        }}
      />
      <Button kind="secondary" icon={Upload} onClick={() => input.current?.click()}>
        {label}
      </Button>
    </>
  )
}

/** Accepts files dropped anywhere on the content. */
export function DropArea({ onFiles, children }: { onFiles: (files: Record<string, string>) => void; children: ReactNode }) {
  const [over, setOver] = useState(false)
  const hasFiles = (types: readonly string[]) => types.includes('Files')
  return (
    <div
      onDragOver={(event) => {
        if (!hasFiles(event.dataTransfer.types)) return
        event.preventDefault()
        setOver(true)
      }}
      onDragLeave={(event) => !event.currentTarget.contains(event.relatedTarget as Node | null) && setOver(false)}
      onDropCapture={(event) => {
        if (!hasFiles(event.dataTransfer.types)) return
        event.preventDefault()
        event.stopPropagation() // otherwise the editor pastes the text of the files
        setOver(false)
        void readFiles(event.dataTransfer.files).then((files) => files && onFiles(files))
      }}
      className={over ? 'rounded-2xl outline-3 outline-dashed outline-offset-4 outline-accent' : ''}
    >
      {children}
    </div>
  )
}

async function readFiles(list: FileList | null): Promise<Record<string, string> | undefined> {
  const chosen = Array.from(list ?? [])
  if (chosen.length === 0) return undefined
  if (chosen.reduce((sum, { size }) => sum + size, 0) > MAX_BYTES) {
    toast('The files exceed 5 MB in total.', 'bad')
    return undefined
  }
  const files: Record<string, string> = {}
  for (const file of chosen) {
    const name = file.webkitRelativePath || file.name
    const fault = fileNameFault(name, files)
    if (fault !== undefined) {
      toast(`${name} was skipped, because its name ${fault}.`, 'bad')
      continue
    }
    files[name] = await file.text()
  }
  return Object.keys(files).length > 0 ? files : undefined
}
