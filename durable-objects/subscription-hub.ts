import { DurableObject } from 'cloudflare:workers'
import type { HubEvent } from '../hosting/events.ts'
import type { JsonRpcId, JsonRpcMessage } from '../protocol/mcp/json-rpc.ts'
import type { SubscriptionFilter } from '../protocol/mcp/subscription.ts'
import { messageText, openConnection, type Connection } from './connections.ts'

const MAX_LISTENERS = 20 // of one principal
const MAX_SESSIONS = 50 // of one principal
const SUBSCRIPTION_ID = 'io.modelcontextprotocol/subscriptionId'

/** Who opens a stream or session: counted by principal, ended with the grant. */
export interface Subscriber {
  principalKey: string
  grantId: string | undefined
  /** Milliseconds since the epoch; undefined where no token is behind it. */
  expiresAt: number | undefined
}

interface Listener extends Subscriber {
  id: JsonRpcId
  filter: SubscriptionFilter
  connection: Connection
  expiry: ReturnType<typeof setTimeout> | null
}

const FLAGS = {
  'tools/list_changed': 'toolsListChanged',
  'prompts/list_changed': 'promptsListChanged',
  'resources/list_changed': 'resourcesListChanged',
} as const

/**
 * Who wants to hear of changes at one hosted server (its id is the name): the open `subscriptions/listen` streams, which live as long as their connections,
 * and the live sessions, which it remembers. Counts both by principal, and ends what belongs to a grant that ended.
 */
export class SubscriptionHub extends DurableObject<Env> {
  readonly #listeners = new Set<Listener>()

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    ctx.storage.sql.exec(
      'CREATE TABLE IF NOT EXISTS sessions (name TEXT PRIMARY KEY, principal TEXT NOT NULL, grant_id TEXT) WITHOUT ROWID',
    )
    ctx.storage.sql.exec('CREATE INDEX IF NOT EXISTS sessions_principal ON sessions (principal)')
    ctx.storage.sql.exec('CREATE INDEX IF NOT EXISTS sessions_grant ON sessions (grant_id)')
  }

  /** An SSE response that begins with what of the filter is honoured; undefined where this principal has as many open as it may. */
  listen(id: JsonRpcId, filter: SubscriptionFilter, subscriber: Subscriber): Response | undefined {
    const open = [...this.#listeners].filter(({ principalKey }) => principalKey === subscriber.principalKey)
    if (open.length >= MAX_LISTENERS) return undefined
    const connection = openConnection(() => {
      clearTimeout(listener.expiry)
      this.#listeners.delete(listener)
    })
    const listener: Listener = { ...subscriber, id, filter, connection, expiry: null }
    if (subscriber.expiresAt !== undefined) {
      listener.expiry = setTimeout(() => this.#close(listener), Math.min(2 ** 31 - 1, Math.max(0, subscriber.expiresAt - Date.now())))
    }
    this.#listeners.add(listener)
    this.#tell(listener, 'notifications/subscriptions/acknowledged', { notifications: filter })
    return connection.response
  }

  /** Remembers a session. False where this principal has as many as it may. */
  attach(name: string, { principalKey, grantId }: Subscriber): boolean {
    const { n } = this.ctx.storage.sql.exec<{ n: number }>('SELECT count(*) AS n FROM sessions WHERE principal = ?', principalKey).one()
    if (n >= MAX_SESSIONS) return false
    this.ctx.storage.sql.exec(
      'INSERT INTO sessions (name, principal, grant_id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
      name,
      principalKey,
      grantId ?? null,
    )
    return true
  }

  /** A session goes on under another grant of the same principal. */
  follow(name: string, grantId: string): void {
    this.ctx.storage.sql.exec('UPDATE sessions SET grant_id = ? WHERE name = ?', grantId, name)
  }

  detach(name: string): void {
    this.ctx.storage.sql.exec('DELETE FROM sessions WHERE name = ?', name)
  }

  /** Tells everyone who asked for it. A session that cannot be reached now learns nothing; lists are read anew by who needs them. */
  async publish(event: HubEvent): Promise<void> {
    for (const listener of this.#listeners) {
      if (event.type === 'resources/updated') {
        const { uri } = event
        if (listener.filter.resourceSubscriptions?.includes(uri)) this.#tell(listener, 'notifications/resources/updated', { uri })
      } else if (listener.filter[FLAGS[event.type]]) this.#tell(listener, `notifications/${event.type}`, {})
    }
    const sessions = this.ctx.storage.sql.exec<{ name: string }>('SELECT name FROM sessions').toArray()
    await Promise.allSettled(sessions.map(({ name }) => this.env.MCP_SESSION.getByName(name).notify(event)))
  }

  /** A grant has ended: what is open under it closes now. */
  async endGrant(grantId: string): Promise<void> {
    for (const listener of this.#listeners) if (listener.grantId === grantId) this.#close(listener)
    const sessions = this.ctx.storage.sql.exec<{ name: string }>('SELECT name FROM sessions WHERE grant_id = ?', grantId).toArray()
    await Promise.allSettled(sessions.map(({ name }) => this.env.MCP_SESSION.getByName(name).endGrant(grantId)))
  }

  /** Ended by us: the request gets its result, so that its client knows it was no accident. */
  #close(listener: Listener): void {
    const result = { resultType: 'complete', _meta: { [SUBSCRIPTION_ID]: listener.id } }
    this.#send(listener, { jsonrpc: '2.0', id: listener.id, result })
    listener.connection.close()
  }

  #tell(listener: Listener, method: string, params: Record<string, unknown>): void {
    this.#send(listener, { jsonrpc: '2.0', method, params: { ...params, _meta: { [SUBSCRIPTION_ID]: listener.id } } })
  }

  #send(listener: Listener, message: JsonRpcMessage): void {
    listener.connection.send(messageText(JSON.stringify(message)))
  }
}
