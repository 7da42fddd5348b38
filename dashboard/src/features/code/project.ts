import type { Sources } from '../../../../protocol/api.ts'

/** What a project began as. */
export type Origin = { version: number } | { template: string } | { empty: true }

/** The sources being edited, as they are at one moment. */
export interface Snapshot {
  origin: Origin
  main: string
  files: Readonly<Record<string, string>>
  /** Changed since it was opened or deployed: what is kept in this browser as a draft. */
  changed: boolean
  /** When the draft was last kept; undefined while it could not be, or there is none. */
  keptAt: number | undefined
  /** Another tab kept a draft of the same server since. */
  overtaken: boolean
}

interface Draft extends Pick<Snapshot, 'origin' | 'main' | 'files'> {
  keptAt: number
  /** Of the page that kept it. */
  writer: string
}

const KEEP_AFTER_MS = 300
const WRITER = crypto.randomUUID()

/**
 * The sources of one hosted server as this browser has them: what is changed is kept as a draft until it is deployed or discarded, so that a reload, a crash
 * or a sign-out loses nothing. Kept in localStorage, which is written before a page is left and tells the other tabs.
 */
export class Project {
  readonly #key: string
  readonly #listeners = new Set<() => void>()
  #snapshot: Snapshot
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(key: string, begin: Pick<Snapshot, 'origin' | 'main' | 'files'>, kept?: Draft) {
    this.#key = key
    const from = kept ?? begin
    const { origin, main, files } = from
    this.#snapshot = { origin, main, files, changed: kept !== undefined, keptAt: kept?.keptAt, overtaken: false }
  }

  readonly snapshot = (): Snapshot => this.#snapshot

  readonly subscribe = (listener: () => void): (() => void) => {
    if (this.#listeners.size === 0) this.#watch(true)
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
      if (this.#listeners.size > 0) return
      this.#watch(false)
      this.#keepNow()
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

  /** In its place: the order of the files stays. */
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

  /** Deployed as it was then: what was written meanwhile is a draft on top of it. */
  deployed(version: number, was: Snapshot): void {
    const { files, main } = this.#snapshot
    const changed = files !== was.files || main !== was.main
    this.#set({ origin: { version }, changed })
    if (changed) this.#keepNow()
    else this.#forget()
  }

  /** Ends the draft. */
  discard(): void {
    this.#set({ changed: false })
    this.#forget()
  }

  #edit(change: Partial<Snapshot>): void {
    this.#set({ ...change, changed: true })
    clearTimeout(this.#timer)
    this.#timer = setTimeout(this.#keepNow, KEEP_AFTER_MS)
  }

  #set(change: Partial<Snapshot>): void {
    this.#snapshot = { ...this.#snapshot, ...change }
    for (const listener of this.#listeners) listener()
  }

  readonly #keepNow = (): void => {
    clearTimeout(this.#timer)
    const { origin, main, files, changed } = this.#snapshot
    if (!changed) return
    const draft: Draft = { origin, main, files, keptAt: Date.now(), writer: WRITER }
    try {
      localStorage.setItem(this.#key, JSON.stringify(draft))
      this.#set({ keptAt: draft.keptAt })
    } catch {
      this.#set({ keptAt: undefined }) // full, or switched off: the page says so
    }
  }

  #forget(): void {
    clearTimeout(this.#timer)
    this.#set({ keptAt: undefined, overtaken: false })
    forgetDraft(this.#key)
  }

  #watch(on: boolean): void {
    const change = on ? ('addEventListener' as const) : ('removeEventListener' as const)
    window[change]('pagehide', this.#keepNow)
    window[change]('storage', this.#onStorage as EventListener)
  }

  readonly #onStorage = (event: StorageEvent): void => {
    if (event.key === this.#key && event.newValue !== null) this.#set({ overtaken: true })
  }
}

/** One for each person, tenant and hosted server. */
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
    // then there was none
  }
}

export function isCode(file: string): boolean {
  return /\.[cm]?[jt]sx?$/.test(file)
}

/** What is wrong with a file's name, as a sentence without its subject; undefined when nothing is. The platform says the last word when it is deployed. */
export function fileNameFault(name: string, others: Readonly<Record<string, string>>): string | undefined {
  if (name === '') return 'is missing'
  if (!/^(?:[A-Za-z0-9_@+-][A-Za-z0-9_@+.-]*\/)*[A-Za-z0-9_@+-][A-Za-z0-9_@+.-]*$/.test(name)) {
    return 'must be a path such as lib/tool.ts, of letters, digits and _ @ + . -'
  }
  if (!/\.(?:m?[jt]s|[jt]sx|json|txt|html|md)$/.test(name)) return 'must end in .ts, .js, .json, .txt, .html or .md'
  const twin = Object.keys(others).find((other) => other.toLowerCase() === name.toLowerCase())
  return twin === undefined ? undefined : `is that of ${twin === name ? 'another file' : twin}`
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
