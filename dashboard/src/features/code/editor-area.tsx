import { useEffect, useId, useRef } from 'react'
import { CodeEditor, type EditorDiagnostic } from './editor/code-editor.ts'
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
  diagnostics?: readonly EditorDiagnostic[]
  /** Cursor position. Pass a new object to move the cursor again. */
  jump?: Jump | undefined
  onChange?: (file: string, text: string) => void
  onSubmit?: () => void
}

/** The code editor with one open file. */
export function EditorArea({ file, text, readOnly = false, checker, diagnostics, jump, onChange, onSubmit }: EditorAreaProps) {
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
    const created = new CodeEditor({
      parent: parent.current,
      describedBy: hint,
      checker,
      readOnly,
      onChange: (changed, now) => handlers.current.onChange?.(changed, now),
      onSubmit: () => handlers.current.onSubmit?.(),
    })
    editor.current = created
    created.open(shown.current.file, shown.current.text)
    return () => created.close()
  }, [hint, checker, readOnly])
  useEffect(() => editor.current?.show(file, text), [file, text])
  useEffect(() => {
    if (diagnostics) editor.current?.setDiagnostics(diagnostics)
  }, [diagnostics, file])
  useEffect(() => {
    if (jump) editor.current?.goTo(jump)
  }, [jump])
  return (
    <div className="flex h-full min-w-0 flex-col">
      <div ref={parent} className="min-h-0 min-w-0 flex-1" />
      <p id={hint} className="border-t border-line px-3 py-1.5 text-sm text-soft">
        {readOnly ? 'Read-only.' : 'Tab indents. Press Escape, then Tab to leave the editor. Ctrl+Enter or ⌘+Enter deploys.'}
      </p>
    </div>
  )
}
