import { request } from 'node:http'
import type { ChildProcess } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { groupProcesses, type ProcessUsage } from './process-usage.ts'
import { hasExited } from './tied-process.ts'

const CHECK_INTERVAL_MS = 500
/** Without any answer, workerd counts as stuck after this time, if it shows no sign of progress. */
const STUCK_AFTER_MS = 3_500
/** Time for a workerd that the operating system shows as stopped. */
const STOPPED_AFTER_MS = 1_000
/** Time for a workerd that still reads, or waits for a processor or for the disk. */
const SLOW_AFTER_MS = 15_000
/** Processor time in which every request has read something. */
const LOOP_MS = 1_500

interface Watched {
  port: number
  child: ChildProcess
  /** Largest resident memory of all workerd of the group. */
  memoryCap: number
  stopping: AbortSignal
}

/** Trouble of a platform. */
export interface Trouble {
  /** The reason in words that follow "The platform". */
  text: string
  /** True if workerd must be killed, because it has not ended by itself. */
  mustKill: boolean
}

/** Waits until workerd has ended, answers no more, or exceeds the memory cap. */
export async function waitForTrouble({ port, child, memoryCap, stopping }: Watched): Promise<Trouble> {
  const health = new HealthChecks(port)
  const usage = new UsageHistory(child.pid ?? 0)
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  try {
    while (!stopping.aborted) {
      health.start()
      const sample = await usage.read()
      if (hasExited(child) || usage.hasLostWorkerd) return { text: 'stopped', mustKill: false }
      if (sample.residentBytes > memoryCap) {
        const text = `used ${gigabytes(sample.residentBytes)} of memory, and the limit is ${gigabytes(memoryCap)} (change it with WHARF_MEMORY or --memory)`
        return { text, mustKill: true }
      }
      const text = stuck(health.silentMs(), usage)
      if (text !== undefined) return { text, mustKill: true }
      await Promise.race([sleep(CHECK_INTERVAL_MS), exited])
    }
    return { text: 'was stopped', mustKill: false }
  } finally {
    health.close()
  }
}

/**
 * A flood reads requests while it is slow. An endless loop reads nothing, also if it writes to the
 * console, and neither does a stopped process.
 */
function stuck(silentMs: number, usage: UsageHistory): string | undefined {
  const { cpuMs, hasRead, isWaiting, isStopped } = usage.during(silentMs)
  if (silentMs < (isStopped ? STOPPED_AFTER_MS : STUCK_AFTER_MS)) return undefined
  const seconds = `${(silentMs / 1000).toFixed(1)} s`
  if (silentMs >= SLOW_AFTER_MS) return `answered no health check for ${seconds} and used ${(cpuMs / 1000).toFixed(1)} s of processor time`
  if (hasRead) return undefined
  if (cpuMs >= LOOP_MS)
    return `answered no health check for ${seconds} and used ${(cpuMs / 1000).toFixed(1)} s of processor time, as an endless loop does`
  return isWaiting ? undefined : `answered no health check for ${seconds}`
}

/** Overlapping health checks, because a slow response must not hide later responses. */
class HealthChecks {
  readonly #port: number
  readonly #open = new Set<ReturnType<typeof request>>()
  /** Start of the first check after the last answer. */
  #waitingSince: number | undefined
  #lastStart = performance.now()

  constructor(port: number) {
    this.#port = port
  }

  start(): void {
    this.#forgetOwnPause()
    this.#waitingSince ??= performance.now()
    const check = request({
      host: '127.0.0.1',
      port: this.#port,
      path: '/healthz',
      headers: { Host: `localhost:${this.#port}` },
      agent: false,
    })
    this.#open.add(check)
    const forget = (): void => void this.#open.delete(check)
    check.once('response', (response) => {
      response.resume()
      if (response.statusCode === 200) this.#waitingSince = undefined
      forget()
    })
    check.once('error', forget)
    check.setTimeout(SLOW_AFTER_MS, () => check.destroy())
    check.end()
  }

  /** Time in which this process itself did not run says nothing about workerd. */
  #forgetOwnPause(): void {
    const now = performance.now()
    if (now - this.#lastStart > CHECK_INTERVAL_MS * 3) this.#waitingSince = undefined
    this.#lastStart = now
  }

  /** Returns the time without an answer to the checks since the last answer. */
  silentMs(): number {
    return this.#waitingSince === undefined ? 0 : performance.now() - this.#waitingSince
  }

  close(): void {
    for (const check of this.#open) check.destroy()
  }
}

interface Sample {
  at: number
  pids: number[]
  cpuMs: number
  residentBytes: number
  readBytes: number | undefined
  /** No workerd waits for a processor or for the disk. */
  states: string
}

/** Processor time and reads of workerd in the last seconds. */
class UsageHistory {
  readonly #group: number
  readonly #samples: Sample[] = []
  /** True after a workerd of an earlier sample has ended. */
  hasLostWorkerd = false

  constructor(group: number) {
    this.#group = group
  }

  async read(): Promise<Sample> {
    const known = this.#samples.at(-1)?.pids
    let found = (await groupProcesses(this.#group, known)).filter(({ command }) => command === 'workerd')
    if (found.length === 0 || found.length !== known?.length)
      found = (await groupProcesses(this.#group)).filter(({ command }) => command === 'workerd')
    const sum = (value: (process: ProcessUsage) => number): number => found.reduce((total, each) => total + value(each), 0)
    const sample: Sample = {
      at: performance.now(),
      pids: found.map(({ pid }) => pid),
      cpuMs: sum(({ cpuMs }) => cpuMs),
      residentBytes: sum(({ residentBytes }) => residentBytes),
      readBytes: found.some(({ readBytes }) => readBytes === undefined) ? undefined : sum(({ readBytes }) => readBytes ?? 0),
      states: found.map(({ state }) => state).join(''),
    }
    if (known?.some((pid) => !sample.pids.includes(pid))) this.hasLostWorkerd = true
    this.#samples.push(sample)
    while (this.#samples.length > 2 && sample.at - (this.#samples[1]?.at ?? 0) > SLOW_AFTER_MS) this.#samples.shift()
    return sample
  }

  /** Returns the use in the last `ms`. */
  during(ms: number): { cpuMs: number; hasRead: boolean; isWaiting: boolean; isStopped: boolean } {
    const last = this.#samples.at(-1)
    if (!last) return { cpuMs: 0, hasRead: false, isWaiting: false, isStopped: false }
    // the first half second may still hold work from before the silence
    const since = last.at - ms + CHECK_INTERVAL_MS * 2
    const window = this.#samples.filter(({ at }) => at >= since)
    const first = window[0] ?? last
    return {
      cpuMs: last.cpuMs - first.cpuMs,
      hasRead: last.readBytes !== undefined && first.readBytes !== undefined && last.readBytes > first.readBytes,
      isStopped: last.states.includes('T'),
      isWaiting: window.filter(({ states }) => /[RD]/.test(states)).length > window.length / 2,
    }
  }
}

function gigabytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GB`
}
