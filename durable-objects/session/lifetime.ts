/** Idle time before a session ends. A session with an open stream or a running call is not idle. */
const IDLE_TIMEOUT_MS = 30 * 60_000
/** Precision of the stored activity time, to save writes. */
const ACTIVITY_PRECISION_MS = 60_000
/** Interval between reports of a session to its hub. The hub finds idle sessions by the reports. */
const HUB_REFRESH_MS = 2 * 60_000

/** Idle timeout of a session, and schedule of reports to the hub. */
export class SessionLifetime {
  readonly #kv: SyncKvStorage
  #activityStoredAt = 0
  #touchedAt = 0

  constructor(kv: SyncKvStorage) {
    this.#kv = kv
  }

  /** Records a message of the client. Returns true if {@link idleUntil} changed. */
  touch(): boolean {
    const now = Date.now()
    this.#touchedAt = now
    if (now - this.#activityStoredAt < ACTIVITY_PRECISION_MS) return false
    this.#activityStoredAt = now
    this.markActive()
    return true
  }

  /** Records activity without a message, such as an open stream. */
  markActive(): void {
    this.#kv.put('activeAt', Date.now())
  }

  /** Time of the last activity, in milliseconds since the epoch. */
  get activeAt(): number {
    return Math.max(this.#touchedAt, this.#kv.get<number>('activeAt') ?? 0)
  }

  /** Time at which an idle session ends, in milliseconds since the epoch. */
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
