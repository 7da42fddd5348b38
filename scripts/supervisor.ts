import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { buildDashboard, watchDashboard } from './dashboard.ts'
import { CliError } from './cli.ts'
import { hasExited, killGroup, launch, START_TIMEOUT_MS, waitForTrouble, waitUntilHealthy } from './platform-process.ts'
import type { State } from './state.ts'
import { ROOT, wrangler } from './wrangler.ts'

interface Options {
  state: State
  port: number
  /** Rebuilds after each change of a file. */
  watch?: boolean
  /** Variables that override `vars` of wrangler.toml. */
  vars?: Record<string, string>
  log?: (line: string) => void
}

/** Platform that runs until `stop`. */
export interface Platform {
  origin: string
  /** Returns the current process group of wrangler and workerd. */
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

/**
 * Applies migrations and starts workerd. Restarts workerd on the same data if the process exits or
 * misses three health checks.
 */
export async function startPlatform({ state, port, watch = false, vars = {}, log = console.log }: Options): Promise<Platform> {
  if (await isPortInUse(port))
    throw new CliError(`Port ${port} is in use. Stop the other program, or choose another port with "npm start -- --port 8790".`)
  const origin = `http://localhost:${port}`
  await Promise.all([
    buildDashboard(),
    wrangler('Preparing the database', ['d1', 'migrations', 'apply', 'DB', '--local', '--persist-to', state.data]),
  ])
  if (!watch) await wrangler('Building the platform', ['deploy', '--dry-run', '--outdir', state.build])

  const args = devArguments({ state, port, watch, vars: { PUBLIC_ORIGIN: origin, ...vars } })
  let restarts = 0
  const stopping = new AbortController()
  let child = launch(args, log)
  if (!(await waitUntilHealthy(port, child))) {
    const problem = hasExited(child) ? 'stopped during the start' : `did not start within ${START_TIMEOUT_MS / 1000} seconds`
    await killGroup(child)
    throw new CliError(`The platform at ${origin} ${problem}. See the output above.`)
  }

  const dashboard = watch ? await watchDashboard(log) : undefined

  // `wrangler dev` runs no cron trigger, so a timer requests the deletion of expired data
  const cleanup = setInterval(() => void fetch(`${origin}/cdn-cgi/local/scheduled`).catch(() => {}), CLEANUP_INTERVAL_MS)

  const restartOnTrouble = async (): Promise<void> => {
    let quickFailures = 0
    while (!stopping.signal.aborted) {
      const startedAt = Date.now()
      const trouble = await waitForTrouble(port, child, stopping.signal)
      if (stopping.signal.aborted) return
      quickFailures = Date.now() - startedAt < 30_000 ? quickFailures + 1 : 0
      log(`The platform ${trouble}. Restarting. Sessions continue.`)
      await killGroup(child)
      // the delay grows, because an endless loop in a tenant's code can stop the platform again and
      // again
      await sleep(Math.min(MAX_RESTART_DELAY_MS, quickFailures > 2 ? 250 * 2 ** quickFailures : 0))
      if (stopping.signal.aborted) return
      child = launch(args, log)
      restarts += 1
      if (await waitUntilHealthy(port, child)) log(`The platform is running again at ${origin}.`)
    }
  }
  const ended = restartOnTrouble().finally(() => {
    clearInterval(cleanup)
    return killGroup(child)
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

/** Returns the arguments of `wrangler dev`. */
function devArguments({ state, port, watch, vars }: Required<Omit<Options, 'log'>>): string[] {
  const script = watch ? [] : [join(state.build, 'index.js'), '--no-bundle']
  const configOptions = ['--config', join(ROOT, 'wrangler.toml'), '--env-file', state.secretsFile]
  const runOptions = ['--local', '--ip', '127.0.0.1', '--port', String(port), '--inspector-port', '0', '--persist-to', state.data]
  const varOptions = Object.entries(vars).flatMap(([name, value]) => ['--var', `${name}:${value}`])
  const logOptions = ['--show-interactive-dev-session=false', '--log-level', 'error']
  return ['dev', ...script, ...configOptions, ...runOptions, ...varOptions, ...logOptions]
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
