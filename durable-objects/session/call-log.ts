import type { Caller } from '../../hosting/sources/source.ts'
import type { Principal } from '../../protocol/principal.ts'
import type { JsonRpcId } from '../../protocol/mcp/json-rpc.ts'
import type { Selections } from '../../protocol/mcp/revisions/flat-form.ts'
import { createLongTexts, deleteText, readText, writeText } from './long-text.ts'
import { QuestionLog } from './question-log.ts'

/** A client's request without a response. */
export interface PendingCall {
  id: JsonRpcId
  /** Stream for the call's messages. */
  stream: string
  method: string
  params: Record<string, unknown>
  caller: CallOwner
  /** Number of `input_required` results. */
  round: number
  /** State of the hosted server, sent back with the next request. */
  requestState: string | undefined
  /** Selections of the open forms, by the hosted server's names of the questions. */
  selections?: Record<string, Selections>
}

/** A call after an input response. */
export interface AskingCall {
  call: PendingCall
  /** Input responses by the hosted server's names. Undefined while a question is open. */
  inputResponses: Record<string, unknown> | undefined
}

/** Fields of the caller that a call needs after its first round. */
export interface CallOwner {
  principal: Principal
  tenantId: string
  versionId: string
}

export function callOwnerOf({ principal, server, version }: Caller): CallOwner {
  return { principal, tenantId: server.tenantId, versionId: version.id }
}

/**
 * Calls without a response, in the session's SQLite. A call is stored before the call runs. After
 * an eviction, a waiting call goes on and a running call counts as interrupted.
 */
export class CallLog {
  readonly #sql: SqlStorage
  readonly #questions: QuestionLog

  constructor(sql: SqlStorage) {
    this.#sql = sql
    this.#questions = new QuestionLog(sql)
  }

  create(): void {
    createLongTexts(this.#sql)
    this.#sql.exec(
      `CREATE TABLE IF NOT EXISTS calls (key TEXT PRIMARY KEY, stream TEXT NOT NULL, state TEXT NOT NULL, asked_until INTEGER) WITHOUT ROWID`,
    )
    this.#questions.create()
  }

  /** Returns false if the id is in use. */
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

  /** Returns id and stream of every call without a response. */
  waiting(): Pick<PendingCall, 'id' | 'stream'>[] {
    return this.#sql
      .exec<{ key: string; stream: string }>('SELECT key, stream FROM calls')
      .toArray()
      .map(({ key, stream }) => ({ id: JSON.parse(key) as JsonRpcId, stream }))
  }

  /** Returns running calls. After a start, these calls were interrupted by an eviction. */
  running(): PendingCall[] {
    return this.#all("SELECT key FROM calls WHERE state = 'running'")
  }

  /** Returns calls with overdue questions. */
  overdue(now: number): PendingCall[] {
    return this.#all("SELECT key FROM calls WHERE state = 'asking' AND asked_until <= ?", now)
  }

  /** Returns the time of the next question timeout, in milliseconds since the epoch. */
  nextDeadline(): number | undefined {
    return (
      this.#sql.exec<{ until: number | null }>("SELECT min(asked_until) AS until FROM calls WHERE state = 'asking'").one().until ??
      undefined
    )
  }

  count(): number {
    return this.#sql.exec<{ n: number }>('SELECT count(*) AS n FROM calls').one().n
  }

  /** Stores a call for a later retry, asked for by the hosted server. */
  storeRetry(call: PendingCall): void {
    const key = keyOf(call.id)
    writeText(this.#sql, `call:${key}`, JSON.stringify(call))
    this.#sql.exec("UPDATE calls SET state = 'resting' WHERE key = ?", key)
  }

  awaitingRetry(): PendingCall[] {
    return this.#all("SELECT key FROM calls WHERE state = 'resting'")
  }

  /** Marks the call as running. Returns undefined if the call no longer waits for a retry. */
  startRetry(id: JsonRpcId): PendingCall | undefined {
    const key = keyOf(id)
    const [started] = this.#sql.exec("UPDATE calls SET state = 'running' WHERE key = ? AND state = 'resting' RETURNING key", key).toArray()
    return started && this.#read(key)
  }

  streamIsOpen(stream: string): boolean {
    return this.#sql.exec('SELECT 1 FROM calls WHERE stream = ? LIMIT 1', stream).toArray().length > 0
  }

  /** Stores the questions of a call. Returns the ids by the hosted server's names. */
  ask(call: PendingCall, names: string[], until: number): Map<string, number> {
    const key = keyOf(call.id)
    writeText(this.#sql, `call:${key}`, JSON.stringify(call))
    this.#sql.exec("UPDATE calls SET state = 'asking', asked_until = ? WHERE key = ?", until, key)
    return this.#questions.add(key, names)
  }

  /**
   * Stores an input response. Marks the call as running after the last response of a round. Returns
   * undefined if the id is not an open question of the session.
   */
  respond(questionId: unknown, inputResponse: Record<string, unknown>): AskingCall | undefined {
    const key = this.#questions.respond(questionId, inputResponse)
    const call = key === undefined ? undefined : this.#read(key)
    if (key === undefined || !call) return undefined
    const inputResponses = this.#questions.allResponses(key)
    if (inputResponses) {
      this.#questions.delete(key)
      this.#sql.exec("UPDATE calls SET state = 'running', asked_until = NULL WHERE key = ?", key)
    }
    return { call, inputResponses }
  }

  /** Returns the call with this open question. */
  findByQuestion(questionId: unknown): PendingCall | undefined {
    const key = this.#questions.findCall(questionId)
    return key === undefined ? undefined : this.#read(key)
  }

  /** Returns false if the call has ended before. */
  end(id: JsonRpcId): boolean {
    const key = keyOf(id)
    const ended = this.#sql.exec('DELETE FROM calls WHERE key = ? RETURNING key', key).toArray().length === 1
    deleteText(this.#sql, `call:${key}`)
    this.#questions.delete(key)
    return ended
  }

  #all(query: string, ...bindings: number[]): PendingCall[] {
    return this.#sql
      .exec<{ key: string }>(query, ...bindings)
      .toArray()
      .flatMap(({ key }) => this.#read(key) ?? [])
  }

  #read(key: string): PendingCall | undefined {
    const text = readText(this.#sql, `call:${key}`)
    if (text === '') return undefined
    const call = JSON.parse(text) as PendingCall & { caller: CallOwner | Caller }
    // earlier releases stored the whole caller
    return 'server' in call.caller ? { ...call, caller: callOwnerOf(call.caller) } : call
  }
}

/** Ids 1 and "1" name different requests. */
function keyOf(id: JsonRpcId): string {
  return JSON.stringify(id)
}
