import type { Sources } from '../../../../protocol/api.ts'

/** Base of a project's changes. */
export type Origin = { version: number } | { template: string } | { empty: true }

/** State of the edited sources at a given time. */
export interface Snapshot {
  origin: Origin
  main: string
  files: Readonly<Record<string, string>>
  /** The sources differ from their origin, so the browser keeps a draft. */
  changed: boolean
  /** Time when the draft was last saved. Undefined if saving failed or there is no draft. */
  savedAt: number | undefined
  /** A different tab has saved a newer draft of the server. */
  outdated: boolean
}

interface Draft extends Pick<Snapshot, 'origin' | 'main' | 'files'> {
  keptAt: number
}

const SAVE_AFTER_MS = 300

/**
 * Edited sources of one hosted server. Changes are kept as a draft in localStorage until they are
 * deployed or discarded, so a reload, a crash or a sign-out loses nothing. localStorage can be
 * written while a page closes, and notifies other tabs.
 */
export class Project {
  readonly #key: string
  readonly #listeners = new Set<() => void>()
  #snapshot: Snapshot
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(key: string, begin: Pick<Snapshot, 'origin' | 'main' | 'files'>, draft?: Draft) {
    this.#key = key
    const from = draft ?? begin
    const { origin, main, files } = from
    this.#snapshot = { origin, main, files, changed: draft !== undefined, savedAt: draft?.keptAt, outdated: false }
  }

  readonly snapshot = (): Snapshot => this.#snapshot

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

  write(file: string, text: string): void {
    if (this.#snapshot.files[file] !== text) this.#edit({ files: { ...this.#snapshot.files, [file]: text } })
  }

  remove(file: string): void {
    const { [file]: _, ...files } = this.#snapshot.files
    const names = Object.keys(files)
    this.#edit({ files, main: this.#snapshot.main === file ? (names.find(isCode) ?? names[0] ?? '') : this.#snapshot.main })
  }

  /** Renames a file and keeps the order of the files. */
  rename(file: string, to: string): void {
    const files = Object.fromEntries(Object.entries(this.#snapshot.files).map(([name, text]) => [name === file ? to : name, text]))
    this.#edit({ files, main: this.#snapshot.main === file ? to : this.#snapshot.main })
  }

  chooseMain(file: string): void {
    this.#edit({ main: file })
  }

  add(files: Readonly<Record<string, string>>): void {
    this.#edit({ files: { ...this.#snapshot.files, ...files }, main: this.#snapshot.main || (Object.keys(files).find(isCode) ?? '') })
  }

  /** Makes the new version the origin. Changes made during the deploy remain as a draft. */
  markDeployed(version: number, deployed: Snapshot): void {
    const { files, main } = this.#snapshot
    const changed = files !== deployed.files || main !== deployed.main
    this.#set({ origin: { version }, changed })
    if (changed) this.#saveNow()
    else this.#forget()
  }

  /** Deletes the draft. The files stay until the caller opens another project. */
  discard(): void {
    this.#set({ changed: false })
    this.#forget()
  }

  #edit(change: Partial<Snapshot>): void {
    this.#set({ ...change, changed: true })
    clearTimeout(this.#timer)
    this.#timer = setTimeout(this.#saveNow, SAVE_AFTER_MS)
  }

  #set(change: Partial<Snapshot>): void {
    this.#snapshot = { ...this.#snapshot, ...change }
    for (const listener of this.#listeners) listener()
  }

  readonly #saveNow = (): void => {
    clearTimeout(this.#timer)
    const { origin, main, files, changed } = this.#snapshot
    if (!changed) return
    const draft: Draft = { origin, main, files, keptAt: Date.now() }
    try {
      localStorage.setItem(this.#key, JSON.stringify(draft))
      this.#set({ savedAt: draft.keptAt })
    } catch {
      this.#set({ savedAt: undefined }) // storage is full or disabled; the page shows a warning
    }
  }

  #forget(): void {
    clearTimeout(this.#timer)
    this.#set({ savedAt: undefined, outdated: false })
    forgetDraft(this.#key)
  }

  #watch(on: boolean): void {
    const change = on ? ('addEventListener' as const) : ('removeEventListener' as const)
    window[change]('pagehide', this.#saveNow)
    window[change]('storage', this.#onStorage as EventListener)
  }

  readonly #onStorage = (event: StorageEvent): void => {
    if (event.key === this.#key && event.newValue !== null) this.#set({ outdated: true })
  }
}

/** localStorage key of a draft: one per user, tenant and hosted server. */
export function draftKey(userId: string, tenant: string, server: string): string {
  return `wharf.draft.${userId}/${tenant}/${server}`
}

export function readDraft(key: string): Draft | undefined {
  try {
    const draft = JSON.parse(localStorage.getItem(key) ?? 'null') as Draft | null
    return draft && typeof draft.main === 'string' && typeof draft.files === 'object' ? draft : undefined
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

export function isCode(file: string): boolean {
  return /\.[cm]?[jt]sx?$/.test(file)
}

/**
 * Returns the error of a file name as a predicate, such as "is missing", or undefined. The platform
 * validates names again on deploy.
 */
export function fileNameFault(name: string, others: Readonly<Record<string, string>>): string | undefined {
  if (name === '') return 'is missing'
  if (!/^(?:[A-Za-z0-9_@+-][A-Za-z0-9_@+.-]*\/)*[A-Za-z0-9_@+-][A-Za-z0-9_@+.-]*$/.test(name)) {
    return 'must be a path such as lib/tool.ts with letters, digits and _ @ + . -'
  }
  if (!/\.(?:m?[jt]s|[jt]sx|json|txt|html|md)$/.test(name)) return 'must end in .ts, .js, .json, .txt, .html or .md'
  const twin = Object.keys(others).find((other) => other.toLowerCase() === name.toLowerCase())
  return twin === undefined ? undefined : `is taken by ${twin === name ? 'another file' : twin}`
}

export const EMPTY: Sources = {
  main: 'server.ts',
  files: {
    'server.ts': `import { createMcpHandler, McpServer } from '@modelcontextprotocol/server'
import { z } from 'zod'

function build(): McpServer {
  const server = new McpServer({ name: 'my-server', version: '1.0.0' })

  server.registerTool(
    'add',
    {
      title: 'Add',
      description: 'Adds two numbers.',
      inputSchema: z.object({ a: z.number(), b: z.number() }),
      annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
    },
    ({ a, b }) => ({ content: [{ type: 'text', text: String(a + b) }] }),
  )

  return server
}

const handler = createMcpHandler(build, { onerror: console.error })

export default { fetch: (request: Request): Promise<Response> => handler.fetch(request) }
`,
  },
}
