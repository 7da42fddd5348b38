import type { LegacyClient } from '../../protocol/mcp/revisions/to-modern.ts'
import type { LogLevel } from '../../protocol/mcp/log-level.ts'

const MAX_SUBSCRIBED = 1_000

/** Session data, stored by `initialize`. */
export interface Initialized extends LegacyClient {
  /** Id of the hosted server, and name of the server's hub. */
  serverId: string
  name: string
  /** Owner of the session. Requests of other principals get 404. */
  principalKey: string
  /** Key used by the hub to count the session. */
  countedAs: string
  grantId: string | undefined
}

/**
 * State of a session except calls and streams. Loaded when the object starts, and stored before
 * each change takes effect.
 */
export class SessionRecord {
  readonly #storage: DurableObjectStorage
  #initialized: Initialized | undefined
  #logLevel: LogLevel | undefined

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage
    // synchronous, so no request sees a half-loaded session
    this.#initialized = storage.kv.get<Initialized>('initialized')
    this.#logLevel = storage.kv.get<LogLevel>('logLevel')
  }

  /** Undefined before `initialize` and after the session's end. */
  get initialized(): Initialized | undefined {
    return this.#initialized
  }

  create(initialized: Initialized): void {
    this.#initialized = initialized
    this.#storage.sql.exec('CREATE TABLE IF NOT EXISTS subscribed (uri TEXT PRIMARY KEY) WITHOUT ROWID')
    this.#storage.kv.put('initialized', initialized)
  }

  async delete(): Promise<void> {
    this.#initialized = undefined
    await this.#storage.deleteAlarm()
    await this.#storage.deleteAll()
  }

  /** Replaces the grant of the session. */
  setGrant(grantId: string | undefined): void {
    if (!this.#initialized) return
    this.#initialized.grantId = grantId
    this.#storage.kv.put('initialized', this.#initialized)
  }

  /** Undefined before the first `logging/setLevel`. */
  get logLevel(): LogLevel | undefined {
    return this.#logLevel
  }

  setLogLevel(level: LogLevel): void {
    this.#logLevel = level
    this.#storage.kv.put('logLevel', level)
  }

  /** Returns an error message if the limit is reached. */
  subscribe(uri: string): string | undefined {
    const { sql } = this.#storage
    const { n } = sql.exec<{ n: number }>('SELECT count(*) AS n FROM subscribed').one()
    if (n >= MAX_SUBSCRIBED)
      return `Limit of ${MAX_SUBSCRIBED} subscribed resources per session reached. Unsubscribe from a resource first.`
    sql.exec('INSERT INTO subscribed (uri) VALUES (?) ON CONFLICT DO NOTHING', uri)
    return undefined
  }

  unsubscribe(uri: string): void {
    this.#storage.sql.exec('DELETE FROM subscribed WHERE uri = ?', uri)
  }

  isSubscribed(uri: string): boolean {
    return this.#storage.sql.exec('SELECT 1 FROM subscribed WHERE uri = ?', uri).toArray().length > 0
  }

  /**
   * True after the first GET. Notifications are then logged even while the client is disconnected,
   * because the client resumes with `Last-Event-ID`.
   */
  get wantsNotifications(): boolean {
    return this.#storage.kv.get('hasStandalone') === true
  }

  enableNotifications(): void {
    this.#storage.kv.put('hasStandalone', true)
  }
}
