import type { PlacedFinding } from '../deploy/places.ts'
import type { BundleMessage } from './bundler/bundle.ts'
import type { EditorDiagnostic } from './editor/code-editor.ts'
import type { SourceDiagnostic } from './editor/language-service.ts'

interface DiagnosticSources {
  types: readonly SourceDiagnostic[]
  messages: readonly BundleMessage[]
  findings: readonly PlacedFinding[]
  /** Text of the file at the last deploy, to which messages and findings refer. */
  deployedText: string | undefined
}

/**
 * Returns the diagnostics of a file. Results of a deploy are left out if the file has changed
 * since.
 */
export function diagnosticsOf(
  file: string,
  text: string,
  { types, messages, findings, deployedText }: DiagnosticSources,
): EditorDiagnostic[] {
  const diagnostics: EditorDiagnostic[] = types.map((each) => ({ ...each, source: 'TypeScript' }))
  if (deployedText !== text) return diagnostics
  for (const { severity, text: message, hint, place } of messages) {
    if (place?.file !== file) continue
    const from = offsetOf(text, place)
    diagnostics.push({ from, to: from + place.length, severity, message: hint ? `${message}. ${hint}` : message, source: 'Bundler' })
  }
  for (const { severity, message, place } of findings) {
    if (place?.file !== file) continue
    const from = offsetOf(text, place)
    const [word = ''] = /^['"`]?[\w./:-]+['"`]?/.exec(text.slice(from)) ?? []
    diagnostics.push({ from, to: from + Math.max(word.length, 1), severity, message, source: 'Probe' })
  }
  return diagnostics
}

function offsetOf(text: string, { line, column }: { line: number; column: number }): number {
  let start = 0
  for (let passed = 1; passed < line; passed++) {
    const end = text.indexOf('\n', start)
    if (end === -1) break
    start = end + 1
  }
  return Math.min(start + column - 1, text.length)
}
