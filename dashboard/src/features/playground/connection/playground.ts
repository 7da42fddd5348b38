import { QuestionQueue } from '../questions/question-queue.ts'
import { saveRuns, loadRuns, MAX_LOGS, MAX_RUNS, type CallRequest, type Outcome, type Run } from '../runs/runs.ts'
import { Connection, type LiveSurface } from './connection.ts'
import { explainFailure, type Failure } from './failure.ts'
import type { Revision } from './revisions.ts'
import { WireLog } from './wire-log.ts'

/** Endpoint, protocol version and token of a connection. */
export interface ConnectionSettings {
  /** Endpoint of the server or of a version. */
  url: string
  /** Undefined for the active version. */
  version: number | undefined
  revision: Revision
  accessToken: string | undefined
}

export interface PlaygroundState {
  /** Surface listed by the server for the user. Undefined before the first refresh. */
  live: LiveSurface | undefined
  /** Error of the last refresh. */
  failure: Failure | undefined
  loading: boolean
  /** Token that the server rejected. */
  rejectedToken: string | undefined
  /** Calls, newest first. */
  runs: readonly Run[]
}

/** Playground state of a hosted server in the current tab. */
export class Playground {
  readonly wire = new WireLog()
  readonly questions = new QuestionQueue()
  readonly #storage: string
  #settings: ConnectionSettings | undefined
  #connection: Promise<Connection> | undefined
  #state: PlaygroundState
  readonly #running = new Map<number, AbortController>()
  readonly #listeners = new Set<() => void>()

  constructor(resource: string) {
    this.#storage = `wharf.playground.calls:${resource}`
    this.#state = { live: undefined, failure: undefined, loading: false, rejectedToken: undefined, runs: loadRuns(this.#storage) }
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
  readonly read = (): PlaygroundState => this.#state

  /** Applies connection settings. Closes the connection if the settings differ. */
  use(settings: ConnectionSettings): void {
    const now = this.#settings
    if (now && now.url === settings.url && now.revision === settings.revision && now.accessToken === settings.accessToken) return
    this.disconnect()
    this.#settings = settings
    this.#set({ live: undefined, failure: undefined })
  }

  disconnect(): void {
    for (const running of this.#running.values()) running.abort()
    const closing = this.#connection
    this.#connection = undefined
    this.#settings = undefined
    void closing?.then((connection) => connection.close()).catch(() => undefined)
  }

  /** Lists tools, prompts and resources again. */
  async refresh(): Promise<void> {
    const settings = this.#settings
    if (!settings) return
    this.#set({ loading: true, failure: undefined })
    try {
      const live = await (await this.#connect()).listAll(new AbortController().signal)
      if (this.#settings === settings) this.#set({ live, loading: false })
    } catch (error) {
      const failure = await this.#explain(error, settings, false)
      if (this.#settings === settings) this.#set({ failure, loading: false })
    }
  }

  /** Runs a call. Resolves when the call ends; the run holds the result or the failure. */
  async run(request: CallRequest): Promise<void> {
    const settings = this.#settings
    if (!settings) return
    const id = (this.#state.runs[0]?.id ?? 0) + 1
    const { revision, version } = settings
    const started: Run = {
      id,
      request,
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
    const waitedBefore = this.questions.waitedMs()
    const ended = () => ({ endedAt: Date.now(), waitedMs: this.questions.waitedMs() - waitedBefore })
    this.#set({ runs: [started, ...this.#state.runs].slice(0, MAX_RUNS) })
    try {
      const outcome = await this.#send(request, await this.#connect(), id, controller.signal)
      this.#change(id, { outcome, ...ended() })
    } catch (error) {
      const end = ended()
      this.#change(id, { failure: await this.#explain(error, settings, controller.signal.aborted), ...end })
    } finally {
      this.#running.delete(id)
      saveRuns(this.#storage, this.#state.runs)
    }
  }

  cancel(id: number): void {
    this.#running.get(id)?.abort(new Error('cancelled by the user'))
  }

  clearRuns(): void {
    this.#set({ runs: this.#state.runs.filter(({ endedAt }) => endedAt === undefined) })
    saveRuns(this.#storage, this.#state.runs)
  }

  async #send(request: CallRequest, connection: Connection, id: number, signal: AbortSignal): Promise<Outcome> {
    const listeners = {
      signal,
      onProgress: (progress: NonNullable<Run['progress']>) => this.#change(id, { progress }),
      onLog: (line: Run['logs'][number]) => {
        const logs = this.#state.runs.find((run) => run.id === id)?.logs ?? []
        if (logs.length < MAX_LOGS) this.#change(id, { logs: [...logs, line] })
      },
    }
    if (request.kind === 'tool') {
      const tool = this.#state.live?.tools.find(({ name }) => name === request.name)
      return { kind: 'tool', result: await connection.callTool(request.name, tool, request.args, listeners) }
    }
    if (request.kind === 'prompt') return { kind: 'prompt', result: await connection.getPrompt(request.name, request.args, listeners) }
    return { kind: 'resource', result: await connection.readResource(request.uri, listeners) }
  }

  #connect(): Promise<Connection> {
    const settings = this.#settings
    if (!settings) return Promise.reject(new Error('the page was closed'))
    if (this.#connection) return this.#connection
    const opening = Connection.open({ ...settings, wire: this.wire, questions: this.questions })
    this.#connection = opening
    opening.catch(() => {
      if (this.#connection === opening) this.#connection = undefined // the next call reconnects
    })
    return opening
  }

  async #explain(error: unknown, { revision, accessToken }: ConnectionSettings, cancelled: boolean): Promise<Failure> {
    const failure = await explainFailure(error, { hadToken: accessToken !== undefined, revision, cancelled })
    if (failure.kind === 'session-ended') this.#connection = undefined
    if (failure.kind === 'unauthorized' && accessToken !== undefined) this.#set({ rejectedToken: accessToken })
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
 * Returns the playground of a server. Lives as long as the tab, so navigation loses no call.
 */
export function playgroundOf(resource: string): Playground {
  const found = playgrounds.get(resource) ?? new Playground(resource)
  playgrounds.set(resource, found)
  return found
}
