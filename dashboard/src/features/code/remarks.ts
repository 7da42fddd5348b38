import type { PlacedFinding } from '../deploy/places.ts'
import type { BundleMessage } from './bundler/bundle.ts'
import type { Remark } from './editor/code-editor.ts'
import type { SourceDiagnostic } from './editor/language-service.ts'

interface Said {
  types: readonly SourceDiagnostic[]
  messages: readonly BundleMessage[]
  findings: readonly PlacedFinding[]
  /** The file as it was when it was deployed: what the deploy said is of that text. */
  deployedText: string | undefined
}

/** Everything that is said of a file, at its places. What a deploy said of a text that has changed since is left out. */
export function remarksOn(file: string, text: string, { types, messages, findings, deployedText }: Said): Remark[] {
  const remarks: Remark[] = types.map((each) => ({ ...each, source: 'TypeScript' }))
  if (deployedText !== text) return remarks
  for (const { severity, text: message, hint, place } of messages) {
    if (place?.file !== file) continue
    const from = offsetOf(text, place)
    remarks.push({ from, to: from + place.length, severity, message: hint ? `${message}. ${hint}` : message, source: 'Bundler' })
  }
  for (const { severity, message, place } of findings) {
    if (place?.file !== file) continue
    const from = offsetOf(text, place)
    const [word = ''] = /^['"`]?[\w./:-]+['"`]?/.exec(text.slice(from)) ?? []
    remarks.push({ from, to: from + Math.max(word.length, 1), severity, message, source: 'Probe' })
  }
  return remarks
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
