import { closeBrackets, closeBracketsKeymap, completionKeymap } from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands'
import { bracketMatching, foldGutter, foldKeymap, indentOnInput } from '@codemirror/language'
import { type Diagnostic, lintGutter, lintKeymap, setDiagnostics } from '@codemirror/lint'
import { highlightSelectionMatches, searchKeymap } from '@codemirror/search'
import { EditorState, type Extension } from '@codemirror/state'
import {
  drawSelection,
  dropCursor,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  highlightSpecialChars,
  keymap,
  lineNumbers,
} from '@codemirror/view'
import { styleNonce } from '../../../browser/style-nonce.ts'
import { languageOf } from './languages.ts'
import { look } from './theme.ts'
import type { TypeChecker } from './type-checker.ts'
import { typeHints } from './type-hints.ts'

/** A message about a range of the open file. */
export interface EditorDiagnostic {
  from: number
  to: number
  severity: 'error' | 'warning' | 'info'
  message: string
  source?: string
}

interface Options {
  parent: HTMLElement
  /** Id of the element with the keyboard help. */
  describedBy: string
  checker?: TypeChecker | undefined
  readOnly?: boolean
  onChange?: (file: string, text: string) => void
  /** Called on Ctrl+Enter or ⌘+Enter. */
  onSubmit?: () => void
}

/** CodeMirror for several files. A file keeps history, selection and scroll position. */
export class CodeEditor {
  readonly #view: EditorView
  readonly #options: Options
  readonly #states = new Map<string, EditorState>()
  #file: string | undefined

  constructor(options: Options) {
    this.#options = options
    const empty = EditorState.create({ extensions: EditorView.cspNonce.of(styleNonce) })
    this.#view = new EditorView({ parent: options.parent, state: empty })
  }

  /** Shows a file. Keeps the history unless the text was changed elsewhere. */
  open(file: string, text: string): void {
    if (this.#file !== undefined) this.#states.set(this.#file, this.#view.state)
    const kept = this.#states.get(file)
    this.#file = file
    this.#view.setState(kept && kept.doc.toString() === text ? kept : this.#create(file, text))
  }

  /** Opens a file unless the editor already shows the text. Then the cursor stays. */
  show(file: string, text: string): void {
    if (this.#file !== file || this.#view.state.doc.toString() !== text) this.open(file, text)
  }

  /** Replaces the diagnostics of the open file. */
  setDiagnostics(list: readonly EditorDiagnostic[]): void {
    const { length } = this.#view.state.doc
    const diagnostics = list.map(({ from, to, ...rest }): Diagnostic => ({
      from: Math.min(from, length),
      to: Math.min(to, length),
      ...rest,
    }))
    this.#view.dispatch(setDiagnostics(this.#view.state, diagnostics))
  }

  /** Moves the cursor in the open file. Line and column count from 1. */
  goTo({ line, column }: { line: number; column: number }): void {
    const { doc } = this.#view.state
    const { from, to } = doc.line(Math.min(Math.max(line, 1), doc.lines))
    const at = Math.min(from + column - 1, to)
    this.#view.dispatch({ selection: { anchor: at }, effects: EditorView.scrollIntoView(at, { y: 'center' }) })
    this.#view.dom.scrollIntoView({ block: 'center' })
    this.#view.focus()
  }

  close(): void {
    this.#view.destroy()
  }

  #create(file: string, text: string): EditorState {
    const { readOnly = false, checker, describedBy, onChange, onSubmit } = this.#options
    const editing: Extension = readOnly
      ? [EditorState.readOnly.of(true)]
      : [
          history(),
          dropCursor(),
          indentOnInput(),
          closeBrackets(),
          lintGutter(),
          EditorView.updateListener.of(({ docChanged, state }) => docChanged && onChange?.(file, state.doc.toString())),
          checker && /\.[cm]?[jt]sx?$/.test(file) ? typeHints(checker, file) : [],
        ]
    return EditorState.create({
      doc: text,
      extensions: [
        keymap.of([
          // suppresses the browser's save dialog, because drafts are saved automatically
          { key: 'Mod-s', run: () => true },
          { key: 'Mod-Enter', run: () => (onSubmit?.(), onSubmit !== undefined) },
          ...closeBracketsKeymap,
          ...defaultKeymap,
          ...searchKeymap,
          ...historyKeymap,
          ...foldKeymap,
          ...completionKeymap,
          ...lintKeymap,
          indentWithTab, // Escape, then Tab leaves the editor
        ]),
        lineNumbers(),
        foldGutter(),
        highlightSpecialChars(),
        highlightActiveLine(),
        highlightActiveLineGutter(),
        highlightSelectionMatches(),
        drawSelection(),
        bracketMatching(),
        languageOf(file),
        editing,
        look,
        EditorView.cspNonce.of(styleNonce),
        EditorView.contentAttributes.of({ 'aria-label': `Code of ${file}`, 'aria-describedby': describedBy, tabindex: '0' }),
      ],
    })
  }
}
