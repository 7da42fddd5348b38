import { DurableObject } from 'cloudflare:workers'
import type { HubEvent } from '../../hosting/events.ts'
import type { Caller } from '../../hosting/sources/source.ts'
import { hasCapability } from '../../protocol/mcp/capabilities.ts'
import { ErrorCode } from '../../protocol/mcp/errors.ts'
import {
  isNotification,
  isRequest,
  isResponse,
  onlyIdOf,
  type JsonRpcId,
  type JsonRpcMessage,
  type JsonRpcRequest,
  type JsonRpcResponse,
} from '../../protocol/mcp/json-rpc.ts'
import { batchFault, negotiateRevision } from '../../protocol/mcp/revisions/served.ts'
import { initializeResult, legacyCapabilities } from '../../protocol/mcp/revisions/to-legacy.ts'
import { sessionEnded } from '../../protocol/mcp/session-id.ts'
import type { Rights } from '../../protocol/oauth/consent-offer.ts'
import { principalKey } from '../../protocol/principal.ts'
import { isRecord } from '../../protocol/record.ts'
import { openStore, type Store } from '../../store/index.ts'
import { findSurface } from '../../store/servers/versions.ts'
import { SuspensionWatch } from '../suspension-watch.ts'
import { CallLog, callOwnerOf } from './call-log.ts'
import { streamOwnerOf } from './connections.ts'
import { SessionCalls } from './calls.ts'
import { SessionLifetime } from './lifetime.ts'
import { SessionRecord, type Initialized } from './record.ts'
import { refusal, SessionStreams } from './streams.ts'

/**
 * One MCP session (2025-03-26 to 2025-11-25). The name is `{server id}:{session id}`, so a session
 * id is unknown at other servers. The session turns requests of its client into requests of
 * 2026-07-28, and results back. State is stored in SQLite before each step, because an eviction
 * loses the memory. This class checks requests and ends the session. {@link SessionCalls} runs the
 * calls, {@link SessionStreams} sends the messages.
 */
export class McpSession extends DurableObject<Env> {
  readonly #store: Store
  readonly #record: SessionRecord
  readonly #lifetime: SessionLifetime
  readonly #log: CallLog
  readonly #streams: SessionStreams
  readonly #calls: SessionCalls
  readonly #suspension: SuspensionWatch

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    this.#store = openStore(env)
    this.#record = new SessionRecord(ctx.storage)
    this.#lifetime = new SessionLifetime(ctx.storage.kv)
    this.#log = new CallLog(ctx.storage.sql)
    this.#streams = new SessionStreams(ctx.storage.sql, this.#record, this.#log)
    this.#calls = new SessionCalls({
      log: this.#log,
      record: this.#record,
      streams: this.#streams,
      findSurface: (version) => findSurface(this.#store, version),
      scheduleAlarm: () => this.#scheduleAlarm(),
      env,
      ctx,
    })
    this.#suspension = new SuspensionWatch(this.#store, {
      isNeeded: () => this.#streams.hasReaders || this.#calls.hasPending,
      onSuspended: (text) => {
        this.#calls.stopAll(text)
        this.#streams.closeByGrant(() => true)
      },
    })
    if (this.#record.initialized) this.#calls.recover()
  }

  /** Handles `initialize`. Returns an error if the version has no stored capabilities. */
  async initialize(
    { id, params = {} }: JsonRpcRequest,
    caller: Caller,
    { name, countedAs }: Pick<Initialized, 'name' | 'countedAs'>,
  ): Promise<JsonRpcResponse> {
    const surface = await findSurface(this.#store, callOwnerOf(caller))
    if (!surface)
      return {
        jsonrpc: '2.0',
        id,
        error: { code: ErrorCode.internalError, message: 'The capabilities of this server version are unknown.' },
      }
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
      grantId: streamOwnerOf(caller).grantId,
    })
    this.#lifetime.markHubRefreshed() // the Worker attaches the session before `initialize`
    this.#streams.create()
    this.#log.create()
    this.#touch()
    return { jsonrpc: '2.0', id, result: initializeResult(revision, surface) }
  }

  /** Handles the messages of a POST, parsed and limited in size by the Worker. */
  async post(messages: JsonRpcMessage[], { batch }: { batch: boolean }, caller: Caller): Promise<Response> {
    const id = onlyIdOf(messages)
    const session = this.#checkRequest(caller, id)
    if (session instanceof Response) return session
    const fault = postFault(messages, { batch, session })
    if (fault !== undefined) return refusal(400, fault, id)
    const own = { ...caller, revision: session.revision }
    if (!(await this.#beginRequest(session, own))) return sessionEnded(id).toResponse()
    for (const message of messages) if (isResponse(message)) this.#calls.receiveInputResponse(message, own)
    for (const message of messages) {
      if (isNotification(message) && message.method === 'notifications/cancelled') this.#calls.cancel(message.params?.['requestId'])
    }
    const requests = messages.filter(isRequest)
    return requests.length === 0 ? new Response(null, { status: 202 }) : this.#calls.start(requests, { batch, caller: own })
  }

  /**
   * Opens the standalone stream, or resumes any stream after `lastEventId`. A new reader replaces
   * the previous reader of the stream.
   */
  async get({ lastEventId }: { lastEventId: string | undefined }, caller: Caller): Promise<Response> {
    const session = this.#checkRequest(caller)
    if (session instanceof Response) return session
    if (!(await this.#beginRequest(session, { ...caller, revision: session.revision }))) return sessionEnded().toResponse()
    if (lastEventId !== undefined) return this.#streams.resume(lastEventId, streamOwnerOf(caller))
    if (!this.#record.wantsNotifications) {
      this.#record.enableNotifications()
      await this.#refreshHub(session)
      if (!this.#record.initialized) return sessionEnded().toResponse()
    }
    return this.#streams.listen(streamOwnerOf(caller))
  }

  /** Ends the session. Later requests get 404. */
  async delete(caller: Caller): Promise<Response> {
    const session = this.#checkRequest(caller)
    if (session instanceof Response) return session
    await this.#end()
    await this.#detachFromHub(session)
    return new Response(null, { status: 204 })
  }

  /** Called by the hub after changes. Returns false if the session has ended. */
  notifyAll(events: HubEvent[]): boolean {
    return events.every((event) => this.#notify(event))
  }

  #notify(event: HubEvent): boolean {
    const session = this.#record.initialized
    if (!session) return false
    if (event.type === 'resources/updated') {
      const { uri } = event
      if (this.#record.isSubscribed(uri))
        this.#streams.notify({ jsonrpc: '2.0', method: 'notifications/resources/updated', params: { uri } })
    } else if (hasCapability(session.offered, event.type.slice(0, event.type.indexOf('/')), 'listChanged')) {
      this.#streams.notify({ jsonrpc: '2.0', method: `notifications/${event.type}` })
    }
    return true
  }

  /**
   * Called by the hub after the end of a grant; undefined stands for callers without a token. Stops
   * the calls and closes the streams of that grant. The session stays, because the bearer gate
   * checks every request.
   */
  endGrant(grantId: string | undefined): void {
    if (!this.#record.initialized) return
    this.#calls.endGrant(grantId)
    this.#streams.closeByGrant((opened) => opened === grantId)
  }

  /**
   * Time of the last activity, in milliseconds since the epoch. Undefined before `initialize` and
   * after the end.
   */
  activeAt(): number | undefined {
    if (!this.#record.initialized) return undefined
    return this.#streams.hasReaders || this.#calls.hasRunning ? Date.now() : this.#lifetime.activeAt
  }

  /** Called by the hub, when the hosted server was deleted or a newer session takes the place. */
  async end(): Promise<void> {
    await this.#end()
  }

  /** Called by the hub after scopes or tools of a grant have changed. */
  async changeGrant(grantId: string, rights: Rights): Promise<void> {
    if (!this.#record.initialized) return
    await this.#calls.changeGrant(grantId, rights)
    this.#notify({ type: 'tools/list_changed' })
  }

  override async alarm(): Promise<void> {
    const session = this.#record.initialized
    if (!session) return
    this.#calls.expire()
    const isBusy = this.#streams.hasReaders || this.#calls.hasRunning
    if (!isBusy && Date.now() >= this.#lifetime.idleUntil) {
      await this.#end()
      return this.#detachFromHub(session)
    }
    if (isBusy) {
      this.#lifetime.markActive()
      await this.#refreshHub(session)
    }
    this.#scheduleAlarm()
  }

  #checkRequest({ principal }: Caller, id?: JsonRpcId): Initialized | Response {
    const session = this.#record.initialized
    // the Worker has checked the principal by the session id; the stored principal is checked here
    if (session?.principalKey !== principalKey(principal)) return sessionEnded(id).toResponse()
    return session
  }

  /** Extends the session's life for a request. Returns false if the session has ended meanwhile. */
  async #beginRequest(session: Initialized, caller: Caller): Promise<boolean> {
    this.#touch()
    this.#suspension.start(caller.server.tenantId)
    await this.#adoptGrant(session, streamOwnerOf(caller).grantId)
    if (!this.#record.initialized) return false
    this.#calls.resumeRetries(caller)
    return true
  }

  /**
   * Moves the session to the grant of a step-up. Closes streams of the previous grant, because the
   * hub would no longer close the streams.
   */
  async #adoptGrant(session: Initialized, grantId: string | undefined): Promise<void> {
    if (grantId !== session.grantId) {
      this.#record.setGrant(grantId)
      this.#streams.closeByGrant((opened) => opened !== grantId)
    } else if (!this.#lifetime.needsHubRefresh) return
    await this.#refreshHub(session)
  }

  #touch(): void {
    if (this.#lifetime.touch()) this.#scheduleAlarm()
  }

  #scheduleAlarm(): void {
    const { idleUntil } = this.#lifetime
    void this.ctx.storage.setAlarm(Math.max(Date.now() + 1_000, Math.min(idleUntil, this.#log.nextDeadline() ?? idleUntil)))
  }

  async #end(): Promise<void> {
    const waiting = this.#record.initialized ? this.#log.waiting() : []
    const deleted = this.#record.delete() // first, because calls ending now must find no session
    this.#calls.end()
    this.#streams.end(waiting)
    await deleted
  }

  async #refreshHub({ serverId, name, countedAs, grantId }: Initialized): Promise<void> {
    this.#lifetime.markHubRefreshed()
    await this.env.SUBSCRIPTION_HUB.getByName(serverId).refresh(name, {
      principalKey: countedAs,
      grantId,
      wantsNotifications: this.#record.wantsNotifications,
    })
  }

  async #detachFromHub({ serverId, name }: Initialized): Promise<void> {
    await this.env.SUBSCRIPTION_HUB.getByName(serverId).detach(name)
  }
}

/** Returns why a session refuses the body of a POST. */
function postFault(messages: JsonRpcMessage[], { batch, session }: { batch: boolean; session: Initialized }): string | undefined {
  const isAgain = messages.some((message) => isRequest(message) && message.method === 'initialize')
  if (isAgain) return 'The session is already initialized. Send initialize without Mcp-Session-Id to open another session.'
  return batch ? batchFault(session.revision) : undefined
}

function recordOf(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {}
}
