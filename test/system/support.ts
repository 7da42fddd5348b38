import { execFileSync } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Browser } from '../../scripts/browser.ts'
import { signUp } from '../../scripts/browser-flows.ts'
import { Management } from '../../scripts/management.ts'
import { openState } from '../../scripts/state.ts'
import { type Platform, startPlatform } from '../../scripts/supervisor.ts'
import { ROOT } from '../../scripts/wrangler.ts'

export const PERSON = { name: 'Sys Temtest', email: 'system@example.com', password: 'only for these tests' }

export interface Site {
  platform: Platform
  management: Management
  /** Deploys an example, or another folder, at `demo/{name}`. Returns the MCP endpoint. */
  deployed: (name: string, settings?: Record<string, unknown>, folder?: string) => Promise<string>
  log: string[]
  /** State folder of the platform. */
  state: string
  stop: () => Promise<void>
}

/** Starts a platform with one user and an empty state. `vars` override wrangler.toml. */
export async function startSite(vars: Record<string, string> = {}, limits: { memoryCap?: number } = {}): Promise<Site> {
  const directory = await mkdtemp(join(tmpdir(), 'wharf-system-'))
  const log: string[] = []
  const platform = await startPlatform({
    state: await openState(directory),
    port: await freePort(),
    vars,
    ...limits,
    log: (line) => void log.push(line),
  }).catch((error: unknown) => {
    throw new Error(`The platform did not start. Its log:\n${log.join('\n')}`, { cause: error })
  })
  const browser = new Browser(platform.origin)
  await signUp(browser, PERSON)
  const management = new Management(browser)
  return {
    platform,
    management,
    log,
    state: directory,
    deployed: async (name, settings = {}, folder = join(ROOT, 'examples', name)) => {
      await management.ensureServer('demo', name, settings)
      await management.deploy('demo', name, folder)
      return `${platform.origin}/demo/${name}/mcp`
    },
    stop: async () => {
      await platform.stop()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

/** Sends a signal to every workerd of a platform, as the out-of-memory killer or a deploy would. */
export function signalWorkerd({ group }: Platform, signal: NodeJS.Signals): number {
  const rows = execFileSync('ps', ['-A', '-o', 'pid=,pgid=,comm='], { encoding: 'utf8' }).split('\n')
  const found = rows
    .map((row) => row.trim().split(/\s+/))
    .filter(([, pgid, command]) => Number(pgid) === group() && command?.endsWith('workerd'))
  for (const [pid] of found) process.kill(Number(pid), signal)
  return found.length
}

/** Waits until the supervisor has restarted the platform. `restarts` is the count from before. */
export async function untilRestarted({ origin, restarts: count }: Platform, restarts: number): Promise<void> {
  const until = Date.now() + 90_000
  while (Date.now() < until) {
    if (
      count() > restarts &&
      (await fetch(`${origin}/healthz`).then(
        (answer) => answer.ok,
        () => false,
      ))
    )
      return
    await sleep(100)
  }
  throw new Error('the platform did not restart')
}

/**
 * Returns a free port for a server of another process. The port is below 32768, because Linux can
 * give a higher port to a connection or a listener before that server starts.
 */
export async function freePort(): Promise<number> {
  const port = randomInt(20_000, 32_000)
  const server = createServer()
  const isFree = await new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
  return isFree ? port : freePort()
}
