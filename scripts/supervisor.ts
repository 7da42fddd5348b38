import { type ChildProcess, spawn } from 'node:child_process'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { buildDashboard, watchDashboard } from './dashboard.ts'
import { Fault } from './fault.ts'
import type { State } from './state.ts'
import { QUIET, ROOT, wrangler, WRANGLER } from './wrangler.ts'

interface Options {
  state: State
  port: number
  /** Rebuild as files change, rather than run what was there at the start. */
  watch?: boolean
  /** Further `vars`, over those of wrangler.toml. */
  vars?: Record<string, string>
  log?: (line: string) => void
}

/** A platform that runs until `stop`. */
export interface Platform {
  origin: string
  /** The process group of the wrangler and workerd of the moment. */
  group: () => number
  /** How often it was started again since the first time. */
  restarts: () => number
  stop: () => Promise<void>
  /** Rejects when it cannot be kept up any more. Never resolves before `stop`. */
  ended: Promise<void>
}

const START_TIMEOUT = 60_000
const CHECK_EVERY = 2000
const CHECK_TIMEOUT = 3000
const MISSES = 3
/** As the cron trigger of wrangler.toml. */
const SWEEP_EVERY = 10 * 60_000
const LONGEST_PAUSE = 10_000
const PRELOAD = fileURLToPath(new URL('./die-with-supervisor.js', import.meta.url))

/** Applies migrations, starts workerd and keeps it up: three missed health checks, or its end, and it is started again on the same data. */
export async function startPlatform({ state, port, watch = false, vars = {}, log = console.log }: Options): Promise<Platform> {
  if (await listens(port))
    throw new Fault(`Port ${port} is in use: stop what listens there, or choose another with "npm start -- --port 8790".`)
  const origin = `http://localhost:${port}`
  await Promise.all([
    buildDashboard(),
    wrangler('Preparing the database', ['d1', 'migrations', 'apply', 'DB', '--local', '--persist-to', state.data]),
  ])
  if (!watch) await wrangler('Building the platform', ['deploy', '--dry-run', '--outdir', state.build])

  const script = watch ? [] : [join(state.build, 'index.js'), '--no-bundle']
  const place = ['--local', '--ip', '127.0.0.1', '--port', String(port), '--inspector-port', '0', '--persist-to', state.data]
  const given = Object.entries({ PUBLIC_ORIGIN: origin, ...vars }).flatMap(([name, value]) => ['--var', `${name}:${value}`])
  const quiet = ['--show-interactive-dev-session=false', '--log-level', 'error']
  const config = ['--config', join(ROOT, 'wrangler.toml'), '--env-file', state.secretsFile]
  const args = ['dev', ...script, ...config, ...place, ...given, ...quiet]
  let restarts = 0
  const stopping = new AbortController()
  let child = launch(args, log)
  if (!(await becomesHealthy(port, child))) {
    const how = gone(child) ? 'stopped before it was up' : `did not come up within ${START_TIMEOUT / 1000} seconds`
    await end(child)
    throw new Fault(`The platform on ${origin} ${how}; what it printed is above.`)
  }

  const dashboard = watch ? await watchDashboard(log) : undefined

  // `wrangler dev` fires no cron trigger: without this nothing that has expired would ever be deleted here
  const sweep = setInterval(() => void fetch(`${origin}/cdn-cgi/local/scheduled`).catch(() => {}), SWEEP_EVERY)

  const watchOver = async (): Promise<void> => {
    let quickFailures = 0
    while (!stopping.signal.aborted) {
      const since = Date.now()
      const why = await waitForTrouble(port, child, stopping.signal)
      if (stopping.signal.aborted) return
      quickFailures = Date.now() - since < 30_000 ? quickFailures + 1 : 0
      log(`The platform ${why}: starting it again. Sessions go on.`)
      await end(child)
      // a tenant's endless loop that is called again and again must not end the platform for good, nor keep the machine busy with starts
      await sleep(Math.min(LONGEST_PAUSE, quickFailures > 2 ? 250 * 2 ** quickFailures : 0))
      if (stopping.signal.aborted) return
      child = launch(args, log)
      restarts += 1
      if (await becomesHealthy(port, child)) log(`The platform is back on ${origin}.`)
    }
  }
  const ended = watchOver().finally(() => {
    clearInterval(sweep)
    return end(child)
  })
  ended.catch(() => {}) // whoever awaits it hears of it; a rejection in between must not end the process unasked

  return {
    origin,
    group: () => child.pid ?? 0,
    restarts: () => restarts,
    ended,
    stop: async () => {
      stopping.abort()
      await end(child)
      dashboard?.kill()
      await ended.catch(() => {})
    },
  }
}

/** In a process group of its own, led by wrangler, so that a stuck workerd can be ended with everything around it. */
function launch(args: string[], log: (line: string) => void): ChildProcess {
  const child = spawn(process.execPath, ['--import', PRELOAD, WRANGLER, ...args], {
    cwd: ROOT,
    env: QUIET,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      for (const line of text.split('\n')) if (line.trim()) log(line)
    })
  }
  return child
}

async function becomesHealthy(port: number, child: ChildProcess): Promise<boolean> {
  const until = Date.now() + START_TIMEOUT
  while (Date.now() < until && !gone(child)) {
    if (await healthy(port)) return true
    await sleep(150)
  }
  return false
}

/** Resolves, with what is wrong in words, once workerd is gone or has missed three checks. */
async function waitForTrouble(port: number, child: ChildProcess, stopping: AbortSignal): Promise<string> {
  let misses = 0
  while (!stopping.aborted) {
    if (gone(child)) return 'stopped'
    misses = (await healthy(port)) ? 0 : misses + 1
    if (misses >= MISSES) return `missed ${MISSES} health checks`
    await sleep(misses > 0 ? CHECK_EVERY / 4 : CHECK_EVERY)
  }
  return 'was stopped'
}

async function healthy(port: number): Promise<boolean> {
  try {
    const response = await fetch(`http://localhost:${port}/healthz`, { signal: AbortSignal.timeout(CHECK_TIMEOUT) })
    await response.body?.cancel()
    return response.ok
  } catch {
    return false
  }
}

function gone(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null
}

/** Ends the whole group. It has nothing to tidy up: what it acknowledged is on disk. */
async function end(child: ChildProcess): Promise<void> {
  const exited = gone(child) ? Promise.resolve() : new Promise((resolve) => child.once('exit', resolve))
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
  } catch {
    // no process of the group is left
  }
  await exited
}

/** On either of what `localhost` may mean: a client would reach whoever has the one we do not. */
async function listens(port: number): Promise<boolean> {
  const listensAt = (host: string): Promise<boolean> =>
    new Promise((resolve) => {
      const socket = connect({ port, host })
      socket.once('connect', () => (socket.destroy(), resolve(true)))
      socket.once('error', () => resolve(false))
    })
  return (await Promise.all(['127.0.0.1', '::1'].map(listensAt))).includes(true)
}
