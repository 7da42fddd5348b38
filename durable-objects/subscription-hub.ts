import { DurableObject } from 'cloudflare:workers'
import type { HubEvent } from '../hosting/events.ts'
import type { JsonRpcId, JsonRpcMessage } from '../protocol/mcp/json-rpc.ts'
import type { SubscriptionFilter } from '../protocol/mcp/subscription.ts'
import type { Rights } from '../protocol/oauth/consent-offer.ts'
import { SuspensionWatch } from './suspension-watch.ts'
import { openStore } from '../store/index.ts'
import { ErrorCode } from '../protocol/mcp/errors.ts'
import { MAX_WAITING } from '../hosting/waiting-changes.ts'
import { ChangeQueue } from './change-queue.ts'
import { openConnection, type Connection } from './session/connections.ts'
import { MetaKey } from '../protocol/mcp/meta.ts'
import { sseEvent } from '../protocol/mcp/sse.ts'

const MAX_LISTENERS = 20 // of one principal
const MAX_SESSIONS = 50 // of one principal
/** Sessions notified at the same time. */
const PARALLEL_SESSIONS = 8
/** Limit of sessions asked for their last activity, because each question wakes a session. */
const MAX_ASKED = 10
/** Limit of questions to {@link MAX_ASKED} sessions when one session starts. */
const MAX_ROUNDS = 5
/** Time in which a new session gets its `initialize`. */
const INITIALIZE_MS = 60_000
/**
 * A session silent for an hour is treated as ended, even if its detach call was lost. A live
 * session reports every two minutes.
 */
const SESSION_EXPIRY_MS = 60 * 60_000

/**
 * Owner of a stream or session. Limits apply per principal. Streams close at the end of the grant.
 */
export interface Subscriber {
  principalKey: string
  grantId: string | undefined
  /** Expiry of the token, in milliseconds since the epoch. Undefined if the caller has no token. */
  expiresAt: number | undefined
}

interface Listener extends Subscriber {
  id: JsonRpcId
  filter: SubscriptionFilter
  connection: Connection
}

const FILTER_FLAGS = {
  'tools/list_changed': 'toolsListChanged',
  'prompts/list_changed': 'promptsListChanged',
  'resources/list_changed': 'resourcesListChanged',
} as const

/**
 * Subscribers to changes of a hosted server. The object's name is the server's id. Holds open
 * `subscriptions/listen` streams, and remembers the sessions. Limits the number per principal, and
 * closes streams at the end of their grant.
 */
export class SubscriptionHub extends DurableObject<Env> {
  readonly #listeners = new Set<Listener>()
  readonly #changes = new ChangeQueue({
    deliver: (events) => this.#deliver(events),
    report: (counts) => this.ctx.waitUntil(this.#report(counts)),
  })
  readonly #suspension = new SuspensionWatch(openStore(this.env), {
    isNeeded: () => this.#listeners.size > 0,
    onSuspended: (text) => this.#refuseAll(text),
  })
  #hasTables = false

  /**
   * SQL storage with tables. Tables are created at first use, because {@link end} deletes all
   * storage and a late call can follow.
   */
  get #sql(): SqlStorage {
    const { sql } = this.ctx.storage
    if (!this.#hasTables) {
      sql.exec(
        `CREATE TABLE IF NOT EXISTS sessions (
          name TEXT PRIMARY KEY, principal TEXT NOT NULL, grant_id TEXT, hears INTEGER NOT NULL DEFAULT 0, seen_at INTEGER NOT NULL) WITHOUT ROWID`,
      )
      sql.exec('CREATE INDEX IF NOT EXISTS sessions_principal ON sessions (principal)')
      sql.exec('CREATE INDEX IF NOT EXISTS sessions_grant ON sessions (grant_id)')
      sql.exec('CREATE INDEX IF NOT EXISTS sessions_seen_at ON sessions (seen_at)')
      this.#hasTables = true
    }
    return sql
  }

  /**
   * Opens a `subscriptions/listen` stream. Closes the oldest stream of a principal at the limit,
   * because that stream is often a dropped connection whose loss no write has shown yet.
   */
  listen(id: JsonRpcId, filter: SubscriptionFilter, subscriber: Subscriber, tenantId: string): Response {
    const open = [...this.#listeners].filter(({ principalKey }) => principalKey === subscriber.principalKey)
    for (const oldest of open.slice(0, Math.max(0, open.length - MAX_LISTENERS + 1))) this.#close(oldest)
    const connection = openConnection(subscriber, {
      onClose: () => void this.#listeners.delete(listener),
      onExpiry: () => this.#complete(listener),
    })
    const listener: Listener = { ...subscriber, id, filter, connection }
    this.#listeners.add(listener)
    this.#suspension.start(tenantId)
    this.#notify(listener, 'notifications/subscriptions/acknowledged', { notifications: filter })
    return connection.response
  }

  /**
   * Remembers a session. Ends the longest-idle session of a principal above the limit, because most
   * clients never end a session.
   */
  async attach(name: string, { principalKey, grantId }: Subscriber): Promise<void> {
    const sql = this.#sql
    const now = Date.now()
    sql.exec('DELETE FROM sessions WHERE seen_at < ?', now - SESSION_EXPIRY_MS)
    sql.exec('INSERT INTO sessions (name, principal, grant_id, seen_at) VALUES (?, ?, ?, ?)', name, principalKey, grantId ?? null, now)
    // concurrent starts of sessions can choose equal candidates
    for (let round = 0; round < MAX_ROUNDS && this.#countSessions(principalKey) > MAX_SESSIONS; round += 1)
      await this.#endIdlest(principalKey, name)
  }

  #countSessions(principalKey: string): number {
    return this.#sql.exec<{ n: number }>('SELECT count(*) AS n FROM sessions WHERE principal = ?', principalKey).one().n
  }

  /** Asks the sessions with the oldest reports for their last activity, and ends the idlest. */
  async #endIdlest(principalKey: string, newest: string): Promise<void> {
    const asked = this.#sql
      .exec<{ name: string; seenAt: number }>(
        'SELECT name, seen_at AS seenAt FROM sessions WHERE principal = ? AND name <> ? ORDER BY seen_at LIMIT ?',
        principalKey,
        newest,
        MAX_ASKED,
      )
      .toArray()
    const candidates = await Promise.all(
      asked.map(async ({ name, seenAt }) => {
        const activeAt = await this.env.MCP_SESSION.getByName(name)
          .activeAt()
          .catch(() => undefined)
        // a session without `initialize` is new, or has ended without a report
        return { name, activeAt: activeAt ?? (Date.now() - seenAt < INITIALIZE_MS ? Infinity : 0) }
      }),
    )
    for (const { name } of candidates.toSorted((one, other) => one.activeAt - other.activeAt)) {
      // other sessions may have started and ended during the questions
      if (this.#countSessions(principalKey) <= MAX_SESSIONS) return
      const { rowsWritten } = this.#sql.exec('DELETE FROM sessions WHERE name = ?', name)
      if (rowsWritten > 0) await this.env.MCP_SESSION.getByName(name).end()
    }
  }

  /** Called by a live session at intervals, and after a change of its grant. */
  refresh(
    name: string,
    { principalKey, grantId, wantsNotifications }: Pick<Subscriber, 'principalKey' | 'grantId'> & { wantsNotifications: boolean },
  ): void {
    this.#sql.exec(
      `INSERT INTO sessions (name, principal, grant_id, hears, seen_at) VALUES (?1, ?2, ?3, ?4, ?5)
       ON CONFLICT (name) DO UPDATE SET grant_id = ?3, hears = ?4, seen_at = ?5`,
      name,
      principalKey,
      grantId ?? null,
      wantsNotifications ? 1 : 0,
      Date.now(),
    )
  }

  detach(name: string): void {
    this.#sql.exec('DELETE FROM sessions WHERE name = ?', name)
  }

  /**
   * Notifies every subscriber of changes. Resolves at once if earlier changes are being delivered.
   * `joined` and `dropped` count changes that the caller has left out.
   */
  async publish(events: HubEvent | HubEvent[], { joined = 0, dropped = 0 } = {}): Promise<void> {
    await this.#changes.add(Array.isArray(events) ? events : [events], joined, dropped)
  }

  /**
   * Sends changes to listeners and sessions. Notifications to unreachable sessions are lost; their
   * clients see the change at the next list request.
   */
  async #deliver(events: HubEvent[]): Promise<void> {
    for (const event of events) this.#sendToListeners(event)
    const sessions = this.#sql.exec<{ name: string }>('SELECT name FROM sessions WHERE hears = 1').toArray()
    await inTurns(sessions, async ({ name }) => {
      if (!(await this.env.MCP_SESSION.getByName(name).notifyAll(events))) this.detach(name)
    })
  }

  #sendToListeners(event: HubEvent): void {
    for (const listener of this.#listeners) {
      if (event.type === 'resources/updated') {
        const { uri } = event
        if (listener.filter.resourceSubscriptions?.includes(uri)) this.#notify(listener, 'notifications/resources/updated', { uri })
      } else if (listener.filter[FILTER_FLAGS[event.type]]) this.#notify(listener, `notifications/${event.type}`, {})
    }
  }

  /** Adds a line to the log of the hosted server about changes without a notification. */
  async #report({ joined, dropped }: { joined: number; dropped: number }): Promise<void> {
    const { name } = this.ctx.id
    if (name === undefined) return
    const parts = [
      ...(joined > 0 ? [`${joined} published changes were joined with an equal change that waited for delivery`] : []),
      ...(dropped > 0 ? [`${dropped} published changes were dropped, because ${MAX_WAITING} different changes waited for delivery`] : []),
    ]
    const line = { at: Date.now(), level: dropped > 0 ? 'warn' : 'info', origin: 'platform', message: parts.join('; ') } as const
    await this.env.SERVER_ACTIVITY.getByName(name)
      .record({ calls: [], lines: [line] })
      .catch(() => undefined)
  }

  /** Closes the streams of ended grants, and stops the calls of sessions. */
  async endGrants(grantIds: string[]): Promise<void> {
    const ended = new Set(grantIds)
    const sessions = this.#sql
      .exec<{ name: string; grantId: string }>(
        'SELECT name, grant_id AS grantId FROM sessions WHERE grant_id IN (SELECT value FROM json_each(?))',
        JSON.stringify(grantIds),
      )
      .toArray()
    this.#closeByGrant((grantId) => grantId !== undefined && ended.has(grantId))
    await inTurns(sessions, ({ name, grantId }) => this.env.MCP_SESSION.getByName(name).endGrant(grantId))
  }

  /** Notifies the subscribers of a grant with changed scopes or tools. */
  async changeGrant(grantId: string, rights: Rights): Promise<void> {
    for (const listener of this.#listeners) {
      if (listener.grantId === grantId && listener.filter.toolsListChanged) this.#notify(listener, 'notifications/tools/list_changed', {})
    }
    const sessions = this.#sql.exec<{ name: string }>('SELECT name FROM sessions WHERE grant_id = ?', grantId).toArray()
    await inTurns(sessions, ({ name }) => this.env.MCP_SESSION.getByName(name).changeGrant(grantId, rights))
  }

  /** Closes the streams of callers without a token, because the server now requires a token. */
  async endAnonymous(): Promise<void> {
    const sessions = this.#sql.exec<{ name: string }>('SELECT name FROM sessions WHERE grant_id IS NULL').toArray()
    this.#closeByGrant((grantId) => grantId === undefined)
    await inTurns(sessions, ({ name }) => this.env.MCP_SESSION.getByName(name).endGrant(undefined))
  }

  /** Closes every stream and session, because the hosted server was deleted. */
  async end(): Promise<void> {
    const sessions = this.#sql.exec<{ name: string }>('SELECT name FROM sessions').toArray()
    this.#closeByGrant(() => true)
    await this.ctx.storage.deleteAll()
    this.#hasTables = false
    await inTurns(sessions, ({ name }) => this.env.MCP_SESSION.getByName(name).end())
  }

  #closeByGrant(ended: (grantId: string | undefined) => boolean): void {
    for (const listener of this.#listeners) if (ended(listener.grantId)) this.#close(listener)
  }

  /** Sends a final result and closes the stream, because a result shows an orderly end. */
  #close(listener: Listener): void {
    this.#complete(listener)
    listener.connection.close()
  }

  /** Ends every stream with an error, because the tenant is suspended. */
  #refuseAll(message: string): void {
    for (const listener of this.#listeners) {
      this.#send(listener, { jsonrpc: '2.0', id: listener.id, error: { code: ErrorCode.internalError, message } })
      listener.connection.close()
    }
  }

  #complete(listener: Listener): void {
    const result = { resultType: 'complete', _meta: { [MetaKey.subscriptionId]: listener.id } }
    this.#send(listener, { jsonrpc: '2.0', id: listener.id, result })
  }

  #notify(listener: Listener, method: string, params: Record<string, unknown>): void {
    this.#send(listener, { jsonrpc: '2.0', method, params: { ...params, _meta: { [MetaKey.subscriptionId]: listener.id } } })
  }

  #send(listener: Listener, message: JsonRpcMessage): void {
    listener.connection.send(sseEvent(JSON.stringify(message)))
  }
}

/** Runs `act` for every entry, a few at a time. A failure stops no other entry. */
async function inTurns<Entry>(entries: readonly Entry[], act: (entry: Entry) => Promise<unknown>): Promise<void> {
  const rest = entries.values()
  const work = async () => {
    for (const entry of rest) await act(entry).catch(() => undefined)
  }
  await Promise.all(Array.from({ length: PARALLEL_SESSIONS }, work))
}
