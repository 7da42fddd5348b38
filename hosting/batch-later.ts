interface Lifetime {
  waitUntil(promise: Promise<unknown>): void
}

interface BatchOptions<Batch> {
  /** Wait for further items. */
  gatherMs: number
  /**
   * Age at which an unfinished flush counts as lost, because the runtime ends a flush together with
   * its request. The next item then starts a new flush.
   */
  abandonedMs: number
  empty(): Batch
}

/**
 * Gathers items of many requests into one batch per key, and flushes the batch after a response.
 */
export class BatchLater<Batch> {
  readonly #options: BatchOptions<Batch>
  readonly #pending = new Map<string, { batch: Batch; flushStartedAt: number }>()

  constructor(options: BatchOptions<Batch>) {
    this.#options = options
  }

  /** Returns the batch of `key`, to add an item to. Starts a flush unless one has started. */
  gather(key: string, flush: (batch: Batch) => Promise<void>, ctx: Lifetime): Batch {
    let pending = this.#pending.get(key)
    if (!pending) this.#pending.set(key, (pending = { batch: this.#options.empty(), flushStartedAt: 0 }))
    const now = Date.now()
    if (pending.flushStartedAt <= now - this.#options.abandonedMs) {
      pending.flushStartedAt = now
      ctx.waitUntil(this.#flushLater(key, flush))
    }
    return pending.batch
  }

  async #flushLater(key: string, flush: (batch: Batch) => Promise<void>): Promise<void> {
    await scheduler.wait(this.#options.gatherMs)
    const pending = this.#pending.get(key)
    if (!pending) return
    this.#pending.delete(key)
    await flush(pending.batch)
  }
}
