import { DurableObject } from 'cloudflare:workers'
import type { HubEvent } from '../../hosting/events.ts'
import type { Caller } from '../../hosting/sources/source.ts'
import { ErrorCode } from '../../protocol/mcp/errors.ts'
import {
  isNotification,
  isRequest,
  isResponse,
  type JsonRpcMessage,
  type JsonRpcRequest,
  type JsonRpcResponse,
} from '../../protocol/mcp/json-rpc.ts'
import { initializeResult, legacyCapabilities, negotiateRevision } from '../../protocol/mcp/legacy.ts'
import type { Rights } from '../../protocol/oauth/consent-offer.ts'
import { principalKey } from '../../protocol/principal.ts'
import { openStore } from '../../store/index.ts'
import { findSurface } from '../../store/servers/versions.ts'
import { CallLog } from './call-log.ts'
import { openerOf } from './connections.ts'
import { offers } from './own-requests.ts'
import { SessionCalls } from './calls.ts'
import { SessionRecord, type Initialized } from './record.ts'
import { refusal, SessionStreams } from './streams.ts'
import { isRecord } from '../../protocol/record.ts'

/** What each request of a session says of itself, beside its messages. */
interface Said {
  protocolVersion: string | undefined
}

/**
 * One MCP session (2025-03-26 to 2025-11-25). Named `{server id}:{session id}`: a session id from one server opens nothing at another. It turns each of its
 * client's requests into one of 2026-07-28, and what the hosted server answers back; everything an eviction could lose is in its SQLite first. Here is who may
 * speak in it and how long it lives; what it knows, {@link SessionCalls its calls} and {@link SessionStreams its streams} are each their own.
 */
export class McpSession extends DurableObject<Env> {
  readonly #record: SessionRecord
  readonly #log: CallLog
  readonly #streams: SessionStreams
  readonly #calls: SessionCalls

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    this.#record = new SessionRecord(ctx.storage)
    this.#log = new CallLog(ctx.storage.sql)
    this.#streams = new SessionStreams(ctx.storage.sql, this.#record, this.#log)
    this.#calls = new SessionCalls({
      log: this.#log,
      record: this.#record,
      streams: this.#streams,
      findSurface: (caller) => this.#surface(caller),
      schedule: () => this.#schedule(),
      env,
      ctx,
    })
    if (this.#record.initialized) this.#calls.recover()
  }

  /** The first request of a session. Answers what `initialize` is answered with; undefined where the hosted server showed the probe nothing. */
  async initialize(
    { id, params = {} }: JsonRpcRequest,
    caller: Caller,
    { name, countedAs }: Pick<Initialized, 'name' | 'countedAs'>,
  ): Promise<JsonRpcResponse> {
    const surface = await this.#surface(caller)
    if (!surface) return { jsonrpc: '2.0', id, error: { code: ErrorCode.internalError, message: 'The server cannot be discovered.' } }
    const revision = negotiateRevision(params['protocolVersion'])
    this.#record.create({
      revision,
      capabilities: recordOf(params['capabilities']),
      clientInfo: recordOf(params['clientInfo']),
      offered: legacyCapabilities(surface),
      serverId: caller.server.id,
      name,
      countedAs,
      principalKey: principalKey(caller.principal),
      grantId: openerOf(caller).grantId,
    })
    this.#streams.create()
    this.#log.create()
    this.#stayAlive()
    return { jsonrpc: '2.0', id, result: initializeResult(revision, surface) }
  }

  /** Messages of a POST, parsed, bounded, from the session's own principal. */
  async post(messages: JsonRpcMessage[], { batch, ...said }: Said & { batch: boolean }, caller: Caller): Promise<Response> {
    const session = this.#open(said, caller)
    if (session instanceof Response) return session
    if (batch && session.revision !== '2025-03-26') return refusal(400, 'A body holds one message: batches ended with revision 2025-03-26.')
    const own = { ...caller, revision: session.revision }
    if (!(await this.#enter(session, own))) return ended()
    for (const message of messages) if (isResponse(message)) this.#calls.takeAnswer(message, own)
    for (const message of messages) {
      if (isNotification(message) && message.method === 'notifications/cancelled') this.#calls.cancel(message.params?.['requestId'])
    }
    const requests = messages.filter(isRequest)
    return requests.length === 0 ? new Response(null, { status: 202 }) : this.#calls.start(requests, { batch, caller: own })
  }

  /** The stream of what belongs to no call, or any stream from where it was cut. The newest reader of a stream is the one it has. */
  async get({ lastEventId, ...said }: Said & { lastEventId: string | undefined }, caller: Caller): Promise<Response> {
    const session = this.#open(said, caller)
    if (session instanceof Response) return session
    if (!(await this.#enter(session, { ...caller, revision: session.revision }))) return ended()
    if (lastEventId !== undefined) return this.#streams.resume(lastEventId, openerOf(caller))
    if (!this.#record.hears) {
      this.#record.hear()
      await this.#tellHub(session)
      if (!this.#record.initialized) return ended()
    }
    return this.#streams.listen(openerOf(caller))
  }

  /** Ends the session; its id is 404 from now on. */
  async delete(said: Said, caller: Caller): Promise<Response> {
    const session = this.#open(said, caller)
    if (session instanceof Response) return session
    await this.#end()
    await this.#leaveHub(session)
    return new Response(null, { status: 204 })
  }

  /** From the hub: something changed. False where the session has ended. */
  notify(event: HubEvent): boolean {
    const session = this.#record.initialized
    if (!session) return false
    if (event.type === 'resources/updated') {
      const { uri } = event
      if (this.#record.isSubscribed(uri)) this.#streams.tell({ jsonrpc: '2.0', method: 'notifications/resources/updated', params: { uri } })
    } else if (offers(session.offered, event.type.slice(0, event.type.indexOf('/')), 'listChanged')) {
      this.#streams.tell({ jsonrpc: '2.0', method: `notifications/${event.type}` })
    }
    return true
  }

  /**
   * From the hub: this grant has ended, or (undefined) callers without a token are let in no more. What runs or rests for them stops and their streams close;
   * the session itself is behind the bearer gate.
   */
  shutOut(grantId: string | undefined): void {
    if (!this.#record.initialized) return
    this.#calls.shutOut(grantId)
    this.#streams.closeUnder((opened) => opened === grantId)
  }

  /** From the hub, which has forgotten it: the hosted server is gone. */
  async end(): Promise<void> {
    await this.#end()
  }

  /** From the hub: this grant covers other tools or scopes now. Its client lists anew. */
  async changeGrant(grantId: string, rights: Rights): Promise<void> {
    if (!this.#record.initialized) return
    await this.#calls.narrow(grantId, rights)
    this.notify({ type: 'tools/list_changed' })
  }

  override async alarm(): Promise<void> {
    const session = this.#record.initialized
    if (!session) return
    this.#calls.expire()
    const isBusy = this.#streams.isRead || this.#calls.areRunning
    if (!isBusy && Date.now() >= this.#record.idleUntil) {
      await this.#end()
      return this.#leaveHub(session)
    }
    if (isBusy) {
      this.#record.stayActive()
      await this.#tellHub(session)
    }
    this.#schedule()
  }

  // Who may speak

  #open({ protocolVersion }: Said, { principal }: Caller): Initialized | Response {
    const session = this.#record.initialized
    // the Worker has judged the principal by the id; it is judged here by what the session knows
    if (session?.principalKey !== principalKey(principal)) return ended()
    if (protocolVersion !== undefined && protocolVersion !== session.revision) {
      return refusal(400, `This session speaks ${session.revision}, not what MCP-Protocol-Version says.`)
    }
    return session
  }

  /** Something came of the session's own client. False where the session has ended meanwhile. */
  async #enter(session: Initialized, caller: Caller): Promise<boolean> {
    this.#stayAlive()
    await this.#follow(session, openerOf(caller).grantId)
    if (!this.#record.initialized) return false
    this.#calls.wakeResting(caller)
    return true
  }

  /** A client that stepped up goes on in its session under another grant; streams of the one before would not end with it. */
  async #follow(session: Initialized, grantId: string | undefined): Promise<void> {
    if (grantId !== session.grantId) {
      this.#record.moveTo(grantId)
      this.#streams.closeUnder((opened) => opened !== grantId)
    } else if (!this.#record.isUntold) return
    await this.#tellHub(session)
  }

  // How long it lives

  #stayAlive(): void {
    if (this.#record.touch()) this.#schedule()
  }

  #schedule(): void {
    const { idleUntil } = this.#record
    void this.ctx.storage.setAlarm(Math.max(Date.now() + 1_000, Math.min(idleUntil, this.#log.nextDeadline() ?? idleUntil)))
  }

  async #end(): Promise<void> {
    const waiting = this.#record.initialized ? this.#log.waiting() : []
    const deleted = this.#record.delete() // before all else: whatever ends now finds no session to go on in
    this.#calls.end()
    this.#streams.end(waiting)
    await deleted
  }

  async #tellHub({ serverId, name, countedAs, grantId }: Initialized): Promise<void> {
    this.#record.told()
    await this.env.SUBSCRIPTION_HUB.getByName(serverId).follow(name, { principalKey: countedAs, grantId, hears: this.#record.hears })
  }

  async #leaveHub({ serverId, name }: Initialized): Promise<void> {
    await this.env.SUBSCRIPTION_HUB.getByName(serverId).detach(name)
  }

  #surface({ server, version }: Pick<Caller, 'server' | 'version'>) {
    return findSurface(openStore(this.env), { tenantId: server.tenantId, versionId: version.id })
  }
}

function ended(): Response {
  return refusal(404, 'This session has ended. Initialize a new one.')
}

function recordOf(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {}
}
