/** A session without messages and open streams ends after this time. */
const IDLE_TIMEOUT_MS = 30 * 60_000
/** Messages within this time of the last stored activity are not stored. */
const ACTIVITY_PRECISION_MS = 60_000
/** Interval at which a session reports to its hub. */
const HUB_REFRESH_MS = 10 * 60_000

/** Stores when a session was last active and when it last reported to its hub. */
export class SessionLifetime {
  readonly #kv: SyncKvStorage
  #activityStoredAt = 0

  constructor(kv: SyncKvStorage) {
    this.#kv = kv
  }

  /** Call for every message of the client. Returns true if {@link idleUntil} changed. */
  touch(): boolean {
    const now = Date.now()
    if (now - this.#activityStoredAt < ACTIVITY_PRECISION_MS) return false
    this.#activityStoredAt = now
    this.markActive()
    return true
  }

  /** Call while a call runs or a stream is open. */
  markActive(): void {
    this.#kv.put('activeAt', Date.now())
  }

  /** Time at which the session ends if no message arrives, in milliseconds since the epoch. */
  get idleUntil(): number {
    return (this.#kv.get<number>('activeAt') ?? 0) + IDLE_TIMEOUT_MS
  }

  get needsHubRefresh(): boolean {
    return Date.now() - (this.#kv.get<number>('toldAt') ?? 0) >= HUB_REFRESH_MS
  }

  markHubRefreshed(): void {
    this.#kv.put('toldAt', Date.now())
  }
}
