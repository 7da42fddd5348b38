import type { JsonRpcError } from '../../protocol/mcp/json-rpc.ts'
import { targetOf } from '../../protocol/mcp/revisions/2026-07-28.ts'
import { isRecord } from '../../protocol/record.ts'
import { recordCall, recordLines, type CallRecord } from '../activity/record.ts'
import type { HostingContext, McpRequest } from '../sources/source.ts'
import type { CallRequest } from './call-request.ts'
import type { Limits } from '../../protocol/limits.ts'
import { holdSlot, releaseSlot, takeSlot, type Slot } from './concurrency-limit.ts'

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
  readonly #overdue = new AbortController()
  #timer: ReturnType<typeof setTimeout>
  readonly #ended = Promise.withResolvers<void>()
  #isFinished = false
  /** Milliseconds since the epoch. */
  #deadline: number
  /**
   * Aborts when the client cancels the call or the deadline passes. The reason is then a
   * `TimeoutError` with a text for the caller.
   */
  readonly signal: AbortSignal

  /** Throws an McpError (503) if the hosted server runs too many calls. */
  constructor(request: McpRequest, call: CallRequest, env: Env, ctx: HostingContext) {
    this.#request = request
    this.#call = call
    this.#env = env
    this.#ctx = ctx
    this.#slot = takeSlot(call, this.#startedAt)
    this.#deadline = deadlineOf(call.server.limits, this.#startedAt, this.#startedAt)
    this.#timer = setTimeout(() => this.#checkDeadline(), this.#deadline - this.#startedAt)
    this.signal = AbortSignal.any([call.signal, this.#overdue.signal])
    // keeps the request context alive after the client disconnects, to record and release the call
    ctx.waitUntil(this.#ended.promise)
  }

  /** Moves the deadline after a progress notification, up to the total of the tenant. */
  extend(): void {
    this.#deadline = deadlineOf(this.#call.server.limits, this.#startedAt, Date.now())
    holdSlot(this.#slot, this.#deadline)
  }

  /** Adds a line to the log of the hosted server. */
  note(message: string): void {
    recordLines(this.#call.server, [{ at: Date.now(), level: 'warn', origin: 'platform', message }], this.#env, this.#ctx)
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

  #checkDeadline(): void {
    const now = Date.now()
    if (now < this.#deadline) {
      this.#timer = setTimeout(() => this.#checkDeadline(), this.#deadline - now)
      return
    }
    const reason = `The call was stopped ${limitReached(this.#call.server.limits, this.#startedAt, this.#deadline)}. It may have run.`
    this.#overdue.abort(new DOMException(reason, 'TimeoutError'))
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

function deadlineOf({ deadlineSeconds, totalSeconds }: Limits, startedAt: number, now: number): number {
  return Math.min(now + deadlineSeconds * 1000, startedAt + Math.max(deadlineSeconds, totalSeconds) * 1000)
}

function limitReached({ deadlineSeconds, totalSeconds }: Limits, startedAt: number, deadline: number): string {
  if (deadline - startedAt === deadlineSeconds * 1000) return `at the deadline of this hosted server, ${deadlineSeconds} s`
  if (deadline - startedAt === totalSeconds * 1000) return `at the time limit of calls with progress, ${totalSeconds} s`
  return `because it sent no progress for ${deadlineSeconds} s, the deadline of this hosted server`
}

function summaryOf(outcome: Outcome, isCancelled: boolean): Pick<CallRecord, 'outcome' | 'code' | 'correlationId'> {
  if (isCancelled || !outcome) return { outcome: 'cancelled' }
  if ('result' in outcome) return { outcome: outcome.result['isError'] === true ? 'tool-error' : 'ok' }
  const { code, data } = outcome.error
  const correlationId = isRecord(data) && 'correlationId' in data ? String(data['correlationId']) : undefined
  return { outcome: 'error', code, ...(correlationId === undefined ? {} : { correlationId }) }
}
