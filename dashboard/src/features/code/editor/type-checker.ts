import { type Remote, wrap } from 'comlink'
import library from 'virtual:editor-types'
import type { Completions, NameInfo, SourceDiagnostic } from './language-service.ts'
import type { TypeScriptWorker } from './typescript.worker.ts'

/** Pause in typing before the next check. */
const CHECK_DELAY_MS = 400
/** Time after which a deploy continues without types. */
const MAX_CHECK_MS = 20_000

/**
 * Client of the TypeScript worker. The editor works without types if the worker is loading or
 * fails.
 */
export class TypeChecker {
  readonly #worker = new Worker(new URL('./typescript.worker.ts', import.meta.url), { type: 'module' })
  readonly #remote: Remote<TypeScriptWorker> = wrap<TypeScriptWorker>(this.#worker)
  readonly #onChecked: (found: Record<string, SourceDiagnostic[]>) => void
  #timer: ReturnType<typeof setTimeout> | undefined
  #changes = 0
  #closed = false
  #failed = false

  /**
   * Calls `onChecked` after loading and after each pause in typing, or `onFailure` once if loading
   * fails.
   */
  constructor(
    files: Readonly<Record<string, string>>,
    { onChecked, onFailure }: { onChecked: (found: Record<string, SourceDiagnostic[]>) => void; onFailure: (problem: unknown) => void },
  ) {
    this.#onChecked = onChecked
    const fail = (problem: unknown): void => {
      this.#failed = true
      if (!this.#closed) onFailure(problem)
    }
    this.#worker.addEventListener('error', (event) =>
      fail(new Error(event.message || 'The types could not be loaded. Reload the page to retry.')),
    )
    this.#remote.open(new URL(library, location.href).href, { ...files }).then(() => this.#check(), fail)
  }

  /**
   * Checks the text as it is now. Returns undefined if the types cannot be loaded, or not in time.
   */
  async checkNow(): Promise<Record<string, SourceDiagnostic[]> | undefined> {
    if (this.#failed) return undefined
    let timer: ReturnType<typeof setTimeout> | undefined
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(resolve, MAX_CHECK_MS)
    })
    try {
      return await Promise.race([this.#check(), late])
    } catch {
      return undefined
    } finally {
      clearTimeout(timer)
    }
  }

  write(file: string, text: string): void {
    this.#changes += 1
    void this.#remote.write(file, text)
    this.#scheduleCheck()
  }

  remove(file: string): void {
    this.#changes += 1
    void this.#remote.remove(file)
    this.#scheduleCheck()
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

  #scheduleCheck(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#check(), CHECK_DELAY_MS)
  }

  /** Drops results for outdated text, because their positions no longer match. */
  async #check(): Promise<Record<string, SourceDiagnostic[]>> {
    const changes = this.#changes
    const found = await this.#remote.diagnose()
    if (changes === this.#changes && !this.#closed) this.#onChecked(found)
    return found
  }
}
