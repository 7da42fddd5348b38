import type { JsonRpcError } from '../../protocol/mcp/json-rpc.ts'
import { targetOf } from '../../protocol/mcp/revisions/2026-07-28.ts'
import { isRecord } from '../../protocol/record.ts'
import { recordCall, type CallRecord } from '../activity/record.ts'
import type { HostingContext, McpRequest } from '../sources/source.ts'
import type { CallRequest } from './call-request.ts'
import { releaseSlot, takeSlot, type Slot } from './concurrency-limit.ts'

/** Undefined if the client stopped reading before the response. */
export type Outcome = { result: Record<string, unknown> } | { error: JsonRpcError } | undefined

/**
 * A call that counts towards the concurrency limit and has a deadline, until {@link finish} records
 * the call.
 */
export class RunningCall {
  readonly #request: McpRequest
  readonly #call: CallRequest
  readonly #env: Env
  readonly #ctx: HostingContext
  readonly #startedAt = Date.now()
  readonly #slot: Slot
  readonly #timer: ReturnType<typeof setTimeout>
  readonly #ended = Promise.withResolvers<void>()
  #isFinished = false
  /** Milliseconds since the epoch. */
  readonly deadline: number
  /** Aborts when the client cancels the call or the deadline passes. */
  readonly signal: AbortSignal

  /** Throws an McpError (503) if the hosted server runs too many calls. */
  constructor(request: McpRequest, call: CallRequest, env: Env, ctx: HostingContext) {
    this.#request = request
    this.#call = call
    this.#env = env
    this.#ctx = ctx
    this.#slot = takeSlot(call.server, this.#startedAt)
    const deadlineMs = call.server.limits.deadlineSeconds * 1000
    this.deadline = this.#startedAt + deadlineMs
    const overdue = new AbortController()
    this.#timer = setTimeout(() => overdue.abort(), deadlineMs)
    this.signal = AbortSignal.any([call.signal, overdue.signal])
    // keeps the request context alive after the client disconnects, to record and release the call
    ctx.waitUntil(this.#ended.promise)
  }

  /** Records the call and releases the slot. A second call of this method does nothing. */
  finish(outcome: Outcome): void {
    if (this.#isFinished) return
    this.#isFinished = true
    clearTimeout(this.#timer) // a pending timer would keep a session's Durable Object awake
    this.#ended.resolve()
    releaseSlot(this.#call.server, this.#slot)
    recordCall(this.#call.server, this.#record(outcome), this.#env, this.#ctx)
  }

  #record(outcome: Outcome): CallRecord {
    const { method, params } = this.#request
    const { principal, revision, version, signal } = this.#call
    const target = targetOf(method, params)
    return {
      at: this.#startedAt,
      durationMs: Date.now() - this.#startedAt,
      method,
      revision,
      version: version.number,
      ...(target === undefined ? {} : { name: target.slice(0, 500) }),
      ...(principal.kind === 'granted'
        ? { clientId: principal.clientId, ...(principal.userId === undefined ? {} : { userId: principal.userId }) }
        : {}),
      ...summaryOf(outcome, signal.aborted),
    }
  }
}

function summaryOf(outcome: Outcome, isCancelled: boolean): Pick<CallRecord, 'outcome' | 'code' | 'correlationId'> {
  if (isCancelled || !outcome) return { outcome: 'cancelled' }
  if ('result' in outcome) return { outcome: outcome.result['isError'] === true ? 'tool-error' : 'ok' }
  const { code, data } = outcome.error
  const correlationId = isRecord(data) && 'correlationId' in data ? String(data['correlationId']) : undefined
  return { outcome: 'error', code, ...(correlationId === undefined ? {} : { correlationId }) }
}
