import type { ChildProcess } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { CliError } from './cli.ts'
import { buildDashboard, watchDashboard } from './dashboard.ts'
import { persistPath } from './local-database.ts'
import { defaultMemoryCap } from './memory-cap.ts'
import { applyMigrations } from './migrations.ts'
import { launch, restartWorkerd, START_TIMEOUT_MS, waitUntilHealthy } from './platform-process.ts'
import { waitForTrouble } from './platform-watch.ts'
import type { State } from './state.ts'
import { lockState } from './state-lock.ts'
import { hasExited, killGroup } from './tied-process.ts'
import { buildWorker } from './worker-build.ts'

interface Options {
  state: State
  port: number
  /** Rebuilds after each change of a file. */
  watch?: boolean
  /** Variables that override `vars` of wrangler.toml. */
  vars?: Record<string, string>
  /** Resident memory in bytes at which workerd is restarted. */
  memoryCap?: number
  log?: (line: string) => void
}

/** Platform that runs until `stop`. */
export interface Platform {
  origin: string
  /** Returns the current process group of workerd. */
  group: () => number
  /** Returns the number of restarts. */
  restarts: () => number
  stop: () => Promise<void>
  /** Resolves after `stop`. Rejects if the platform cannot be restarted. */
  ended: Promise<void>
}

/** Interval of the cron trigger in wrangler.toml. */
const CLEANUP_INTERVAL_MS = 10 * 60_000
const MAX_RESTART_DELAY_MS = 10_000
/** A platform with a failure in this time after its start may fail at every start. */
const QUICK_FAILURE_MS = 2_000
const MAX_QUICK_FAILURES = 3

/**
 * Locks the state folder, builds what has changed, applies migrations and starts workerd. Restarts
 * workerd on the same data if workerd exits, is stuck or uses too much memory.
 */
export async function startPlatform(options: Options): Promise<Platform> {
  const { state, port } = options
  const lock = await lockState(state.directory)
  try {
    if (await isPortInUse(port))
      throw new CliError(`Port ${port} is in use. Stop the other program, or choose another port with "npm start -- --port 8790".`)
    return await run(options, lock)
  } catch (error) {
    await lock.release()
    throw error
  }
}

async function run(
  { state, port, watch = false, vars = {}, memoryCap = defaultMemoryCap(), log = console.log }: Options,
  lock: Awaited<ReturnType<typeof lockState>>,
): Promise<Platform> {
  const origin = `http://localhost:${port}`
  await Promise.all([buildDashboard(log).then(() => (watch ? undefined : buildWorker(state, log))), prepareData(state, log)])

  const launchOptions = { state, port, watch, vars: { PUBLIC_ORIGIN: origin, ...vars }, log }
  const announced = async (): Promise<ChildProcess> => {
    const started = await launch(launchOptions)
    await lock.announce({ origin, pid: process.pid, ...(started.pid === undefined ? {} : { group: started.pid }) })
    return started
  }
  let restarts = 0
  const stopping = new AbortController()
  let child = await announced()
  if (!(await waitUntilHealthy(port, child))) {
    const problem = hasExited(child) ? 'stopped during the start' : `did not start within ${START_TIMEOUT_MS / 1000} seconds`
    await killGroup(child)
    throw new CliError(`The platform at ${origin} ${problem}. See the output above.`)
  }

  const dashboard = watch ? await watchDashboard(log) : undefined
  // `wrangler dev` runs no cron trigger, so a timer requests the deletion of expired data
  const cleanup = watch
    ? setInterval(() => void fetch(`${origin}/cdn-cgi/local/scheduled`).catch(() => {}), CLEANUP_INTERVAL_MS)
    : undefined

  const restartOnTrouble = async (): Promise<void> => {
    let quickFailures = 0
    while (!stopping.signal.aborted) {
      const startedAt = Date.now()
      const trouble = await waitForTrouble({ port, child, memoryCap, stopping: stopping.signal })
      if (stopping.signal.aborted) return
      quickFailures = Date.now() - startedAt < QUICK_FAILURE_MS ? quickFailures + 1 : 0
      log(`The platform ${trouble.text}. Restarting. Sessions continue.`)
      if (!watch && quickFailures <= MAX_QUICK_FAILURES && (await restartWorkerd({ port, child, trouble }))) {
        restarts += 1
        log(`The platform is running again at ${origin}.`)
        continue
      }
      await killGroup(child)
      // the delay grows, so that a platform that cannot run does not use a whole processor
      await sleep(Math.min(MAX_RESTART_DELAY_MS, quickFailures > MAX_QUICK_FAILURES ? 250 * 2 ** (quickFailures - MAX_QUICK_FAILURES) : 0))
      if (stopping.signal.aborted) return
      child = await announced()
      restarts += 1
      if (await waitUntilHealthy(port, child)) log(`The platform is running again at ${origin}.`)
    }
  }
  const ended = restartOnTrouble().finally(async () => {
    clearInterval(cleanup)
    await killGroup(child)
    await lock.release()
  })
  // the caller may await `ended` later; without a handler a rejection would end the process
  ended.catch(() => {})

  return {
    origin,
    group: () => child.pid ?? 0,
    restarts: () => restarts,
    ended,
    stop: async () => {
      stopping.abort()
      await killGroup(child)
      dashboard?.kill()
      await ended.catch(() => {})
    },
  }
}

async function prepareData(state: State, log: (line: string) => void): Promise<void> {
  // written by earlier releases: every request URL with its tokens
  await rm(join(persistPath(state), 'observability'), { recursive: true, force: true })
  await applyMigrations(state, log)
}

/**
 * Returns true if the port is in use on IPv4 or IPv6, because `localhost` can mean either address.
 */
async function isPortInUse(port: number): Promise<boolean> {
  const acceptsConnections = (host: string): Promise<boolean> =>
    new Promise((resolve) => {
      const socket = connect({ port, host })
      socket.once('connect', () => (socket.destroy(), resolve(true)))
      socket.once('error', () => resolve(false))
    })
  return (await Promise.all(['127.0.0.1', '::1'].map(acceptsConnections))).includes(true)
}
