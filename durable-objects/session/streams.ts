import { McpError, ErrorCode } from '../../protocol/mcp/errors.ts'
import type { JsonRpcId, JsonRpcMessage, JsonRpcResponse } from '../../protocol/mcp/json-rpc.ts'
import type { OAuthError } from '../../protocol/oauth/errors.ts'
import { newId } from '../../protocol/random.ts'
import type { CallLog, PendingCall } from './call-log.ts'
import { openConnection, type Connection, type StreamOwner } from './connections.ts'
import { EventLog, type LoggedEvent } from './event-log.ts'
import { Reply } from './reply.ts'
import type { SessionRecord } from './record.ts'
import { sseEvent } from '../../protocol/mcp/sse.ts'

/** What a client is told to wait before it comes back for a stream that was closed (2025-11-25). */
export const RETRY_MS = 500
/** The stream of what belongs to no call: one, whichever GET holds it. */
const STANDALONE = 'standalone'

/**
 * Where a session's messages to its client go. Each has a stream; on disk it is a message of that stream before anybody reads it, and the newest reader of a
 * stream is the one it has. A stream of calls ends with the last of them, and outlives its readers.
 */
export class SessionStreams {
  readonly #record: SessionRecord
  readonly #calls: CallLog
  readonly #events: EventLog
  /** Open responses, by stream. */
  readonly #connections = new Map<string, Connection>()
  /** Responses that may still become plain JSON, by stream. */
  readonly #replies = new Map<string, Reply>()

  constructor(sql: SqlStorage, record: SessionRecord, calls: CallLog) {
    this.#record = record
    this.#calls = calls
    this.#events = new EventLog(sql)
  }

  create(): void {
    this.#events.create()
  }

  get hasReaders(): boolean {
    return this.#connections.size > 0
  }

  /** The stream of what belongs to no call. */
  listen(owner: StreamOwner): Response {
    return this.#connect(STANDALONE, this.#primer(STANDALONE), owner)
  }

  /** Any stream, from where it was cut. */
  resume(lastEventId: string, owner: StreamOwner): Response {
    const resumed = this.#events.after(lastEventId)
    if (resumed === 'unknown') return refusal(400, 'Last-Event-ID names no event of this session.')
    if (resumed === 'lost') return refusal(404, 'What followed this Last-Event-ID is kept no longer. Initialize a new session.')
    const { stream, events } = resumed
    // nothing will ever come: this is how a reader of events is told not to come back
    if (events.length === 0 && this.#hasEnded(stream)) return new Response(null, { status: 204 })
    return this.#connect(stream, events, owner)
  }

  /** The response of one POST, whose calls have a stream of their own. What is answered soon and alone is plain JSON. */
  async reply(stream: string, ids: JsonRpcId[], { batch, owner }: { batch: boolean; owner: StreamOwner }): Promise<Response> {
    const toStream = (collected: JsonRpcResponse[]) =>
      this.#connect(stream, [...this.#primer(stream), ...collected.map((response) => this.#events.append(stream, response))], owner)
    const reply = new Reply(ids, { batch, toStream })
    this.#replies.set(stream, reply)
    try {
      return await reply.response()
    } finally {
      this.#replies.delete(stream)
    }
  }

  /** Logs a message before the response of its call, and sends it where somebody reads. */
  send(stream: string, message: JsonRpcMessage): void {
    this.#replies.get(stream)?.openStream()
    const event = this.#events.append(stream, message)
    this.#connections.get(stream)?.send(sseEvent(event.data, { id: event.id }))
  }

  /** A message that belongs to no call. What nobody could ever come back for is not kept. */
  notify(message: JsonRpcMessage): void {
    if (this.#connections.has(STANDALONE) || this.#record.wantsNotifications) this.send(STANDALONE, message)
  }

  /** The response of a call that has ended: on disk before it leaves, unless it leaves at once. */
  respond(stream: string, response: JsonRpcResponse): void {
    if (this.#replies.get(stream)?.collect(response)) return
    this.send(stream, response)
    this.#closeIfEnded(stream)
  }

  /** A call that has ended has no response. */
  cancel(stream: string, id: JsonRpcId): void {
    this.#replies.get(stream)?.cancel(id)
    this.#closeIfEnded(stream)
  }

  /** True where nothing has been said on it yet, so that the refusal is the whole response. */
  refuse(stream: string, error: McpError | OAuthError): boolean {
    return this.#replies.get(stream)?.refuse(error) ?? false
  }

  /** Nothing comes for a while: a client that can come back is let go. */
  pause(stream: string): void {
    if (!this.#sendsPrimer()) return
    this.#replies.get(stream)?.openStream()
    this.#connections.get(stream)?.close()
  }

  /** Closes what was opened under such grants; undefined is no grant. */
  closeByGrant(ended: (grantId: string | undefined) => boolean): void {
    for (const connection of this.#connections.values()) if (ended(connection.grantId)) connection.close()
  }

  /** The session ends, and its log with it: whoever waits for a response is told so, and every stream closes. */
  end(waiting: Pick<PendingCall, 'id' | 'stream'>[]): void {
    for (const { id, stream } of waiting) {
      const error = { code: ErrorCode.internalError, message: 'The session has ended; the call may have run.' }
      const response: JsonRpcResponse = { jsonrpc: '2.0', id, error }
      if (!this.#replies.get(stream)?.collect(response)) this.#connections.get(stream)?.send(sseEvent(JSON.stringify(response)))
    }
    this.closeByGrant(() => true)
  }

  /** Whether streams begin with an event that gives them an id: older clients choke on its empty data. */
  #sendsPrimer(): boolean {
    return this.#record.initialized?.revision === '2025-11-25'
  }

  #primer(stream: string): LoggedEvent[] {
    return this.#sendsPrimer() ? [this.#events.append(stream, undefined)] : []
  }

  #hasEnded(stream: string): boolean {
    return stream !== STANDALONE && !this.#calls.streamIsOpen(stream)
  }

  #closeIfEnded(stream: string): void {
    if (this.#hasEnded(stream)) this.#connections.get(stream)?.close()
  }

  #connect(stream: string, events: LoggedEvent[], owner: StreamOwner): Response {
    this.#connections.get(stream)?.close()
    const connection = openConnection(owner, {
      onClose: () => {
        if (this.#connections.get(stream) === connection) this.#connections.delete(stream)
      },
    })
    this.#connections.set(stream, connection)
    for (const event of events) connection.send(sseEvent(event.data, { id: event.id, retryMs: event.data === '' ? RETRY_MS : undefined }))
    this.#closeIfEnded(stream)
    return connection.response
  }
}

/** A name that is a stream's alone, of the letters an event's id is made of. */
export function newStream(): string {
  return `s${newId()
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, '')}`
}

/** A refusal that concerns no call: 400 for what is malformed, 404 for a session that is no more. */
export function refusal(status: number, message: string, id?: JsonRpcId): Response {
  return new McpError(status, ErrorCode.invalidRequest, message, { id }).toResponse()
}
