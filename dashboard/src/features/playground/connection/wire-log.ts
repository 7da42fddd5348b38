import { EventSourceParserStream } from 'eventsource-parser/stream'
import { bodyText, redact, redactHeaders, truncate } from './redact.ts'

/** One HTTP exchange of the playground's client, with tokens and codes redacted. */
export interface Exchange {
  id: number
  startedAt: number
  request: WireMessage & { method: string; url: string }
  /** Undefined until the response headers arrive. */
  response: (WireMessage & { status: number; at: number }) | undefined
  /** Events of a streamed response, in order. */
  events: readonly WireEvent[]
  endedAt: number | undefined
  /** Error of a missing or incomplete response. */
  failure: string | undefined
}

export interface WireMessage {
  headers: readonly (readonly [name: string, value: string])[]
  body: string
}

/** One server-sent event. */
export interface WireEvent {
  at: number
  id: string | undefined
  event: string | undefined
  data: string
}

const MAX_EXCHANGES = 200

const MAX_EVENTS = 500

/** Delay that batches updates of the page. */
const NOTIFY_DELAY_MS = 60

/** The latest exchanges, as a store for `useSyncExternalStore`. */
export class WireLog {
  #exchanges: readonly Exchange[] = []
  readonly #listeners = new Set<() => void>()
  #notifyScheduled = false
  #nextId = 1

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
  readonly read = (): readonly Exchange[] => this.#exchanges

  clear(): void {
    this.#exchanges = []
    this.#notify()
  }

  /**
   * A `fetch` that records the exchange. Sends no cookies, because clients authenticate by token.
   */
  readonly fetch = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const request = new Request(input, { ...init, credentials: 'omit' })
    const id = this.#add({
      id: this.#nextId++,
      startedAt: Date.now(),
      request: { method: request.method, url: request.url, headers: redactHeaders(request.headers), body: bodyText(init?.body) },
      response: undefined,
      events: [],
      endedAt: undefined,
      failure: undefined,
    })
    try {
      const response = await fetch(request)
      this.#change(id, { response: { status: response.status, headers: redactHeaders(response.headers), body: '', at: Date.now() } })
      void this.#readBody(id, response.clone())
      return response
    } catch (error) {
      this.#change(id, { endedAt: Date.now(), failure: request.signal.aborted ? 'The request was cancelled.' : messageOf(error) })
      throw error
    }
  }

  /** Reads a copy of the response body as it arrives. */
  async #readBody(id: number, response: Response): Promise<void> {
    const isStream = response.headers.get('Content-Type')?.startsWith('text/event-stream') === true
    try {
      if (isStream && response.body) for await (const event of readEvents(response.body)) this.#addEvent(id, event)
      else this.#changeBody(id, redact(await response.text()))
      this.#change(id, { endedAt: Date.now() })
    } catch (error) {
      const stopped = error instanceof DOMException && error.name === 'AbortError'
      this.#change(id, { endedAt: Date.now(), failure: stopped ? 'The stream was closed by this page.' : messageOf(error) })
    }
  }

  #add(exchange: Exchange): number {
    this.#exchanges = [...this.#exchanges.slice(1 - MAX_EXCHANGES), exchange]
    this.#notify()
    return exchange.id
  }

  #change(id: number, change: Partial<Exchange>): void {
    this.#exchanges = this.#exchanges.map((exchange) => (exchange.id === id ? { ...exchange, ...change } : exchange))
    this.#notify()
  }

  #changeBody(id: number, body: string): void {
    const response = this.#exchanges.find((exchange) => exchange.id === id)?.response
    if (response) this.#change(id, { response: { ...response, body } })
  }

  #addEvent(id: number, event: WireEvent): void {
    const events = this.#exchanges.find((exchange) => exchange.id === id)?.events
    if (events && events.length < MAX_EVENTS) this.#change(id, { events: [...events, event] })
  }

  #notify(): void {
    if (this.#notifyScheduled) return
    this.#notifyScheduled = true
    setTimeout(() => {
      this.#notifyScheduled = false
      for (const listener of this.#listeners) listener()
    }, NOTIFY_DELAY_MS)
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** Yields the events of a stream, without comments. */
async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<WireEvent, undefined> {
  const text = new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>
  const reader = body.pipeThrough(text).pipeThrough(new EventSourceParserStream()).getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    yield { at: Date.now(), id: value.id, event: value.event, data: truncate(value.data) }
  }
}
