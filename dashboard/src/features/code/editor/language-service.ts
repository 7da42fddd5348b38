import type ts from 'editor-typescript'

/**
 * Type declarations and package.json files by path, collected by scripts/editor-types.ts at build
 * time.
 */
export type TypeLibrary = Record<string, string>

export interface SourceDiagnostic {
  from: number
  to: number
  severity: 'error' | 'warning' | 'info'
  message: string
}

export interface CompletionEntry {
  label: string
  kind: string
  /** Lower ranks come first. */
  rank: number
  /** Inserted text, if different from the label. */
  insert?: string
}

export interface Completions {
  from: number
  entries: CompletionEntry[]
}

/** Type and documentation of a name. */
export interface NameInfo {
  from: number
  to: number
  type: string
  documentation: string
}

/** Folder of the sources in the virtual file system. */
const ROOT = '/server/'
export const LIBRARY_FILES = '/node_modules/typescript/lib/'

/**
 * Compiler options that match workerd and esbuild: newest language version, no DOM, no Node.js
 * types.
 */
export function compilerOptions(typescript: typeof ts): ts.CompilerOptions {
  return {
    target: typescript.ScriptTarget.ESNext,
    module: typescript.ModuleKind.ESNext,
    moduleResolution: typescript.ModuleResolutionKind.Bundler,
    lib: ['lib.esnext.d.ts'],
    types: ['@cloudflare/workers-types'],
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    isolatedModules: true,
    allowImportingTsExtensions: true,
    allowJs: true,
    resolveJsonModule: true,
    jsx: typescript.JsxEmit.Preserve,
  }
}

/**
 * Declares text modules, and Node.js modules as `any`, because the Node.js types are half a
 * megabyte.
 */
const AMBIENT = `declare module 'node:*'
declare module '*.txt' { const text: string; export default text }
declare module '*.html' { const text: string; export default text }
declare module '*.md' { const text: string; export default text }
declare const process: any
declare const Buffer: any
`
const AMBIENT_FILE = '/ambient.d.ts'

/** TypeScript's language service for files in memory. */
export class LanguageService {
  readonly #typescript: typeof ts
  readonly #files = new Map<string, { text: string; version: number }>()
  readonly #service: ts.LanguageService

  constructor(typescript: typeof ts, library: TypeLibrary) {
    this.#typescript = typescript
    const fixed = new Map([...Object.entries(library), [AMBIENT_FILE, AMBIENT] as const])
    const folders = new Set([...fixed.keys()].flatMap((path) => [...path.matchAll(/\//g)].map(({ index }) => path.slice(0, index))))
    const read = (path: string) => this.#files.get(path)?.text ?? fixed.get(path)
    const options = compilerOptions(typescript)
    const host: ts.LanguageServiceHost = {
      getCompilationSettings: () => options,
      getScriptFileNames: () => [AMBIENT_FILE, ...this.#files.keys()],
      getScriptVersion: (path) => String(this.#files.get(path)?.version ?? 0),
      getScriptSnapshot: (path) => {
        const text = read(path)
        return text === undefined ? undefined : typescript.ScriptSnapshot.fromString(text)
      },
      getCurrentDirectory: () => ROOT.slice(0, -1),
      getDefaultLibFileName: () => `${LIBRARY_FILES}lib.esnext.d.ts`,
      fileExists: (path) => read(path) !== undefined,
      readFile: read,
      directoryExists: (path) => folders.has(path) || [...this.#files.keys()].some((file) => file.startsWith(`${path}/`)),
      getDirectories: () => [],
      useCaseSensitiveFileNames: () => true,
    }
    this.#service = typescript.createLanguageService(host)
  }

  write(name: string, text: string): void {
    const path = ROOT + name
    this.#files.set(path, { text, version: (this.#files.get(path)?.version ?? 0) + 1 })
  }

  remove(name: string): void {
    this.#files.delete(ROOT + name)
  }

  /** Returns the diagnostics of every code file. */
  diagnose(): Record<string, SourceDiagnostic[]> {
    const paths = [...this.#files.keys()].filter((path) => /\.[cm]?[jt]sx?$/.test(path))
    return Object.fromEntries(paths.map((path) => [path.slice(ROOT.length), this.#diagnoseFile(path)]))
  }

  #diagnoseFile(path: string): SourceDiagnostic[] {
    const found = [...this.#service.getSyntacticDiagnostics(path), ...this.#service.getSemanticDiagnostics(path)]
    const { Error, Warning } = this.#typescript.DiagnosticCategory
    return found.map(({ start = 0, length = 0, category, messageText }) => ({
      from: start,
      to: start + length,
      severity: category === Error ? 'error' : category === Warning ? 'warning' : 'info',
      message: this.#typescript.flattenDiagnosticMessageText(messageText, '\n'),
    }))
  }

  complete(name: string, position: number): Completions | undefined {
    const found =
      this.#known(name) && this.#service.getCompletionsAtPosition(ROOT + name, position, { includeCompletionsWithInsertText: true })
    if (!found) return undefined
    const { optionalReplacementSpan: span, entries } = found
    return {
      from: span?.start ?? position,
      entries: entries
        .filter(
          ({ kind, replacementSpan }) => kind !== 'warning' && (replacementSpan === undefined || replacementSpan.start === span?.start),
        )
        .map(({ name: label, kind, sortText, insertText }) => ({
          label,
          kind,
          rank: Number.parseInt(sortText, 10) || 0,
          ...(insertText === undefined ? {} : { insert: insertText }),
        })),
    }
  }

  explainCompletion(name: string, position: number, label: string): Omit<NameInfo, 'from' | 'to'> | undefined {
    const details = this.#known(name) && this.#service.getCompletionEntryDetails(ROOT + name, position, label, {}, undefined, {}, undefined)
    return details ? { type: this.#text(details.displayParts), documentation: this.#text(details.documentation) } : undefined
  }

  explain(name: string, position: number): NameInfo | undefined {
    const info = this.#known(name) && this.#service.getQuickInfoAtPosition(ROOT + name, position)
    if (!info) return undefined
    const { start, length } = info.textSpan
    return { from: start, to: start + length, type: this.#text(info.displayParts), documentation: this.#text(info.documentation) }
  }

  #known(name: string): boolean {
    return this.#files.has(ROOT + name)
  }

  /** Converts display parts to text. A link becomes the label. */
  #text(parts: ts.SymbolDisplayPart[] = []): string {
    return parts
      .filter(({ kind }, index) => kind !== 'link' && !(kind === 'linkName' && parts[index + 1]?.kind === 'linkText'))
      .map(({ text }) => text)
      .join('')
  }
}
