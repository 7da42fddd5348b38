import type { JsonRpcMessage } from '../../protocol/mcp/json-rpc.ts'
import { createLongTexts, deleteText, readText, writeText } from './long-text.ts'

const MAX_EVENTS = 1_000
const MAX_CHARACTERS = 1_000_000
/**
 * A removed event id stays `lost` for this number of later events. After that, the id is unknown.
 */
const REMEMBERED_REMOVALS = 10_000

export interface LoggedEvent {
  /** Value of `Last-Event-ID`: stream and sequence number. */
  id: string
  /** Message as JSON. Empty for the priming event of a stream. */
  data: string
}

/** Events after a `Last-Event-ID`. `lost` means events removed from the log. */
export type Resumption = { stream: string; events: LoggedEvent[] } | 'unknown' | 'lost'

/**
 * SSE events of a session, in its SQLite. Events are stored before sending, so a client can resume
 * a stream with `Last-Event-ID`. The oldest events are removed beyond 1,000 events or 1,000,000
 * characters.
 */
export class EventLog {
  readonly #sql: SqlStorage
  /** Totals of the log, counted at first use. */
  #totals: Totals | undefined

  constructor(sql: SqlStorage) {
    this.#sql = sql
  }

  create(): void {
    createLongTexts(this.#sql)
    this.#sql.exec('CREATE TABLE IF NOT EXISTS events (seq INTEGER PRIMARY KEY AUTOINCREMENT, stream TEXT NOT NULL, size INTEGER NOT NULL)')
    // newest removed event of every stream
    this.#sql.exec('CREATE TABLE IF NOT EXISTS trimmed (stream TEXT PRIMARY KEY, seq INTEGER NOT NULL) WITHOUT ROWID')
  }

  /** Stores an event. An undefined `message` stores the priming event without data. */
  append(stream: string, message: JsonRpcMessage | undefined): LoggedEvent {
    const data = message ? JSON.stringify(message) : ''
    const totals = (this.#totals ??= this.#sql
      .exec<Totals>('SELECT count(*) AS events, coalesce(sum(size), 0) AS characters FROM events')
      .one())
    const { seq } = this.#sql
      .exec<{ seq: number }>('INSERT INTO events (stream, size) VALUES (?, ?) RETURNING seq', stream, data.length)
      .one()
    if (data !== '') writeText(this.#sql, `event:${seq}`, data)
    totals.events++
    totals.characters += data.length
    this.#trim(seq, totals)
    return { id: `${stream}_${seq}`, data }
  }

  /** Returns the events of a stream after the given event id. */
  after(eventId: string): Resumption {
    const match = /^([a-z0-9]{1,40})_([1-9]\d{0,14})$/.exec(eventId)
    if (!match) return 'unknown'
    const [, stream = '', digits = ''] = match
    const seq = Number(digits)
    const [removed] = this.#sql.exec<{ seq: number }>('SELECT seq FROM trimmed WHERE stream = ?', stream).toArray()
    if (removed && seq < removed.seq) return 'lost'
    if (!(removed?.seq === seq) && this.#sql.exec('SELECT 1 FROM events WHERE seq = ? AND stream = ?', seq, stream).toArray().length === 0)
      return 'unknown'
    const later = this.#sql
      .exec<{ seq: number; size: number }>('SELECT seq, size FROM events WHERE stream = ? AND seq > ? ORDER BY seq', stream, seq)
      .toArray()
    return {
      stream,
      events: later.map((event) => ({
        id: `${stream}_${event.seq}`,
        data: event.size > 0 ? readText(this.#sql, `event:${event.seq}`) : '',
      })),
    }
  }

  /** Removes the oldest events. Keeps the newest event, whatever the size. */
  #trim(newest: number, totals: Totals): void {
    while (totals.events > MAX_EVENTS || totals.characters > MAX_CHARACTERS) {
      const { seq, stream, size } = this.#sql
        .exec<{ seq: number; stream: string; size: number }>('SELECT seq, stream, size FROM events ORDER BY seq LIMIT 1')
        .one()
      if (seq === newest) return
      this.#sql.exec('DELETE FROM events WHERE seq = ?', seq)
      deleteText(this.#sql, `event:${seq}`)
      this.#sql.exec('INSERT INTO trimmed (stream, seq) VALUES (?1, ?2) ON CONFLICT (stream) DO UPDATE SET seq = ?2', stream, seq)
      if (seq % 100 === 0) this.#sql.exec('DELETE FROM trimmed WHERE seq <= ?', seq - REMEMBERED_REMOVALS)
      totals.events--
      totals.characters -= size
    }
  }
}

type Totals = { events: number; characters: number }
