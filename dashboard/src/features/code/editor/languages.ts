import { javascript } from '@codemirror/lang-javascript'
import { json } from '@codemirror/lang-json'
import type { Extension } from '@codemirror/state'

/** Returns the syntax support for a file name. */
export function languageOf(file: string): Extension {
  if (file.endsWith('.json')) return json()
  if (/\.[cm]?tsx?$/.test(file)) return javascript({ typescript: true, jsx: file.endsWith('x') })
  return /\.[cm]?jsx?$/.test(file) ? javascript({ jsx: file.endsWith('x') }) : []
}
