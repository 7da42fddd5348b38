import type { HubEvent } from '../hosting/events.ts'
import { WaitingChanges } from '../hosting/waiting-changes.ts'

/** Changes delivered in one round. */
const ROUND_SIZE = 20
/** Pause after each round, so that a server has at most 40 different changes a second. */
const PAUSE_MS = 500

interface Delivery {
  deliver(events: HubEvent[]): Promise<void>
  /** Called after the queue has emptied or paused, if changes were joined or dropped. */
  report(counts: { joined: number; dropped: number }): void
}

/**
 * Delivers the changes of a hosted server in rounds. Rounds have a size and a pause, so that a
 * server with endless changes leaves time for other servers.
 */
export class ChangeQueue {
  readonly #delivery: Delivery
  readonly #waiting = new WaitingChanges<HubEvent>()
  #running: Promise<void> | undefined

  constructor(delivery: Delivery) {
    this.#delivery = delivery
  }

  /** Resolves after the round of the changes, or at once if an earlier round is not over. */
  async add(events: readonly HubEvent[], joined = 0, dropped = 0): Promise<void> {
    this.#waiting.joined += joined
    this.#waiting.dropped += dropped
    for (const event of events) this.#waiting.add(event)
    if (this.#running) return
    const first = this.#deliverRound()
    this.#running = this.#continueAfter(first)
    await first
  }

  async #continueAfter(first: Promise<void>): Promise<void> {
    await first
    for (;;) {
      await scheduler.wait(PAUSE_MS)
      if (this.#waiting.isEmpty) break
      await this.#deliverRound()
    }
    this.#running = undefined
    const counts = this.#waiting.takeCounts()
    if (counts.joined > 0 || counts.dropped > 0) this.#delivery.report(counts)
  }

  async #deliverRound(): Promise<void> {
    await this.#delivery.deliver(this.#waiting.take(ROUND_SIZE)).catch(() => undefined)
  }
}
