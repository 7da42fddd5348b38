import type { HubEvent } from '../hosting/events.ts'

/** Changes delivered in one round. */
const ROUND_SIZE = 20
/** Pause after each round, so that a server has at most 40 different changes a second. */
const PAUSE_MS = 500
/** Limit of different changes that wait. Further changes are dropped. */
export const MAX_WAITING = 1_000

interface Delivery {
  deliver(events: HubEvent[]): Promise<void>
  /** Called after the queue has emptied or paused, if changes were joined or dropped. */
  report(counts: { joined: number; dropped: number }): void
}

/**
 * Changes of a hosted server that wait for delivery. Equal changes that wait are joined, because
 * subscribers need only the newest. Rounds have a size and a pause, so that a server that publishes
 * without end leaves time for other servers.
 */
export class ChangeQueue {
  readonly #delivery: Delivery
  readonly #waiting = new Map<string, HubEvent>()
  #joined = 0
  #dropped = 0
  #running: Promise<void> | undefined

  constructor(delivery: Delivery) {
    this.#delivery = delivery
  }

  /** Resolves after the round of the changes, or at once if an earlier round is not over. */
  async add(events: readonly HubEvent[], joined = 0, dropped = 0): Promise<void> {
    this.#joined += joined
    this.#dropped += dropped
    for (const event of events) {
      const key = keyOf(event)
      if (this.#waiting.has(key)) this.#joined++
      else if (this.#waiting.size >= MAX_WAITING) this.#dropped++
      else this.#waiting.set(key, event)
    }
    if (this.#running) return
    const first = this.#deliverRound()
    this.#running = this.#continueAfter(first)
    await first
  }

  async #continueAfter(first: Promise<void>): Promise<void> {
    await first
    for (;;) {
      await scheduler.wait(PAUSE_MS)
      if (this.#waiting.size === 0) break
      await this.#deliverRound()
    }
    this.#running = undefined
    if (this.#joined > 0 || this.#dropped > 0) this.#delivery.report({ joined: this.#joined, dropped: this.#dropped })
    this.#joined = this.#dropped = 0
  }

  async #deliverRound(): Promise<void> {
    const round = [...this.#waiting].slice(0, ROUND_SIZE)
    for (const [key] of round) this.#waiting.delete(key)
    await this.#delivery.deliver(round.map(([, event]) => event)).catch(() => undefined)
  }
}

/** Returns the key by which equal changes are joined. */
export function keyOf(event: HubEvent): string {
  return event.type === 'resources/updated' ? `${event.type} ${event.uri}` : event.type
}
