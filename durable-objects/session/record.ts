import type { LegacyClient } from '../../protocol/mcp/legacy.ts'
import type { LogLevel } from '../../protocol/mcp/log-level.ts'

const MAX_SUBSCRIBED = 1_000

/** What a session knows of its client, for as long as it lives. */
export interface Initialized extends LegacyClient {
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
 * What a session is, apart from its calls and streams, in its own storage: read whole when the object wakes, so that no call sees a half-loaded session, and
 * on disk before it counts. Once deleted it is nobody's session any more.
 */
export class SessionRecord {
  readonly #storage: DurableObjectStorage
  #initialized: Initialized | undefined
  #logLevel: LogLevel | undefined

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage
    this.#initialized = storage.kv.get<Initialized>('initialized') // synchronous
    this.#logLevel = storage.kv.get<LogLevel>('logLevel')
  }

  /** Undefined before `initialize` and after the end. */
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

  /** The grant its client goes on under from now. */
  setGrant(grantId: string | undefined): void {
    if (!this.#initialized) return
    this.#initialized.grantId = grantId
    this.#storage.kv.put('initialized', this.#initialized)
  }

  // What its client wants to hear

  /** Undefined as long as the client has not said. */
  get logLevel(): LogLevel | undefined {
    return this.#logLevel
  }

  setLogLevel(level: LogLevel): void {
    this.#logLevel = level
    this.#storage.kv.put('logLevel', level)
  }

  /** What refuses it; undefined where the session is subscribed now. */
  subscribe(uri: string): string | undefined {
    const { sql } = this.#storage
    const { n } = sql.exec<{ n: number }>('SELECT count(*) AS n FROM subscribed').one()
    if (n >= MAX_SUBSCRIBED) return `A session subscribes to at most ${MAX_SUBSCRIBED} resources.`
    sql.exec('INSERT INTO subscribed (uri) VALUES (?) ON CONFLICT DO NOTHING', uri)
    return undefined
  }

  unsubscribe(uri: string): void {
    this.#storage.sql.exec('DELETE FROM subscribed WHERE uri = ?', uri)
  }

  isSubscribed(uri: string): boolean {
    return this.#storage.sql.exec('SELECT 1 FROM subscribed WHERE uri = ?', uri).toArray().length > 0
  }

  /** From its first GET on a session is told of changes, also while its client is away: it comes back for them. */
  get wantsNotifications(): boolean {
    return this.#storage.kv.get('hasStandalone') === true
  }

  enableNotifications(): void {
    this.#storage.kv.put('hasStandalone', true)
  }
}
