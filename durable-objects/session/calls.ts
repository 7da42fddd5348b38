import { answer } from '../../hosting/call/answer.ts'
import { ACCESS_ENDED, calledTool, reasonToStop } from '../../hosting/call/policy.ts'
import type { Caller, HostingContext } from '../../hosting/sources/source.ts'
import { paramsError } from '../../protocol/mcp/capabilities.ts'
import { ErrorCode, McpError } from '../../protocol/mcp/errors.ts'
import { parseInputRequired } from '../../protocol/mcp/input-required.ts'
import {
  isNotification,
  onlyIdOf,
  type JsonRpcError,
  type JsonRpcId,
  type JsonRpcRequest,
  type JsonRpcResponse,
} from '../../protocol/mcp/json-rpc.ts'
import { parseParams } from '../../protocol/mcp/params.ts'
import { toLegacyNotification, toLegacyOutcome } from '../../protocol/mcp/revisions/to-legacy.ts'
import { toModernParams } from '../../protocol/mcp/revisions/to-modern.ts'
import { buildParamHeaders } from '../../protocol/mcp/param-headers.ts'
import type { Rights } from '../../protocol/oauth/consent-offer.ts'
import { OAuthError } from '../../protocol/oauth/errors.ts'
import { newId } from '../../protocol/random.ts'
import type { Surface, ToolDefinition } from '../../protocol/versions/surface.ts'
import { callOwnerOf, type CallLog, type CallOwner, type PendingCall } from './call-log.ts'
import { runBuiltInMethod } from './built-in-methods.ts'
import { streamOwnerOf } from './connections.ts'
import { SessionQuestions } from './questions.ts'
import type { SessionRecord } from './record.ts'
import { newStream, refusal, RETRY_MS, type SessionStreams } from './streams.ts'

const MAX_ROUNDS = 8
/** Limit of calls without a response. A call can wait ten minutes for an input response. */
const MAX_PENDING = 100
/** Longest delay before a retry asked for by the hosted server. */
const MAX_RETRY_DELAY_MS = 5_000

type Outcome = { result: Record<string, unknown> } | { error: JsonRpcError }

/** Parts of the session used by its calls. */
interface SessionContext {
  log: CallLog
  record: SessionRecord
  streams: SessionStreams
  /** Returns the tools, prompts and capabilities of the caller's version. */
  findSurface(version: Pick<CallOwner, 'tenantId' | 'versionId'>): Promise<Surface | undefined>
  /** Sets the alarm again, after a deadline in the log has changed. */
  scheduleAlarm(): void
  env: Env
  ctx: HostingContext
}

/**
 * Runs the calls of a session in rounds. A call runs, then ends, asks the client, or waits for a
 * retry. The log is written before each step, because an eviction loses the memory of the object.
 * After an eviction {@link recover} and {@link resumeRetries} continue from the log.
 */
export class SessionCalls {
  readonly #log: CallLog
  readonly #record: SessionRecord
  readonly #streams: SessionStreams
  readonly #questions: SessionQuestions
  readonly #context: Pick<SessionContext, 'findSurface' | 'scheduleAlarm' | 'env' | 'ctx'>
  /** Abort controllers of running calls. Lost in an eviction. */
  readonly #running = new Map<JsonRpcId, AbortController>()
  /** Calls with a retry timer. Lost in an eviction. */
  readonly #retryTimers = new Set<JsonRpcId>()

  constructor({ log, record, streams, ...context }: SessionContext) {
    this.#log = log
    this.#record = record
    this.#streams = streams
    this.#questions = new SessionQuestions({ log, record, streams })
    this.#context = context
  }

  get hasRunning(): boolean {
    return this.#running.size > 0
  }

  /** Returns true if a call runs or waits for its retry. */
  get hasPending(): boolean {
    return this.hasRunning || this.#retryTimers.size > 0
  }

  /**
   * Ends interrupted calls with an error after a start, because a tool must not run twice. Calls
   * that wait for the client go on.
   */
  recover(): void {
    for (const call of this.#log.running()) this.#fail(call, 'The call was interrupted and may have run.')
  }

  /** Retries calls after an eviction, because an eviction loses the timers. */
  resumeRetries(caller: Caller): void {
    for (const { id } of this.#log.awaitingRetry()) if (!this.#retryTimers.has(id)) this.#retryLater(id, caller, 0)
  }

  /**
   * Runs the requests of one POST. The reply is plain JSON or an event stream; see {@link Reply}.
   */
  async start(requests: JsonRpcRequest[], { batch, caller }: { batch: boolean; caller: Caller }): Promise<Response> {
    const stream = newStream()
    const calls = requests.map(({ id, method, params = {} }): PendingCall => ({
      id,
      stream,
      method,
      params,
      caller: callOwnerOf(caller),
      round: 0,
      requestState: undefined,
    }))
    if (this.#log.count() + calls.length > MAX_PENDING) {
      const message = `Limit of ${MAX_PENDING} pending requests per session reached. Wait for a response, then send the request again.`
      return new McpError(429, ErrorCode.internalError, message, { id: onlyIdOf(requests), headers: { 'Retry-After': '5' } }).toResponse()
    }
    const started: PendingCall[] = []
    for (const call of calls) {
      if (this.#log.begin(call)) started.push(call)
      else {
        for (const { id } of started) this.#log.end(id)
        return refusal(400, `A pending request already has the id ${JSON.stringify(call.id)}. Use a new id.`, call.id)
      }
    }
    const ids = calls.map(({ id }) => id)
    const response = this.#streams.reply(stream, ids, { batch, owner: streamOwnerOf(caller) })
    for (const call of calls) void this.#run(call, caller, undefined)
    return response
  }

  /** Takes the client's response to a question. Ignores a response without an open question. */
  receiveInputResponse(message: JsonRpcResponse, caller: Caller): void {
    const received = this.#questions.receive(message)
    if (!received) return
    if ('inputResponses' in received) {
      if (received.inputResponses) void this.#run(received.call, caller, received.inputResponses)
      return
    }
    const { call, refusal } = received
    const text = `The client refused the input request: ${refusal.slice(0, 1000)}`
    if (call.method === 'tools/call') this.#finish(call, { result: { content: [{ type: 'text', text }], isError: true } }, undefined)
    else this.#fail(call, text)
  }

  /** Handles `notifications/cancelled`. Aborts the tool and sends no response. */
  cancel(id: unknown): void {
    const call = typeof id === 'string' || typeof id === 'number' ? this.#log.find(id) : undefined
    if (!call) return
    this.#running.get(call.id)?.abort()
    this.#log.end(call.id)
    this.#streams.cancel(call.stream, call.id)
  }

  /**
   * Stops the calls of an ended grant; undefined stands for callers without a token. A call with
   * open questions stays, because the bearer gate refuses the responses.
   */
  endGrant(grantId: string | undefined): void {
    for (const call of [...this.#log.running(), ...this.#log.awaitingRetry()]) {
      if (streamOwnerOf(call.caller).grantId === grantId) this.#stop(call, ACCESS_ENDED)
    }
  }

  /** Stops every call that runs or waits for a retry. */
  stopAll(reason: string): void {
    for (const call of [...this.#log.running(), ...this.#log.awaitingRetry()]) this.#stop(call, reason)
  }

  /** Stops calls not covered by the new scopes and tools of a grant. */
  async changeGrant(grantId: string, { scopes, tools }: Rights): Promise<void> {
    for (const call of this.#log.all()) {
      const { principal } = call.caller
      if (principal.kind !== 'granted' || principal.grantId !== grantId) continue
      const narrowed = { ...principal, scopes, tools: tools ?? undefined }
      const reason = reasonToStop(narrowed, call, calledTool(call, await this.#context.findSurface(call.caller)))
      if (reason !== undefined) this.#stop(call, reason)
    }
  }

  /** Ends calls with overdue questions. */
  expire(): void {
    for (const call of this.#questions.overdue()) this.#fail(call, 'The client did not send the requested input in time.')
  }

  /** Aborts all running calls at the end of the session. */
  end(): void {
    for (const controller of this.#running.values()) controller.abort()
  }

  /** Runs one round. Sends the call to the hosted server and relays notifications to the client. */
  async #run(stored: PendingCall, caller: Caller, inputResponses: Record<string, unknown> | undefined): Promise<void> {
    const call = { ...stored, caller: callOwnerOf(caller) }
    const cancel = new AbortController()
    this.#running.set(call.id, cancel)
    try {
      const builtIn = runBuiltInMethod(this.#record, call)
      if (builtIn) return this.#finish(call, builtIn, undefined)
      const parsed = parseParams(call.method, call.params)
      if ('error' in parsed) {
        const error = paramsError(call.method, parsed.error, this.#record.initialized?.offered)
        return this.#finish(call, { error }, undefined)
      }
      const { params } = parsed
      const session = this.#record.initialized
      if (!session) return
      const surface = await this.#context.findSurface(call.caller)
      const tool = calledTool(call, surface)
      const output = await answer(
        {
          id: newId(), // every round is a new request
          method: call.method,
          params: toModernParams(params, session, {
            ...(inputResponses ? { inputResponses } : {}),
            ...(call.requestState === undefined ? {} : { requestState: call.requestState }),
          }),
          paramHeaders: tool ? buildParamHeaders(tool.inputSchema, params['arguments']) : {},
        },
        { ...caller, surface, tool, signal: cancel.signal },
        this.#context.env,
        this.#context.ctx,
      )
      for await (const message of 'messages' in output ? output.messages : [output]) {
        if (cancel.signal.aborted) return
        if (!('method' in message)) return this.#settle(call, message, { tool, caller })
        const shown = isNotification(message) ? toLegacyNotification(message, this.#record.logLevel) : undefined
        if (shown) this.#streams.send(call.stream, shown)
      }
    } catch (error) {
      if (!cancel.signal.aborted) this.#failWithError(call, error)
    } finally {
      if (this.#running.get(call.id) === cancel) this.#running.delete(call.id)
    }
  }

  /** Ends the call, asks the client, or schedules a retry, depending on the result. */
  #settle(call: PendingCall, outcome: Outcome, { tool, caller }: { tool: ToolDefinition | undefined; caller: Caller }): void {
    if ('error' in outcome || outcome.result['resultType'] !== 'input_required') return this.#finish(call, outcome, tool)
    const question = parseInputRequired(outcome.result)
    if (!question || call.round >= MAX_ROUNDS) return this.#fail(call, `The server requested input more than ${MAX_ROUNDS} times.`)
    const next = { ...call, round: call.round + 1, requestState: question.requestState }
    if (Object.keys(question.inputRequests).length === 0) return this.#scheduleRetry(next, caller)
    this.#questions.ask(next, question)
    this.#context.scheduleAlarm()
  }

  /**
   * Handles a result with only a `requestState`. The client may close the stream until the retry
   * (2025-11-25).
   */
  #scheduleRetry(call: PendingCall, caller: Caller): void {
    this.#log.storeRetry(call)
    this.#streams.pause(call.stream)
    this.#retryLater(call.id, caller, Math.min(MAX_RETRY_DELAY_MS, RETRY_MS * 2 ** (call.round - 1)))
  }

  #retryLater(id: JsonRpcId, caller: Caller, delay: number): void {
    this.#retryTimers.add(id)
    setTimeout(() => {
      this.#retryTimers.delete(id)
      const call = this.#record.initialized && this.#log.startRetry(id)
      if (call) void this.#run(call, caller, undefined)
    }, delay)
  }

  #stop(call: PendingCall, message: string): void {
    this.#running.get(call.id)?.abort()
    this.#fail(call, message)
  }

  #fail(call: PendingCall, message: string): void {
    this.#finish(call, { error: { code: ErrorCode.internalError, message } }, undefined)
  }

  #finish(call: PendingCall, outcome: Outcome, tool: ToolDefinition | undefined): void {
    const session = this.#record.initialized
    if (!session || !this.#log.end(call.id)) return
    this.#streams.respond(call.stream, { jsonrpc: '2.0', id: call.id, ...toLegacyOutcome(call.method, outcome, tool, session.revision) })
  }

  /**
   * Ends a call with an error. A policy or limit error becomes the whole HTTP reply, with its
   * status and challenge, if nothing was sent before.
   */
  #failWithError(call: PendingCall, error: unknown): void {
    const known = error instanceof OAuthError || error instanceof McpError ? error : undefined
    if (!known) {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
      console.error(JSON.stringify({ event: 'session-call-failed', error: text }))
    }
    if (known && this.#streams.refuse(call.stream, known instanceof McpError ? known.withId(call.id) : known)) this.#log.end(call.id)
    else this.#fail(call, known?.message ?? 'The call failed.')
  }
}
