/** A map of bounded size that drops the least recently used entries. */
export class RecentMap<V> {
  readonly #entries = new Map<string, { value: V; size: number }>()
  readonly #maxSize: number
  #size = 0

  /** `maxSize` is a number of entries, unless {@link set} is called with sizes. */
  constructor(maxSize: number) {
    this.#maxSize = maxSize
  }

  get(key: string): V | undefined {
    const entry = this.#entries.get(key)
    if (!entry) return undefined
    this.#entries.delete(key)
    // a Map iterates in insertion order, so the last entry is the most recent
    this.#entries.set(key, entry)
    return entry.value
  }

  set(key: string, value: V, size = 1): void {
    this.delete(key)
    this.#entries.set(key, { value, size })
    this.#size += size
    for (const oldest of this.#entries.keys()) {
      if (this.#size <= this.#maxSize) break
      this.delete(oldest)
    }
  }

  delete(key: string): void {
    const entry = this.#entries.get(key)
    if (!entry) return
    this.#entries.delete(key)
    this.#size -= entry.size
  }

  /** Yields the entries, least recently used first. The caller may delete entries meanwhile. */
  *entries(): Generator<[key: string, value: V]> {
    for (const [key, { value }] of this.#entries) yield [key, value]
  }
}
