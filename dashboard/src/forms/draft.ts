/** State of a draft beside its content. */
export interface DraftStatus {
  /** The content differs from its origin, so the browser keeps a draft. */
  changed: boolean
  /** Time when the draft was last saved. Undefined if saving failed or there is no draft. */
  savedAt: number | undefined
  /** A different tab has saved a newer draft of the server. */
  outdated: boolean
}

const SAVE_AFTER_MS = 300

/**
 * Edited content of one hosted server. Changes are kept as a draft in localStorage until they are
 * deployed or discarded, so a reload, a crash or a sign-out loses nothing. localStorage can be
 * written while a page closes, and notifies other tabs.
 */
export class Draft<T extends object> {
  readonly #key: string
  readonly #listeners = new Set<() => void>()
  #snapshot: T & DraftStatus
  #timer: ReturnType<typeof setTimeout> | undefined

  /** `savedAt`: the content is a draft saved at that time. */
  constructor(key: string, content: T, savedAt?: number) {
    this.#key = key
    this.#snapshot = { ...content, changed: savedAt !== undefined, savedAt, outdated: false }
  }

  readonly snapshot = (): T & DraftStatus => this.#snapshot

  readonly subscribe = (listener: () => void): (() => void) => {
    if (this.#listeners.size === 0) this.#watch(true)
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
      if (this.#listeners.size > 0) return
      this.#watch(false)
      this.#saveNow()
    }
  }

  /** Changes the content and saves the draft after a pause. */
  edit(change: Partial<T>): void {
    this.#set({ ...change, changed: true } as Partial<T & DraftStatus>)
    clearTimeout(this.#timer)
    this.#timer = setTimeout(this.#saveNow, SAVE_AFTER_MS)
  }

  /** Applies the new origin. Changes made during the deploy remain as a draft. */
  rebase(origin: Partial<T>, changed: boolean): void {
    this.#set({ ...origin, changed } as Partial<T & DraftStatus>)
    if (changed) this.#saveNow()
    else this.#forget()
  }

  /** Deletes the draft. The content stays until the caller opens another one. */
  discard(): void {
    this.#set({ changed: false } as Partial<T & DraftStatus>)
    this.#forget()
  }

  #set(change: Partial<T & DraftStatus>): void {
    this.#snapshot = { ...this.#snapshot, ...change }
    for (const listener of this.#listeners) listener()
  }

  readonly #saveNow = (): void => {
    clearTimeout(this.#timer)
    const { changed, savedAt: _savedAt, outdated: _outdated, ...content } = this.#snapshot
    if (!changed) return
    const keptAt = Date.now()
    let savedAt: number | undefined = keptAt
    try {
      localStorage.setItem(this.#key, JSON.stringify({ ...content, keptAt }))
    } catch {
      savedAt = undefined // storage is full or disabled; the page shows a warning
    }
    this.#set({ savedAt } as Partial<T & DraftStatus>)
  }

  #forget(): void {
    clearTimeout(this.#timer)
    this.#set({ savedAt: undefined, outdated: false } as Partial<T & DraftStatus>)
    forgetDraft(this.#key)
  }

  #watch(on: boolean): void {
    const change = on ? ('addEventListener' as const) : ('removeEventListener' as const)
    window[change]('pagehide', this.#saveNow)
    window[change]('storage', this.#onStorage as EventListener)
  }

  readonly #onStorage = (event: StorageEvent): void => {
    if (event.key === this.#key && event.newValue !== null) this.#set({ outdated: true } as Partial<T & DraftStatus>)
  }
}

/** Returns the saved draft with the time of saving, or undefined if absent or malformed. */
export function readSaved<T extends object>(key: string, isContent: (draft: Partial<T>) => boolean): (T & { keptAt: number }) | undefined {
  try {
    const draft = JSON.parse(localStorage.getItem(key) ?? 'null') as (T & { keptAt: number }) | null
    return draft && isContent(draft) ? draft : undefined
  } catch {
    return undefined
  }
}

export function forgetDraft(key: string): void {
  try {
    localStorage.removeItem(key)
  } catch {
    // storage is disabled, so there is no draft
  }
}
