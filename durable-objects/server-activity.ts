import { DurableObject } from 'cloudflare:workers'
import type { ActivityBatch, CallRecord, LogLine } from '../hosting/activity/record.ts'

/** Entry of a hosted server's activity. `id` gives the order and is the cursor of the next page. */
export type ActivityEntry = ({ id: number; kind: 'call' } & CallRecord) | ({ id: number; kind: 'line' } & LogLine)

export interface ActivityQuery {
  /** 1 to 200, 50 by default. */
  limit?: number
  /** Only entries older than this id. */
  before?: number
  kind?: ActivityEntry['kind']
  /** Only entries of a call. */
  correlationId?: string
  /** Only failed calls, warnings and errors. */
  problems?: boolean
}

/** Number of calls in an interval. `at` is the start of the interval. */
interface ActivityBucket {
  at: number
  calls: number
  failed: number
}

const MAX_ENTRIES = { call: 1_000, line: 2_000 }
const RETENTION_MS = 14 * 24 * 60 * 60 * 1000
/** The largest page of the API plus 1, because the extra entry shows if a next page exists. */
const MAX_RECENT = 201

/**
 * Recent calls, console lines and errors of a hosted server. The object's name is the server's id.
 * Keeps the newest entries for at most two weeks.
 */
export class ServerActivity extends DurableObject<Env> {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    this.#createTables()
  }

  async record({ calls, lines }: ActivityBatch): Promise<void> {
    this.#createTables() // `clear` may have deleted the tables
    this.ctx.storage.transactionSync(() => {
      for (const call of calls) this.#insert('call', call)
      for (const line of lines) this.#insert('line', line)
      this.#trim('call')
      this.#trim('line')
    })
    if ((await this.ctx.storage.getAlarm()) === null) await this.ctx.storage.setAlarm(Date.now() + RETENTION_MS)
  }

  /** Returns entries, newest first. */
  recent({ limit = 50, before = Number.MAX_SAFE_INTEGER, kind, correlationId, problems = false }: ActivityQuery = {}): ActivityEntry[] {
    this.#createTables()
    const rows = this.ctx.storage.sql.exec<{ id: number; kind: ActivityEntry['kind']; body: string }>(
      `SELECT id, kind, body FROM entries
       WHERE id < ?1 AND (?2 IS NULL OR kind = ?2) AND (?3 IS NULL OR correlation_id = ?3)
         AND (NOT ?5 OR body ->> 'outcome' IN ('error', 'tool-error') OR body ->> 'level' IN ('warn', 'error'))
       ORDER BY id DESC LIMIT ?4`,
      before,
      kind ?? null,
      correlationId ?? null,
      Math.min(Math.max(1, Math.trunc(limit)), MAX_RECENT),
      problems ? 1 : 0,
    )
    return [...rows].map(({ id, kind, body }) => ({ id, kind, ...JSON.parse(body) }) as ActivityEntry)
  }

  /** Counts calls since `from` in intervals of `stepMs`. Omits empty intervals. */
  summarize({ from, stepMs }: { from: number; stepMs: number }): ActivityBucket[] {
    this.#createTables()
    const rows = this.ctx.storage.sql.exec<{ at: number; calls: number; failed: number }>(
      // bound numbers are REAL, so the division needs a cast to INTEGER
      `SELECT ?1 + CAST((at - ?1) / ?2 AS INTEGER) * ?2 AS at, COUNT(*) AS calls, SUM(body ->> 'outcome' IN ('error', 'tool-error')) AS failed
       FROM entries WHERE kind = 'call' AND at >= ?1 GROUP BY 1 ORDER BY 1`,
      from,
      stepMs,
    )
    return [...rows]
  }

  /** Deletes everything, because the hosted server is being deleted. */
  async clear(): Promise<void> {
    await this.ctx.storage.deleteAll()
  }

  override async alarm(): Promise<void> {
    this.#createTables()
    this.ctx.storage.sql.exec('DELETE FROM entries WHERE at < ?', Date.now() - RETENTION_MS)
    const [oldest] = [...this.ctx.storage.sql.exec<{ at: number | null }>('SELECT MIN(at) AS at FROM entries')]
    if (typeof oldest?.at === 'number') await this.ctx.storage.setAlarm(oldest.at + RETENTION_MS)
    else await this.ctx.storage.deleteAll()
  }

  #createTables(): void {
    this.ctx.storage.sql.exec(
      `CREATE TABLE IF NOT EXISTS entries (id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, kind TEXT NOT NULL, correlation_id TEXT, body TEXT NOT NULL);
       CREATE INDEX IF NOT EXISTS entries_kind ON entries (kind, id);
       CREATE INDEX IF NOT EXISTS entries_correlation ON entries (correlation_id) WHERE correlation_id IS NOT NULL`,
    )
  }

  #insert(kind: ActivityEntry['kind'], entry: CallRecord | LogLine): void {
    this.ctx.storage.sql.exec(
      'INSERT INTO entries (at, kind, correlation_id, body) VALUES (?, ?, ?, ?)',
      entry.at,
      kind,
      entry.correlationId ?? null,
      JSON.stringify(entry),
    )
  }

  #trim(kind: ActivityEntry['kind']): void {
    this.ctx.storage.sql.exec(
      'DELETE FROM entries WHERE kind = ?1 AND id <= (SELECT id FROM entries WHERE kind = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)',
      kind,
      MAX_ENTRIES[kind],
    )
  }
}
