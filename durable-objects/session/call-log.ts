import type { Caller } from '../../hosting/sources/source.ts'
import type { JsonRpcId } from '../../protocol/mcp/json-rpc.ts'
import { createLongTexts, deleteText, readText, writeText } from './long-text.ts'

/** A client's request under way. */
export interface PendingCall {
  id: JsonRpcId
  /** Where its messages go. */
  stream: string
  method: string
  params: Record<string, unknown>
  caller: Caller
  /** How often it has asked so far. */
  round: number
  /** What to say at the next retry: the hosted server's state, and the client's answers so far. */
  requestState: string | undefined
}

/** A question of ours to the client, as it was answered. */
export interface Answered {
  call: PendingCall
  /** By the hosted server's keys; undefined while some are open. */
  inputResponses: Record<string, unknown> | undefined
}

/**
 * Calls, and the questions they wait for, in the session's SQLite. A call is here before it runs and an answer before it counts, so that after an eviction a
 * call that was asking goes on, and one that was running is known to have been interrupted. A question's id comes from a counter that never restarts: a late
 * answer can never be taken for another question's.
 */
export class CallLog {
  readonly #sql: SqlStorage

  constructor(sql: SqlStorage) {
    this.#sql = sql
  }

  create(): void {
    createLongTexts(this.#sql)
    this.#sql.exec(
      `CREATE TABLE IF NOT EXISTS calls (key TEXT PRIMARY KEY, stream TEXT NOT NULL, state TEXT NOT NULL, asked_until INTEGER) WITHOUT ROWID`,
    )
    this.#sql.exec(
      'CREATE TABLE IF NOT EXISTS asks (id INTEGER PRIMARY KEY AUTOINCREMENT, call TEXT NOT NULL, name TEXT NOT NULL, answered INTEGER NOT NULL DEFAULT 0)',
    )
  }

  /** False where a request with this id is under way already. */
  begin(call: PendingCall): boolean {
    const key = keyOf(call.id)
    const inserted = this.#sql
      .exec("INSERT INTO calls (key, stream, state) VALUES (?, ?, 'running') ON CONFLICT DO NOTHING RETURNING key", key, call.stream)
      .toArray()
    if (inserted.length === 0) return false
    writeText(this.#sql, `call:${key}`, JSON.stringify(call))
    return true
  }

  find(id: JsonRpcId): PendingCall | undefined {
    return this.#read(keyOf(id))
  }

  all(): PendingCall[] {
    return this.#all('SELECT key FROM calls')
  }

  /** Whose response is still to come, and on which stream. */
  waiting(): Pick<PendingCall, 'id' | 'stream'>[] {
    return this.#sql
      .exec<{ key: string; stream: string }>('SELECT key, stream FROM calls')
      .toArray()
      .map(({ key, stream }) => ({ id: JSON.parse(key) as JsonRpcId, stream }))
  }

  /** Calls that were in the middle of running: at a wake, those that an eviction interrupted. */
  running(): PendingCall[] {
    return this.#all("SELECT key FROM calls WHERE state = 'running'")
  }

  /** Calls whose questions nobody answered in time. */
  overdue(now: number): PendingCall[] {
    return this.#all("SELECT key FROM calls WHERE state = 'asking' AND asked_until <= ?", now)
  }

  /** When the next question runs out, in milliseconds since the epoch. */
  nextDeadline(): number | undefined {
    return (
      this.#sql.exec<{ until: number | null }>("SELECT min(asked_until) AS until FROM calls WHERE state = 'asking'").one().until ??
      undefined
    )
  }

  count(): number {
    return this.#sql.exec<{ n: number }>('SELECT count(*) AS n FROM calls').one().n
  }

  /** The hosted server said to come back: until then the call rests, and nothing of it can be lost or run twice. */
  rest(call: PendingCall): void {
    const key = keyOf(call.id)
    writeText(this.#sql, `call:${key}`, JSON.stringify(call))
    this.#sql.exec("UPDATE calls SET state = 'resting' WHERE key = ?", key)
  }

  resting(): PendingCall[] {
    return this.#all("SELECT key FROM calls WHERE state = 'resting'")
  }

  /** The call is running again; undefined where it does not rest any more. */
  wake(id: JsonRpcId): PendingCall | undefined {
    const key = keyOf(id)
    const [woken] = this.#sql.exec("UPDATE calls SET state = 'running' WHERE key = ? AND state = 'resting' RETURNING key", key).toArray()
    return woken && this.#read(key)
  }

  streamIsOpen(stream: string): boolean {
    return this.#sql.exec('SELECT 1 FROM calls WHERE stream = ? LIMIT 1', stream).toArray().length > 0
  }

  /** Stores what the call asks, under ids of ours; answers those, by the hosted server's names for them. */
  ask(call: PendingCall, names: string[], until: number): Map<string, number> {
    const key = keyOf(call.id)
    writeText(this.#sql, `call:${key}`, JSON.stringify(call))
    this.#sql.exec("UPDATE calls SET state = 'asking', asked_until = ? WHERE key = ?", until, key)
    this.#sql.exec('DELETE FROM asks WHERE call = ?', key) // of the round before
    return new Map(
      names.map((name) => [
        name,
        this.#sql.exec<{ id: number }>('INSERT INTO asks (call, name) VALUES (?, ?) RETURNING id', key, name).one().id,
      ]),
    )
  }

  /** Stores one answer. Undefined for an id that is no open question of this session. When the last of a call's is there, the call is running again. */
  answer(askId: unknown, result: Record<string, unknown>): Answered | undefined {
    if (!Number.isSafeInteger(askId)) return undefined
    const [ask] = this.#sql
      .exec<{ id: number; call: string }>('UPDATE asks SET answered = 1 WHERE id = ? AND answered = 0 RETURNING id, call', askId as number)
      .toArray()
    if (!ask) return undefined
    writeText(this.#sql, `answer:${ask.id}`, JSON.stringify(result))
    const call = this.#read(ask.call)
    if (!call) return undefined
    const asks = this.#sql
      .exec<{ id: number; name: string; answered: number }>('SELECT id, name, answered FROM asks WHERE call = ?', ask.call)
      .toArray()
    if (asks.some(({ answered }) => answered === 0)) return { call, inputResponses: undefined }
    const inputResponses = Object.fromEntries(
      asks.map(({ id, name }) => [name, JSON.parse(readText(this.#sql, `answer:${id}`)) as unknown]),
    )
    this.#dropAsks(ask.call)
    this.#sql.exec("UPDATE calls SET state = 'running', asked_until = NULL WHERE key = ?", ask.call)
    return { call, inputResponses }
  }

  /** The call an open question of ours belongs to. */
  findByAsk(askId: unknown): PendingCall | undefined {
    if (!Number.isSafeInteger(askId)) return undefined
    const [ask] = this.#sql.exec<{ call: string }>('SELECT call FROM asks WHERE id = ? AND answered = 0', askId as number).toArray()
    return ask && this.#read(ask.call)
  }

  /** False where it has ended before. */
  end(id: JsonRpcId): boolean {
    const key = keyOf(id)
    const ended = this.#sql.exec('DELETE FROM calls WHERE key = ? RETURNING key', key).toArray().length === 1
    deleteText(this.#sql, `call:${key}`)
    this.#dropAsks(key)
    return ended
  }

  #dropAsks(key: string): void {
    for (const { id } of this.#sql.exec<{ id: number }>('DELETE FROM asks WHERE call = ? RETURNING id', key).toArray())
      deleteText(this.#sql, `answer:${id}`)
  }

  #all(query: string, ...bindings: number[]): PendingCall[] {
    return this.#sql
      .exec<{ key: string }>(query, ...bindings)
      .toArray()
      .flatMap(({ key }) => this.#read(key) ?? [])
  }

  #read(key: string): PendingCall | undefined {
    const text = readText(this.#sql, `call:${key}`)
    return text === '' ? undefined : (JSON.parse(text) as PendingCall)
  }
}

/** 1 and "1" are two requests. */
function keyOf(id: JsonRpcId): string {
  return JSON.stringify(id)
}
