import type { JsonRpcMessage } from '../protocol/mcp/json-rpc.ts'
import { createLongTexts, deleteText, readText, writeText } from './long-text.ts'

const MAX_EVENTS = 1_000
const MAX_CHARACTERS = 1_000_000

export interface LoggedEvent {
  /** As the client names it in `Last-Event-ID`: its stream and its place in the session. */
  id: string
  /** A message as JSON; empty for the event that only gives a stream its first id. */
  data: string
}

/** What is behind a `Last-Event-ID`. */
export type Resumption = { stream: string; events: LoggedEvent[] } | 'unknown' | 'lost'

/**
 * The SSE events of one session, in its own SQLite: an event is on disk before it is sent, so a stream that was cut goes on where it stopped. A ring: the
 * oldest go when there are more than 1,000, or more than about 1 MB of them.
 */
export class EventLog {
  readonly #sql: SqlStorage

  constructor(sql: SqlStorage) {
    this.#sql = sql
  }

  create(): void {
    createLongTexts(this.#sql)
    this.#sql.exec('CREATE TABLE IF NOT EXISTS events (seq INTEGER PRIMARY KEY AUTOINCREMENT, stream TEXT NOT NULL, size INTEGER NOT NULL)')
    // how far a stream's events are gone from the ring
    this.#sql.exec('CREATE TABLE IF NOT EXISTS trimmed (stream TEXT PRIMARY KEY, seq INTEGER NOT NULL) WITHOUT ROWID')
  }

  /** Undefined `message`: the stream's first event, which carries no data. */
  append(stream: string, message: JsonRpcMessage | undefined): LoggedEvent {
    const data = message ? JSON.stringify(message) : ''
    const { seq } = this.#sql
      .exec<{ seq: number }>('INSERT INTO events (stream, size) VALUES (?, ?) RETURNING seq', stream, data.length)
      .one()
    if (data !== '') writeText(this.#sql, `event:${seq}`, data)
    this.#trim(seq)
    return { id: `${stream}_${seq}`, data }
  }

  /** A stream's events after the one named, if none of them is gone. A name that is not of this session is unknown. */
  after(eventId: string): Resumption {
    const match = /^([a-z0-9]{1,40})_([1-9]\d{0,14})$/.exec(eventId)
    if (!match) return 'unknown'
    const [, stream = '', digits = ''] = match
    const seq = Number(digits)
    const [gone] = this.#sql.exec<{ seq: number }>('SELECT seq FROM trimmed WHERE stream = ?', stream).toArray()
    if (gone && seq < gone.seq) return 'lost'
    if (!(gone?.seq === seq) && this.#sql.exec('SELECT 1 FROM events WHERE seq = ? AND stream = ?', seq, stream).toArray().length === 0)
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

  #trim(newest: number): void {
    const { events, characters } = this.#sql
      .exec<{ events: number; characters: number }>('SELECT count(*) AS events, sum(size) AS characters FROM events')
      .one()
    let surplusEvents = events - MAX_EVENTS
    let surplusCharacters = characters - MAX_CHARACTERS
    if (surplusEvents <= 0 && surplusCharacters <= 0) return
    for (const { seq, stream, size } of this.#sql
      .exec<{ seq: number; stream: string; size: number }>('SELECT seq, stream, size FROM events ORDER BY seq LIMIT 200')
      .toArray()) {
      if ((surplusEvents <= 0 && surplusCharacters <= 0) || seq === newest) return
      this.#sql.exec('DELETE FROM events WHERE seq = ?', seq)
      deleteText(this.#sql, `event:${seq}`)
      this.#sql.exec('INSERT INTO trimmed (stream, seq) VALUES (?1, ?2) ON CONFLICT (stream) DO UPDATE SET seq = ?2', stream, seq)
      surplusEvents--
      surplusCharacters -= size
    }
  }
}
