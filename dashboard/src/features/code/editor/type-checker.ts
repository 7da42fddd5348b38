import { type Remote, wrap } from 'comlink'
import library from 'virtual:editor-types'
import type { Completions, NameInfo, SourceDiagnostic } from './language-service.ts'
import type { TypeScriptWorker } from './typescript.worker.ts'

/** After typing rests for so long, everything is checked. */
const REST_MS = 400

/** TypeScript's language service in a worker of its own. Until it is there, and where it cannot be, there are no types, and the editor works all the same. */
export class TypeChecker {
  readonly #worker = new Worker(new URL('./typescript.worker.ts', import.meta.url), { type: 'module' })
  readonly #remote: Remote<TypeScriptWorker> = wrap<TypeScriptWorker>(this.#worker)
  readonly #onChecked: (found: Record<string, SourceDiagnostic[]>) => void
  #timer: ReturnType<typeof setTimeout> | undefined
  #changes = 0
  #closed = false

  /** `onChecked` hears what was found in each file, first when all is loaded and then after each rest. `onFailure` once, when it cannot be loaded. */
  constructor(
    files: Readonly<Record<string, string>>,
    { onChecked, onFailure }: { onChecked: (found: Record<string, SourceDiagnostic[]>) => void; onFailure: (problem: unknown) => void },
  ) {
    this.#onChecked = onChecked
    this.#worker.addEventListener(
      'error',
      (event) => !this.#closed && onFailure(new Error(event.message || 'The types could not be loaded.')),
    )
    this.#remote.open(new URL(library, location.href).href, { ...files }).then(
      () => this.#check(),
      (problem: unknown) => !this.#closed && onFailure(problem),
    )
  }

  write(file: string, text: string): void {
    this.#changes += 1
    void this.#remote.write(file, text)
    this.#checkSoon()
  }

  remove(file: string): void {
    this.#changes += 1
    void this.#remote.remove(file)
    this.#checkSoon()
  }

  complete(file: string, position: number): Promise<Completions | undefined> {
    return this.#remote.complete(file, position)
  }

  explainCompletion(file: string, position: number, label: string): Promise<Pick<NameInfo, 'type' | 'documentation'> | undefined> {
    return this.#remote.explainCompletion(file, position, label)
  }

  explain(file: string, position: number): Promise<NameInfo | undefined> {
    return this.#remote.explain(file, position)
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
    this.#worker.terminate()
  }

  #checkSoon(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#check(), REST_MS)
  }

  /** What was found of a text that has changed meanwhile is dropped: its places are not the present one's. */
  async #check(): Promise<void> {
    const changes = this.#changes
    const found = await this.#remote.diagnose()
    if (changes === this.#changes && !this.#closed) this.#onChecked(found)
  }
}
