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
import { legacyRules } from '../../protocol/mcp/revisions/served.ts'

/**
 * `retry` of the priming event. Time before the client reconnects to a closed stream (2025-11-25).
 */
export const RETRY_MS = 500
/** Stream of messages without a call, read by GET. */
const STANDALONE = 'standalone'

/**
 * Streams of a session. A message is stored before the message is sent, and a stream has a single
 * reader at a time. The stream of a POST ends with its last call, and survives disconnects of its
 * readers.
 */
export class SessionStreams {
  readonly #record: SessionRecord
  readonly #calls: CallLog
  readonly #events: EventLog
  /** Open SSE responses by stream. */
  readonly #connections = new Map<string, Connection>()
  /** Unsent replies by stream. A reply can become plain JSON or the stream. */
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

  /** Opens the standalone stream. */
  listen(owner: StreamOwner): Response {
    return this.#connect(STANDALONE, this.#primer(STANDALONE), owner)
  }

  /** Resumes a stream after an event. */
  resume(lastEventId: string, owner: StreamOwner): Response {
    const resumed = this.#events.after(lastEventId)
    if (resumed === 'unknown') return refusal(400, 'Last-Event-ID is not an event of this session.')
    if (resumed === 'lost') return refusal(404, 'Events after this Last-Event-ID are no longer stored. Initialize a new session.')
    const { stream, events } = resumed
    // 204 stops an EventSource from reconnecting, because no event will follow
    if (events.length === 0 && this.#hasEnded(stream)) return new Response(null, { status: 204 })
    return this.#connect(stream, events, owner)
  }

  /** Replies to a POST with plain JSON or an event stream. */
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

  /** Stores a message of a call, and sends the message if the stream has a reader. */
  send(stream: string, message: JsonRpcMessage): void {
    this.#replies.get(stream)?.openStream()
    const event = this.#events.append(stream, message)
    this.#connections.get(stream)?.send(sseEvent(event.data, { id: event.id }))
  }

  /**
   * Sends a message without a call. Dropped if the client never opened the standalone stream,
   * because no reader could resume it.
   */
  notify(message: JsonRpcMessage): void {
    if (this.#connections.has(STANDALONE) || this.#record.wantsNotifications) this.send(STANDALONE, message)
  }

  /** Sends the response of a call. The response is stored unless it leaves as plain JSON. */
  respond(stream: string, response: JsonRpcResponse): void {
    if (this.#replies.get(stream)?.collect(response)) return
    this.send(stream, response)
    this.#closeIfEnded(stream)
  }

  /** Ends a cancelled call. The call gets no response. */
  cancel(stream: string, id: JsonRpcId): void {
    this.#replies.get(stream)?.cancel(id)
    this.#closeIfEnded(stream)
  }

  /** Replies with an error. Returns false if the reply has begun. */
  refuse(stream: string, error: McpError | OAuthError): boolean {
    return this.#replies.get(stream)?.refuse(error) ?? false
  }

  /** Closes the connection until the retry, if the client can resume the stream. */
  pause(stream: string): void {
    if (!this.#sendsPrimer()) return
    this.#replies.get(stream)?.openStream()
    this.#connections.get(stream)?.close()
  }

  /** Closes connections by grant; undefined stands for callers without a token. */
  closeByGrant(ended: (grantId: string | undefined) => boolean): void {
    for (const connection of this.#connections.values()) if (ended(connection.grantId)) connection.close()
  }

  /** Sends an error to every waiting call, and closes all streams. */
  end(waiting: Pick<PendingCall, 'id' | 'stream'>[]): void {
    for (const { id, stream } of waiting) {
      const error = { code: ErrorCode.internalError, message: 'The session has ended. The call may have run.' }
      const response: JsonRpcResponse = { jsonrpc: '2.0', id, error }
      if (!this.#replies.get(stream)?.collect(response)) this.#connections.get(stream)?.send(sseEvent(JSON.stringify(response)))
    }
    this.closeByGrant(() => true)
  }

  /**
   * Returns true if streams begin with a priming event. Clients of older revisions fail on the
   * event's empty data.
   */
  #sendsPrimer(): boolean {
    const { initialized } = this.#record
    return initialized !== undefined && legacyRules(initialized.revision).startsStreamsWithId
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

/** Returns a unique name with characters valid in an event id. */
export function newStream(): string {
  return `s${newId()
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, '')}`
}

/** Returns an error reply to the whole request. */
export function refusal(status: number, message: string, id?: JsonRpcId): Response {
  return new McpError(status, ErrorCode.invalidRequest, message, { id }).toResponse()
}
