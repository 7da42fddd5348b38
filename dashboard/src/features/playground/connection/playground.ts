import { Questions } from '../questions/waiting.ts'
import { keepRuns, keptRuns, MAX_LOGS, MAX_RUNS, type Asked, type Outcome, type Run } from '../runs/runs.ts'
import { Connection, type Offer } from './connection.ts'
import { explainFailure, type Failure } from './failure.ts'
import type { Revision } from './revisions.ts'
import { WireLog } from './wire-log.ts'

/** How and as whom a hosted server is spoken to. */
export interface Way {
  /** Of the MCP endpoint, or of one version of it. */
  url: string
  /** Undefined for the version that is active. */
  version: number | undefined
  revision: Revision
  accessToken: string | undefined
}

export interface PlaygroundState {
  /** What is offered the caller; undefined until it was asked for. */
  offer: Offer | undefined
  /** Why that could not be had. */
  failure: Failure | undefined
  loading: boolean
  /** The token that the server would not take any more. */
  refusedToken: string | undefined
  /** Newest first. */
  runs: readonly Run[]
}

/** One hosted server, as this tab has played with it. */
export class Playground {
  readonly wire = new WireLog()
  readonly questions = new Questions()
  readonly #storage: string
  #way: Way | undefined
  #connection: Promise<Connection> | undefined
  #state: PlaygroundState
  readonly #running = new Map<number, AbortController>()
  readonly #listeners = new Set<() => void>()

  constructor(resource: string) {
    this.#storage = `wharf.playground.runs:${resource}`
    this.#state = { offer: undefined, failure: undefined, loading: false, refusedToken: undefined, runs: keptRuns(this.#storage) }
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
  readonly read = (): PlaygroundState => this.#state

  /** From now on it is spoken to like this; a connection made in another way is closed. */
  use(way: Way): void {
    const now = this.#way
    if (now && now.url === way.url && now.revision === way.revision && now.accessToken === way.accessToken) return
    this.disconnect()
    this.#way = way
    this.#set({ offer: undefined, failure: undefined })
  }

  disconnect(): void {
    for (const running of this.#running.values()) running.abort()
    const closing = this.#connection
    this.#connection = undefined
    this.#way = undefined
    void closing?.then((connection) => connection.close()).catch(() => undefined)
  }

  /** Asks what is offered. */
  async refresh(): Promise<void> {
    const way = this.#way
    if (!way) return
    this.#set({ loading: true, failure: undefined })
    try {
      const offer = await (await this.#connect()).offer(new AbortController().signal)
      if (this.#way === way) this.#set({ offer, loading: false })
    } catch (error) {
      const failure = await this.#explain(error, way, false)
      if (this.#way === way) this.#set({ failure, loading: false })
    }
  }

  /** Settles when it is over, however it went: that is in the run. */
  async run(asked: Asked): Promise<void> {
    const way = this.#way
    if (!way) return
    const id = (this.#state.runs[0]?.id ?? 0) + 1
    const { revision, version } = way
    const started: Run = {
      id,
      asked,
      revision,
      version,
      startedAt: Date.now(),
      endedAt: undefined,
      progress: undefined,
      logs: [],
      outcome: undefined,
      failure: undefined,
    }
    const controller = new AbortController()
    this.#running.set(id, controller)
    this.#set({ runs: [started, ...this.#state.runs].slice(0, MAX_RUNS) })
    try {
      const outcome = await this.#ask(asked, await this.#connect(), id, controller.signal)
      this.#change(id, { outcome, endedAt: Date.now() })
    } catch (error) {
      this.#change(id, { failure: await this.#explain(error, way, controller.signal.aborted), endedAt: Date.now() })
    } finally {
      this.#running.delete(id)
      keepRuns(this.#storage, this.#state.runs)
    }
  }

  cancel(id: number): void {
    this.#running.get(id)?.abort(new Error('cancelled by the user'))
  }

  clearRuns(): void {
    this.#set({ runs: this.#state.runs.filter(({ endedAt }) => endedAt === undefined) })
    keepRuns(this.#storage, this.#state.runs)
  }

  async #ask(asked: Asked, connection: Connection, id: number, signal: AbortSignal): Promise<Outcome> {
    const listening = {
      signal,
      onProgress: (progress: NonNullable<Run['progress']>) => this.#change(id, { progress }),
      onLog: (line: Run['logs'][number]) => {
        const logs = this.#state.runs.find((run) => run.id === id)?.logs ?? []
        if (logs.length < MAX_LOGS) this.#change(id, { logs: [...logs, line] })
      },
    }
    if (asked.kind === 'tool') {
      const tool = this.#state.offer?.tools.find(({ name }) => name === asked.name)
      return { kind: 'tool', result: await connection.callTool(asked.name, tool, asked.given, listening) }
    }
    if (asked.kind === 'prompt') return { kind: 'prompt', result: await connection.getPrompt(asked.name, asked.given, listening) }
    return { kind: 'resource', result: await connection.readResource(asked.uri, listening) }
  }

  #connect(): Promise<Connection> {
    const way = this.#way
    if (!way) return Promise.reject(new Error('the page has been left'))
    if (this.#connection) return this.#connection
    const opening = Connection.open({ ...way, wire: this.wire, questions: this.questions })
    this.#connection = opening
    opening.catch(() => {
      if (this.#connection === opening) this.#connection = undefined // the next call tries again
    })
    return opening
  }

  async #explain(error: unknown, { revision, accessToken }: Way, cancelled: boolean): Promise<Failure> {
    const failure = await explainFailure(error, { hadToken: accessToken !== undefined, revision, cancelled })
    if (failure.kind === 'session-over') this.#connection = undefined
    if (failure.kind === 'not-allowed' && accessToken !== undefined) this.#set({ refusedToken: accessToken })
    return failure
  }

  #change(id: number, change: Partial<Run>): void {
    this.#set({ runs: this.#state.runs.map((run) => (run.id === id ? { ...run, ...change } : run)) })
  }

  #set(change: Partial<PlaygroundState>): void {
    this.#state = { ...this.#state, ...change }
    for (const listener of this.#listeners) listener()
  }
}

const playgrounds = new Map<string, Playground>()

/**
 * The same for as long as the tab lives, so that leaving the page and coming back loses no call.
 */
export function playgroundOf(resource: string): Playground {
  const found = playgrounds.get(resource) ?? new Playground(resource)
  playgrounds.set(resource, found)
  return found
}
