import { RecentMap } from '../protocol/recent-map.ts'
import type { Store } from '../store/index.ts'
import { findSuspensionOfTenant } from '../store/tenants/suspensions.ts'

/** Interval of looks. With the time that a text is kept, a suspension takes effect within 5 s. */
const LOOK_MS = 3_000
const KEPT_MS = 2_000
const MAX_KEPT = 1_000

/** Texts by tenant, for all objects of the isolate, so that many sessions cost one query. */
const kept = new RecentMap<{ text: string | undefined; until: number }>(MAX_KEPT)

interface Watched {
  /** Returns false if no stream is open and no call runs, so that no look is needed. */
  isNeeded(): boolean
  /** Called with the text for clients while the tenant is suspended. */
  onSuspended(text: string): void
}

/**
 * Looks whether a tenant is suspended while an object has open streams or running calls. The
 * command of the operator writes to the database only, so no object receives a message.
 */
export class SuspensionWatch {
  readonly #store: Store
  readonly #watched: Watched
  #timer: ReturnType<typeof setInterval> | null = null

  constructor(store: Store, watched: Watched) {
    this.#store = store
    this.#watched = watched
  }

  /** Looks at intervals until no look is needed. */
  start(tenantId: string): void {
    this.#timer ??= setInterval(() => void this.#look(tenantId), LOOK_MS)
  }

  async #look(tenantId: string): Promise<void> {
    if (!this.#watched.isNeeded()) {
      clearInterval(this.#timer)
      this.#timer = null
      return
    }
    // an unavailable database ends no stream, and the next look tries again
    const text = await findText(this.#store, tenantId).catch(() => undefined)
    if (text !== undefined) this.#watched.onSuspended(text)
  }
}

async function findText(store: Store, tenantId: string): Promise<string | undefined> {
  const now = Date.now()
  const known = kept.get(tenantId)
  if (known && now < known.until) return known.text
  const text = await findSuspensionOfTenant(store, tenantId)
  kept.set(tenantId, { text, until: now + KEPT_MS })
  return text
}
