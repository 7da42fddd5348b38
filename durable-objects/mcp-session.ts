import { DurableObject } from 'cloudflare:workers'
import { answer } from '../hosting/answer.ts'
import type { HubEvent } from '../hosting/events.ts'
import { mayCall } from '../hosting/policy.ts'
import type { Caller } from '../hosting/source.ts'
import { ErrorCode, McpError } from '../protocol/mcp/errors.ts'
import { parseInputRequired, type InputRequired } from '../protocol/mcp/input-required.ts'
import {
  isNotification,
  isRequest,
  isResponse,
  type JsonRpcError,
  type JsonRpcId,
  type JsonRpcMessage,
  type JsonRpcNotification,
  type JsonRpcRequest,
  type JsonRpcResponse,
} from '../protocol/mcp/json-rpc.ts'
import {
  argumentError,
  initializeResult,
  isLogLevel,
  legacyCapabilities,
  negotiateRevision,
  toLegacyError,
  toLegacyNotification,
  toLegacyQuestion,
  toLegacyResult,
  toModernParams,
  type LegacyClient,
} from '../protocol/mcp/legacy.ts'
import { paramHeadersOf } from '../protocol/mcp/param-headers.ts'
import { LEGACY, MODERN_METHODS } from '../protocol/mcp/revisions.ts'
import { principalKey } from '../protocol/principal.ts'
import type { Rights } from '../protocol/oauth/consent-offer.ts'
import { OAuthError } from '../protocol/oauth/errors.ts'
import { newId } from '../protocol/random.ts'
import type { ToolDefinition } from '../protocol/surface.ts'
import { openStore } from '../store/index.ts'
import { findSurface } from '../store/versions.ts'
import { CallLog, type PendingCall } from './call-log.ts'
import { eventText, openConnection, type Connection, type Opener } from './connections.ts'
import { EventLog, type LoggedEvent } from './event-log.ts'
import { Reply } from './reply.ts'

/** Without a message or an open stream for so long, a session ends. */
const IDLE_MS = 30 * 60_000
/** How often that is written down anew. */
const IDLE_GRAIN_MS = 60_000
/** How long the user behind a client may take over a question. */
const QUESTION_MS = 10 * 60_000
const MAX_ROUNDS = 8
/** What a client is told to wait before it comes back for a stream that was closed (2025-11-25). */
const RETRY_MS = 500
/** The stream of what belongs to no call: one, whichever GET holds it. */
const STANDALONE = 'standalone'
const MAX_SUBSCRIBED = 1_000
/** Requests of one session that wait for their response: a question may wait for ten minutes. */
const MAX_PENDING = 100
/** The longest a hosted server that said to come back is left alone. */
const MAX_REST_MS = 5_000
/** How often the hub is told that the session is still there. */
const TOLD_MS = 10 * 60_000

/** What a session knows of its client, for as long as it lives. */
interface Initialized extends LegacyClient {
  /** The hub that knows this session, by the hosted server's id, and this object's own name. */
  serverId: string
  name: string
  /** The only one whose messages count. */
  principalKey: string
  /** Whom the hub counts it under. */
  countedAs: string
  grantId: string | undefined
}

/**
 * One MCP session (2025-03-26 to 2025-11-25). Named `{server id}:{session id}`: a session id from one server opens nothing at another. It turns each of its
 * client's requests into one of 2026-07-28, and what the hosted server answers back; everything an eviction could lose is in its SQLite first.
 */
export class McpSession extends DurableObject<Env> {
  #initialized: Initialized | undefined
  #logLevel: string | undefined
  readonly #events: EventLog
  readonly #calls: CallLog
  /** Calls running in this very object. */
  readonly #running = new Map<JsonRpcId, AbortController>()
  /** Open responses, by stream. */
  readonly #connections = new Map<string, Connection>()
  readonly #replies = new Map<string, Reply>()
  /** Resting calls that this very object will wake. */
  readonly #toWake = new Set<JsonRpcId>()
  #idleWritten = 0

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    this.#events = new EventLog(ctx.storage.sql)
    this.#calls = new CallLog(ctx.storage.sql)
    this.#initialized = ctx.storage.kv.get<Initialized>('initialized') // synchronous: no call sees a half-loaded session
    this.#logLevel = ctx.storage.kv.get<string>('logLevel')
    if (this.#initialized) this.#recover()
  }

  /** The first request of a session. Answers what `initialize` is answered with; undefined where the hosted server showed the probe nothing. */
  async initialize(
    request: JsonRpcRequest,
    caller: Caller,
    { name, countedAs }: Pick<Initialized, 'name' | 'countedAs'>,
  ): Promise<JsonRpcResponse> {
    const { id, params = {} } = request
    const surface = await this.#surface(caller)
    if (!surface) return { jsonrpc: '2.0', id, error: { code: ErrorCode.internalError, message: 'The server cannot be discovered.' } }
    const revision = negotiateRevision(params['protocolVersion'])
    this.#initialized = {
      revision,
      capabilities: recordOf(params['capabilities']),
      clientInfo: recordOf(params['clientInfo']),
      offered: legacyCapabilities(surface),
      serverId: caller.server.id,
      name,
      countedAs,
      principalKey: principalKey(caller.principal),
      grantId: openerOf(caller).grantId,
    }
    this.#events.create()
    this.#calls.create()
    this.ctx.storage.sql.exec('CREATE TABLE IF NOT EXISTS subscribed (uri TEXT PRIMARY KEY) WITHOUT ROWID')
    this.ctx.storage.kv.put('initialized', this.#initialized)
    this.ctx.storage.kv.put('toldAt', Date.now())
    this.#stayAlive()
    return { jsonrpc: '2.0', id, result: initializeResult(revision, surface) }
  }

  /** Messages of a POST, parsed, bounded, from the session's own principal. */
  async post(
    messages: JsonRpcMessage[],
    { batch, protocolVersion }: { batch: boolean; protocolVersion: string | undefined },
    caller: Caller,
  ): Promise<Response> {
    const session = this.#open(protocolVersion, caller)
    if (session instanceof Response) return session
    if (batch && session.revision !== '2025-03-26') return refusal(400, 'A body holds one message: batches ended with revision 2025-03-26.')
    this.#stayAlive()
    await this.#follow(session, caller)
    this.#wakeResting(caller)
    for (const message of messages) if (isResponse(message)) this.#takeAnswer(message, caller)
    for (const message of messages) if (!isRequest(message) && isNotification(message)) this.#takeNotification(message)

    const requests = messages.filter(isRequest)
    const calls = requests.map((request): PendingCall => ({
      id: request.id,
      stream: '',
      method: request.method,
      params: request.params ?? {},
      caller: { ...caller, revision: session.revision },
      round: 0,
      requestState: undefined,
    }))
    if (calls.length === 0) return new Response(null, { status: 202 })
    if (this.#calls.count() + calls.length > MAX_PENDING) {
      const message = `${MAX_PENDING} requests of this session wait for their response already.`
      return new McpError(429, ErrorCode.internalError, message, { id: calls[0]?.id, headers: { 'Retry-After': '5' } }).toResponse()
    }
    return this.#reply(calls, { batch, session, caller })
  }

  /** The stream of what belongs to no call, or any stream from where it was cut. The newest reader of a stream is the one it has. */
  async get(
    { lastEventId, protocolVersion }: { lastEventId: string | undefined; protocolVersion: string | undefined },
    caller: Caller,
  ): Promise<Response> {
    const session = this.#open(protocolVersion, caller)
    if (session instanceof Response) return session
    this.#stayAlive()
    await this.#follow(session, caller)
    this.#wakeResting(caller)
    if (lastEventId === undefined) {
      await this.#hear(session)
      return this.#connect(STANDALONE, this.#primer(session, STANDALONE), caller)
    }
    const resumed = this.#events.after(lastEventId)
    if (resumed === 'unknown') return refusal(400, 'Last-Event-ID names no event of this session.')
    if (resumed === 'lost') return refusal(404, 'What followed this Last-Event-ID is kept no longer. Initialize a new session.')
    const { stream, events } = resumed
    // nothing will ever come: this is how a reader of events is told not to come back
    if (events.length === 0 && stream !== STANDALONE && !this.#calls.streamIsOpen(stream)) return new Response(null, { status: 204 })
    return this.#connect(stream, events, caller)
  }

  /** Ends the session; its id is 404 from now on. */
  async delete({ protocolVersion }: { protocolVersion: string | undefined }, caller: Caller): Promise<Response> {
    const session = this.#open(protocolVersion, caller)
    if (session instanceof Response) return session
    await this.#end()
    await this.#leaveHub(session)
    return new Response(null, { status: 204 })
  }

  /** From the hub: something changed. False where the session has ended. */
  notify(event: HubEvent): boolean {
    if (!this.#initialized) return false
    if (event.type === 'resources/updated') {
      const { uri } = event
      const isSubscribed = this.ctx.storage.sql.exec('SELECT 1 FROM subscribed WHERE uri = ?', uri).toArray().length > 0
      if (isSubscribed) this.#send(STANDALONE, { jsonrpc: '2.0', method: 'notifications/resources/updated', params: { uri } })
    } else if (recordOf(this.#initialized.offered[event.type.slice(0, event.type.indexOf('/'))])['listChanged'] === true) {
      this.#send(STANDALONE, { jsonrpc: '2.0', method: `notifications/${event.type}` })
    }
    return true
  }

  /**
   * From the hub: this grant has ended, or (undefined) callers without a token are let in no more. What runs or rests for them stops and their streams close;
   * the session itself is behind the bearer gate.
   */
  shutOut(grantId: string | undefined): void {
    if (!this.#initialized) return
    for (const call of [...this.#calls.running(), ...this.#calls.resting()]) {
      if (openerOf(call.caller).grantId === grantId) this.#stop(call, 'The access behind this call has ended.')
    }
    this.#closeUnder((opened) => opened === grantId)
  }

  /** From the hub, which has forgotten it: the hosted server is gone. */
  async end(): Promise<void> {
    await this.#end()
  }

  /** From the hub: this grant covers other tools or scopes now. Its client lists anew, and a call of what was taken away stops, also one that was asking. */
  async changeGrant(grantId: string, rights: Rights): Promise<void> {
    if (!this.#initialized) return
    for (const call of this.#calls.all()) {
      const { principal } = call.caller
      if (call.method !== 'tools/call' || principal.kind !== 'granted' || principal.grantId !== grantId) continue
      const narrowed = { ...principal, scopes: rights.scopes, tools: rights.tools ?? undefined }
      if (!mayCall(narrowed, call, await this.#surface(call.caller)))
        this.#stop(call, 'Its user took this tool out of what the app may use.')
    }
    this.notify({ type: 'tools/list_changed' })
  }

  #stop(call: PendingCall, message: string): void {
    this.#running.get(call.id)?.abort()
    this.#finish(call, { error: { code: ErrorCode.internalError, message } }, undefined)
  }

  override async alarm(): Promise<void> {
    if (!this.#initialized) return
    for (const call of this.#calls.overdue(Date.now())) {
      this.#finish(
        call,
        { error: { code: ErrorCode.internalError, message: 'The client did not answer the question in time.' } },
        undefined,
      )
    }
    const busy = this.#connections.size > 0 || this.#running.size > 0
    const idleSince = this.ctx.storage.kv.get<number>('activeAt') ?? 0
    if (!busy && Date.now() - idleSince >= IDLE_MS) {
      const session = this.#initialized
      await this.#end()
      return this.#leaveHub(session)
    }
    if (busy) {
      this.ctx.storage.kv.put('activeAt', Date.now())
      await this.#tellHub(this.#initialized)
    }
    this.#schedule()
  }

  // Life and death of a session

  #open(protocolVersion: string | undefined, { principal }: Caller): Initialized | Response {
    // the Worker has judged the principal by the id; it is judged here by what the session knows
    if (this.#initialized?.principalKey !== principalKey(principal)) return refusal(404, 'This session has ended. Initialize a new one.')
    if (protocolVersion !== undefined && protocolVersion !== this.#initialized.revision) {
      return refusal(400, `This session speaks ${this.#initialized.revision}, not what MCP-Protocol-Version says.`)
    }
    return this.#initialized
  }

  #stayAlive(): void {
    const now = Date.now()
    if (now - this.#idleWritten < IDLE_GRAIN_MS) return
    this.#idleWritten = now
    this.ctx.storage.kv.put('activeAt', now)
    this.#schedule()
  }

  #schedule(): void {
    const idle = (this.ctx.storage.kv.get<number>('activeAt') ?? Date.now()) + IDLE_MS
    void this.ctx.storage.setAlarm(Math.max(Date.now() + 1_000, Math.min(idle, this.#calls.nextDeadline() ?? idle)))
  }

  /** A client that stepped up goes on in its session under another grant; streams of the one before would not end with it. */
  async #follow(session: Initialized, caller: Caller): Promise<void> {
    const { grantId } = openerOf(caller)
    const { kv } = this.ctx.storage
    if (grantId === session.grantId && Date.now() - (kv.get<number>('toldAt') ?? 0) < TOLD_MS) return
    if (grantId !== session.grantId) {
      session.grantId = grantId
      kv.put('initialized', session)
      this.#closeUnder((opened) => opened !== grantId)
    }
    await this.#tellHub(session)
  }

  /** From its first GET on a session is told of changes, also while its client is away: it comes back for them. */
  async #hear(session: Initialized): Promise<void> {
    if (this.ctx.storage.kv.get('hasStandalone')) return
    this.ctx.storage.kv.put('hasStandalone', true)
    await this.#tellHub(session)
  }

  async #tellHub({ serverId, name, countedAs, grantId }: Initialized): Promise<void> {
    const { kv } = this.ctx.storage
    kv.put('toldAt', Date.now())
    const hears = kv.get('hasStandalone') === true
    await this.env.SUBSCRIPTION_HUB.getByName(serverId).follow(name, { principalKey: countedAs, grantId, hears })
  }

  #closeUnder(ended: (grantId: string | undefined) => boolean): void {
    for (const connection of this.#connections.values()) if (ended(connection.grantId)) connection.close()
  }

  async #end(): Promise<void> {
    this.#initialized = undefined
    for (const controller of this.#running.values()) controller.abort()
    for (const connection of this.#connections.values()) connection.close()
    for (const reply of this.#replies.values()) reply.abandon()
    await this.ctx.storage.deleteAlarm()
    await this.ctx.storage.deleteAll()
  }

  async #leaveHub({ serverId, name }: Initialized): Promise<void> {
    await this.env.SUBSCRIPTION_HUB.getByName(serverId).detach(name)
  }

  /** After an eviction or crash: a call that was asking goes on asking; one that was running may have run, so it is not run again. */
  #recover(): void {
    for (const call of this.#calls.running()) {
      this.#finish(call, { error: { code: ErrorCode.internalError, message: 'The call was interrupted; it may have run.' } }, undefined)
    }
  }

  #surface({ server, version }: Pick<Caller, 'server' | 'version'>) {
    return findSurface(openStore(this.env), { tenantId: server.tenantId, versionId: version.id })
  }

  // Requests

  /** Runs the requests of one POST. What is answered soon and alone is plain JSON; everything else a stream that outlives its connection. */
  async #reply(
    calls: PendingCall[],
    { batch, session, caller }: { batch: boolean; session: Initialized; caller: Caller },
  ): Promise<Response> {
    const stream = `s${newId()
      .toLowerCase()
      .replaceAll(/[^a-z0-9]/g, '')}`
    for (const call of calls) call.stream = stream
    const started: PendingCall[] = []
    for (const call of calls) {
      if (this.#calls.begin(call)) started.push(call)
      else {
        for (const { id } of started) this.#calls.end(id)
        return refusal(400, `A request with the id ${JSON.stringify(call.id)} is under way already.`, call.id)
      }
    }
    const reply = new Reply(
      calls.map(({ id }) => id),
      {
        batch,
        open: (taken) =>
          this.#connect(
            stream,
            [...this.#primer(session, stream), ...taken.map((response) => this.#events.append(stream, response))],
            caller,
          ),
      },
    )
    this.#replies.set(stream, reply)
    for (const call of calls) void this.#run(call, undefined)
    const response = await reply.response()
    this.#replies.delete(stream)
    return response
  }

  /** One round of a call: asks the hosted server, passes on what comes, and ends the call or has it wait for its client. */
  async #run(call: PendingCall, inputResponses: Record<string, unknown> | undefined): Promise<void> {
    const cancel = new AbortController()
    this.#running.set(call.id, cancel)
    let tool: ToolDefinition | undefined
    try {
      const local = this.#answerHere(call)
      if (local) return this.#finish(call, local, undefined)
      const session = this.#initialized
      if (!session) return
      const surface = await this.#surface(call.caller)
      tool = call.method === 'tools/call' ? surface?.tools.find(({ name }) => name === call.params['name']) : undefined
      const given = await answer(
        {
          id: newId(), // each round is a request of its own
          method: call.method,
          params: toModernParams(call.params, session, {
            ...(inputResponses ? { inputResponses } : {}),
            ...(call.requestState === undefined ? {} : { requestState: call.requestState }),
          }),
          paramHeaders: tool ? paramHeadersOf(tool.inputSchema, call.params['arguments']) : {},
        },
        { ...call.caller, signal: cancel.signal },
        this.env,
        this.ctx,
      )
      if (!('messages' in given)) return await this.#settle(call, given, tool, cancel.signal)
      for await (const message of given.messages) {
        if (cancel.signal.aborted) return
        if (isResponse(message)) return await this.#settle(call, message, tool, cancel.signal)
        if (isNotification(message)) {
          const shown = toLegacyNotification(message, this.#logLevel)
          if (shown) this.#send(call.stream, shown)
        }
      }
    } catch (error) {
      if (!cancel.signal.aborted) this.#fail(call, error)
    } finally {
      if (this.#running.get(call.id) === cancel) this.#running.delete(call.id)
    }
  }

  /** What the platform answers itself: a session's own matters, and what only another revision has. */
  #answerHere({ method, params }: PendingCall): { result: Record<string, unknown> } | { error: JsonRpcError } | undefined {
    const { sql, kv } = this.ctx.storage
    const { offered = {} } = this.#initialized ?? {}
    if (method === 'logging/setLevel' && offered['logging'] === undefined) return methodNotFound(method)
    if (/^resources\/(?:un)?subscribe$/.test(method) && recordOf(offered['resources'])['subscribe'] !== true) return methodNotFound(method)
    switch (method) {
      case 'ping':
        return { result: {} }
      case 'initialize':
        return { error: { code: ErrorCode.invalidRequest, message: 'This session is initialized already.' } }
      case 'logging/setLevel':
        if (!isLogLevel(params['level'])) return { error: { code: ErrorCode.invalidParams, message: 'level is not a log level.' } }
        this.#logLevel = params['level']
        kv.put('logLevel', params['level'])
        return { result: {} }
      case 'resources/subscribe':
      case 'resources/unsubscribe': {
        const { uri } = params
        if (typeof uri !== 'string' || uri.length > 2048 || !URL.canParse(uri))
          return { error: { code: ErrorCode.invalidParams, message: 'uri is not a URI.' } }
        if (method === 'resources/unsubscribe') sql.exec('DELETE FROM subscribed WHERE uri = ?', uri)
        else {
          const { n } = sql.exec<{ n: number }>('SELECT count(*) AS n FROM subscribed').one()
          if (n >= MAX_SUBSCRIBED)
            return { error: { code: ErrorCode.invalidParams, message: `A session subscribes to at most ${MAX_SUBSCRIBED} resources.` } }
          sql.exec('INSERT INTO subscribed (uri) VALUES (?) ON CONFLICT DO NOTHING', uri)
        }
        return { result: {} }
      }
      case 'server/discover':
      case 'subscriptions/listen':
        return methodNotFound(method)
      default:
        return MODERN_METHODS.has(method) ? undefined : methodNotFound(method)
    }
  }

  /** The hosted server's answer: the end of the call, or a question to the client. */
  async #settle(
    call: PendingCall,
    given: { result: Record<string, unknown> } | { error: JsonRpcError },
    tool: ToolDefinition | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    if (signal.aborted) return
    if ('error' in given || given.result['resultType'] !== 'input_required') return this.#finish(call, given, tool)
    const question = parseInputRequired(given.result)
    if (!question || call.round >= MAX_ROUNDS) {
      return this.#finish(
        call,
        { error: { code: ErrorCode.internalError, message: `The server asked more than ${MAX_ROUNDS} times.` } },
        tool,
      )
    }
    const next = { ...call, round: call.round + 1, requestState: question.requestState }
    if (Object.keys(question.inputRequests).length > 0) this.#ask(next, question)
    else this.#rest(next)
  }

  #ask(call: PendingCall, { inputRequests }: InputRequired): void {
    const session = this.#initialized
    if (!session) return
    const ids = this.#calls.ask(call, Object.keys(inputRequests), Date.now() + QUESTION_MS)
    this.#schedule()
    for (const [name, request] of Object.entries(inputRequests)) {
      const id = ids.get(name)
      if (id === undefined) continue
      this.#send(call.stream, { jsonrpc: '2.0', id, method: request.method, params: toLegacyQuestion(request, session.revision, newId()) })
    }
  }

  /** The server has only a state to see again: its client may wait elsewhere (2025-11-25), and we ask again a little later. */
  #rest(call: PendingCall): void {
    this.#calls.rest(call)
    if (this.#initialized && this.#primes(this.#initialized)) {
      this.#replies.get(call.stream)?.open()
      this.#connections.get(call.stream)?.close()
    }
    this.#wakeLater(call.id, call.caller, Math.min(MAX_REST_MS, RETRY_MS * 2 ** (call.round - 1)))
  }

  #wakeLater(id: JsonRpcId, caller: Caller, delay: number): void {
    this.#toWake.add(id)
    setTimeout(() => {
      this.#toWake.delete(id)
      const call = this.#initialized && this.#calls.wake(id)
      if (call) void this.#run({ ...call, caller }, undefined)
    }, delay)
  }

  /** Calls that rested when the object went are woken by whatever their client sends next. */
  #wakeResting(caller: Caller): void {
    if (!this.#initialized) return
    const { revision } = this.#initialized
    for (const { id } of this.#calls.resting()) if (!this.#toWake.has(id)) this.#wakeLater(id, { ...caller, revision }, 0)
  }

  /** The end of a call: its response is on disk before it leaves, unless it leaves at once. */
  #finish(call: PendingCall, given: { result: Record<string, unknown> } | { error: JsonRpcError }, tool: ToolDefinition | undefined): void {
    if (!this.#calls.end(call.id)) return
    const response: JsonRpcResponse = { jsonrpc: '2.0', id: call.id, ...this.#present(call, given, tool) }
    if (this.#replies.get(call.stream)?.take(response)) return
    this.#send(call.stream, response)
    if (!this.#calls.streamIsOpen(call.stream)) this.#connections.get(call.stream)?.close()
  }

  #present(
    { method, params }: PendingCall,
    given: { result: Record<string, unknown> } | { error: JsonRpcError },
    tool: ToolDefinition | undefined,
  ) {
    const revision = this.#initialized?.revision ?? LEGACY[0]
    if ('result' in given) {
      const misfit = argumentError(given.result, params['arguments'], tool, revision)
      return misfit ? { error: misfit } : { result: toLegacyResult(method, given.result, tool, revision) }
    }
    if (method === 'tools/call' && given.error.code === ErrorCode.missingClientCapability) {
      return { result: { content: [{ type: 'text', text: given.error.message }], isError: true } }
    }
    return { error: toLegacyError(method, given.error) }
  }

  /** What policy or a limit refused keeps its HTTP status and challenge where the POST has nothing else to say. */
  #fail(call: PendingCall, error: unknown): void {
    const known = error instanceof OAuthError || error instanceof McpError ? error : undefined
    if (!known)
      console.error(
        JSON.stringify({ event: 'session-call-failed', error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
      )
    const reply = this.#replies.get(call.stream)
    if (known && reply?.refuse(known)) {
      this.#calls.end(call.id)
      return
    }
    this.#finish(call, { error: { code: ErrorCode.internalError, message: known?.message ?? 'The call failed.' } }, undefined)
  }

  // Answers and notifications of the client

  #takeAnswer(message: JsonRpcResponse, caller: Caller): void {
    if ('error' in message) {
      const call = this.#calls.findByAsk(message.id)
      if (!call) return
      const text = `The client refused the question: ${message.error.message.slice(0, 1000)}`
      const asTool = call.method === 'tools/call'
      this.#finish(
        call,
        asTool
          ? { result: { content: [{ type: 'text', text }], isError: true } }
          : { error: { code: ErrorCode.internalError, message: text } },
        undefined,
      )
      return
    }
    const answered = this.#calls.answer(message.id, message.result)
    if (!answered?.inputResponses || !this.#initialized) return
    const call = { ...answered.call, caller: { ...caller, revision: this.#initialized.revision } }
    void this.#run(call, answered.inputResponses)
  }

  #takeNotification({ method, params }: JsonRpcNotification): void {
    if (method !== 'notifications/cancelled') return
    const id = params?.['requestId']
    const call = typeof id === 'string' || typeof id === 'number' ? this.#calls.find(id) : undefined
    if (!call) return
    this.#running.get(call.id)?.abort()
    this.#calls.end(call.id)
    this.#replies.get(call.stream)?.cancel(call.id)
    if (!this.#calls.streamIsOpen(call.stream)) this.#connections.get(call.stream)?.close()
  }

  // Streams

  /** Whether streams begin with an event that gives them an id: older clients choke on its empty data. */
  #primes({ revision }: Initialized): boolean {
    return revision === '2025-11-25'
  }

  #primer(session: Initialized, stream: string): LoggedEvent[] {
    return this.#primes(session) ? [this.#events.append(stream, undefined)] : []
  }

  /** Logs a message, and sends it where somebody reads. What nobody could ever come back for is not kept. */
  #send(stream: string, message: JsonRpcMessage): void {
    if (stream === STANDALONE && !this.#connections.has(stream) && !this.ctx.storage.kv.get('hasStandalone')) return
    this.#replies.get(stream)?.open()
    const event = this.#events.append(stream, message)
    this.#connections.get(stream)?.send(eventText(event))
  }

  #connect(stream: string, events: LoggedEvent[], caller: Caller): Response {
    this.#connections.get(stream)?.close()
    const connection = openConnection(openerOf(caller), {
      onGone: () => {
        if (this.#connections.get(stream) === connection) this.#connections.delete(stream)
      },
    })
    this.#connections.set(stream, connection)
    for (const event of events) connection.send(eventText(event, event.data === '' ? RETRY_MS : undefined))
    if (stream !== STANDALONE && !this.#calls.streamIsOpen(stream)) connection.close()
    return connection.response
  }
}

/** A refusal that concerns no call: 400 for what is malformed, 404 for a session that is no more. */
function refusal(status: number, message: string, id?: JsonRpcId): Response {
  return new McpError(status, ErrorCode.invalidRequest, message, { id }).toResponse()
}

function methodNotFound(method: string): { error: JsonRpcError } {
  return { error: { code: ErrorCode.methodNotFound, message: `Method not found: ${method.slice(0, 100)}` } }
}

function openerOf({ principal }: Caller): Opener {
  return principal.kind === 'granted' ? principal : { grantId: undefined, expiresAt: undefined }
}

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {}
}
