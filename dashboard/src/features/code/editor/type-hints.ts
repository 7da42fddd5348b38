import { autocompletion, type Completion, type CompletionContext, type CompletionResult } from '@codemirror/autocomplete'
import type { Extension } from '@codemirror/state'
import { hoverTooltip } from '@codemirror/view'
import type { CompletionEntry, NameInfo } from './language-service.ts'
import { plainText } from './plain-text.ts'
import type { TypeChecker } from './type-checker.ts'

/** Distance between exact prefixes, prefixes in another case, and other matches. Above any rank. */
const EXACT_STEP = 66

/** TypeScript symbol kind -> CodeMirror completion type, which selects the icon. */
const ICONS: Record<string, string> = {
  method: 'method',
  function: 'function',
  'local function': 'function',
  property: 'property',
  getter: 'property',
  setter: 'property',
  class: 'class',
  interface: 'interface',
  type: 'type',
  enum: 'enum',
  module: 'namespace',
  alias: 'variable',
  const: 'constant',
  let: 'variable',
  var: 'variable',
  parameter: 'variable',
  keyword: 'keyword',
  string: 'text',
}

/** Completions and type tooltips for one file. */
export function typeHints(checker: TypeChecker, file: string): Extension {
  return [
    autocompletion({ override: [(context) => complete(checker, file, context)], activateOnTypingDelay: 120 }),
    hoverTooltip(async (view, position) => {
      const info = await checker.explain(file, position)
      if (!info || info.to > view.state.doc.length) return null
      return { pos: info.from, end: info.to, above: true, create: () => ({ dom: describe(info) }) }
    }),
  ]
}

async function complete(checker: TypeChecker, file: string, context: CompletionContext): Promise<CompletionResult | null> {
  const word = context.matchBefore(/[\w$]+$/)
  if (!context.explicit && !word && !context.matchBefore(/[.'"/@]$/)) return null
  const found = await checker.complete(file, context.pos)
  if (!found || context.aborted || found.entries.length === 0) return null
  return {
    from: found.from === context.pos && word ? word.from : found.from,
    validFor: /^[\w$]*$/,
    options: ranked(found.entries, word?.text ?? '').map(({ label, kind, rank, insert }): Completion => {
      const type = ICONS[kind]
      return {
        label,
        boost: boostOf(rank),
        ...(type === undefined ? {} : { type }),
        ...(insert === undefined ? {} : { apply: insert }),
        info: async () => {
          const explained = await checker.explainCompletion(file, context.pos, label)
          return explained ? describe(explained) : null
        },
      }
    }),
  }
}

/** Puts names that begin exactly like the typed text first, then names in another case. */
function ranked(entries: readonly CompletionEntry[], typed: string): CompletionEntry[] {
  const order = ({ label }: CompletionEntry) =>
    label.startsWith(typed) ? 0 : label.toLowerCase().startsWith(typed.toLowerCase()) ? EXACT_STEP : 2 * EXACT_STEP
  return entries.map((entry) => ({ ...entry, rank: Math.min(entry.rank, EXACT_STEP - 1) + order(entry) }))
}

/** CodeMirror adds a boost from -99 to 99 to the score of a match. */
function boostOf(rank: number): number {
  return 99 - Math.min(198, rank)
}

function describe({ type, documentation }: Pick<NameInfo, 'type' | 'documentation'>): HTMLElement {
  const box = document.createElement('div')
  box.className = 'cm-name-info'
  const code = box.appendChild(document.createElement('div'))
  code.className = 'cm-name-type'
  code.textContent = type
  if (documentation) {
    const docs = box.appendChild(document.createElement('div'))
    docs.className = 'cm-name-docs'
    docs.textContent = plainText(documentation)
  }
  return box
}
