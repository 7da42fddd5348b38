import type { JsonRpcMessage } from '../../protocol/mcp/json-rpc.ts'
import { createLongTexts, deleteText, readText, writeText } from './long-text.ts'

const MAX_EVENTS = 1_000
const MAX_CHARACTERS = 1_000_000
/** For how many events more it is remembered that a stream's are gone; after that its ids are as unknown as any. */
const MAX_TRIMMED = 10_000

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
  /** What is in the ring, counted once and then kept. */
  #totals: Totals | undefined

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

  /** The newest stays however large it is. */
  #trim(newest: number, totals: Totals): void {
    while (totals.events > MAX_EVENTS || totals.characters > MAX_CHARACTERS) {
      const { seq, stream, size } = this.#sql
        .exec<{ seq: number; stream: string; size: number }>('SELECT seq, stream, size FROM events ORDER BY seq LIMIT 1')
        .one()
      if (seq === newest) return
      this.#sql.exec('DELETE FROM events WHERE seq = ?', seq)
      deleteText(this.#sql, `event:${seq}`)
      this.#sql.exec('INSERT INTO trimmed (stream, seq) VALUES (?1, ?2) ON CONFLICT (stream) DO UPDATE SET seq = ?2', stream, seq)
      if (seq % 100 === 0) this.#sql.exec('DELETE FROM trimmed WHERE seq <= ?', seq - MAX_TRIMMED)
      totals.events--
      totals.characters -= size
    }
  }
}

type Totals = { events: number; characters: number }
