/** Limit of different changes that wait. Further changes are dropped. */
export const MAX_WAITING = 1_000

/**
 * Changes that wait for delivery. Equal changes are joined, because subscribers need only the
 * newest. Counts the changes without a place of their own.
 */
export class WaitingChanges<Change> {
  readonly #changes = new Map<string, Change>()
  joined = 0
  dropped = 0

  get isEmpty(): boolean {
    return this.#changes.size === 0
  }

  add(change: Change): void {
    const key = JSON.stringify(change)
    if (this.#changes.has(key)) this.joined++
    else if (this.#changes.size >= MAX_WAITING) this.dropped++
    else this.#changes.set(key, change)
  }

  /** Removes and returns the oldest changes. */
  take(limit = MAX_WAITING): Change[] {
    const taken = [...this.#changes].slice(0, limit)
    for (const [key] of taken) this.#changes.delete(key)
    return taken.map(([, change]) => change)
  }

  /** Returns the counts, and starts to count again from zero. */
  takeCounts(): { joined: number; dropped: number } {
    const { joined, dropped } = this
    this.joined = this.dropped = 0
    return { joined, dropped }
  }
}
