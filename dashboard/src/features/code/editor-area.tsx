import { useEffect, useId, useRef } from 'react'
import { CodeEditor, type Remark } from './editor/code-editor.ts'
import type { TypeChecker } from './editor/type-checker.ts'

export interface Jump {
  line: number
  column: number
}

interface EditorAreaProps {
  file: string
  text: string
  readOnly?: boolean
  checker?: TypeChecker | undefined
  remarks?: readonly Remark[]
  /** Where to put the cursor; a new object each time. */
  jump?: Jump | undefined
  onChange?: (file: string, text: string) => void
  onSubmit?: () => void
}

/** The editor, for one file at a time. */
export function EditorArea({ file, text, readOnly = false, checker, remarks, jump, onChange, onSubmit }: EditorAreaProps) {
  const hint = useId()
  const parent = useRef<HTMLDivElement>(null)
  const editor = useRef<CodeEditor>(undefined)
  const handlers = useRef({ onChange, onSubmit })
  const shown = useRef({ file, text })
  useEffect(() => {
    handlers.current = { onChange, onSubmit }
    shown.current = { file, text }
  })
  useEffect(() => {
    if (!parent.current) return undefined
    const made = new CodeEditor({
      parent: parent.current,
      describedBy: hint,
      checker,
      readOnly,
      onChange: (changed, now) => handlers.current.onChange?.(changed, now),
      onSubmit: () => handlers.current.onSubmit?.(),
    })
    editor.current = made
    made.open(shown.current.file, shown.current.text)
    return () => made.close()
  }, [hint, checker, readOnly])
  useEffect(() => editor.current?.show(file, text), [file, text])
  useEffect(() => {
    if (remarks) editor.current?.remark(remarks)
  }, [remarks, file])
  useEffect(() => {
    if (jump) editor.current?.goTo(jump)
  }, [jump])
  return (
    <div className="flex h-full min-w-0 flex-col">
      <div ref={parent} className="min-h-0 min-w-0 flex-1" />
      <p id={hint} className="border-t border-line px-3 py-1.5 text-sm text-soft">
        {readOnly ? 'To be read only.' : 'Tab indents; Escape and then Tab leaves the editor. Ctrl or ⌘ with Enter deploys.'}
      </p>
    </div>
  )
}
