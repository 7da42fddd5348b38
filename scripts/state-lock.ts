import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { CliError } from './cli.ts'
import { groupProcesses } from './process-usage.ts'

/** Platform that runs on a state folder. */
export interface RunningPlatform {
  origin: string
  pid: number
  /** Process group of workerd. */
  group?: number
}

/** Lock on a state folder. The kernel frees the lock when the process ends, also by `kill -9`. */
export interface StateLock {
  /** Stores the address for `npm run demo`, `npm run deploy-server` and a refused second start. */
  announce: (running: RunningPlatform) => Promise<void>
  release: () => Promise<void>
}

const LOCK = 'lock'
const RUNNING = 'running.json'
/** Time for the processes of a killed platform to end. */
const PREDECESSOR_TIMEOUT_MS = 5_000

/** Locks the state folder. Throws a CliError if a platform runs on the folder. */
export async function lockState(directory: string): Promise<StateLock> {
  const lock = tryLock(directory)
  if (!lock) {
    const running = await readRunning(directory)
    const place = running ? `at ${running.origin} (process ${running.pid})` : `on ${display(directory)}, and is starting or stopping`
    throw new CliError(
      `Wharf already runs ${place}. Use the running platform, stop it first, or choose another state folder with --state or WHARF_STATE.`,
    )
  }
  try {
    await untilPredecessorEnded(directory)
  } catch (error) {
    lock.close()
    throw error
  }
  const path = join(directory, RUNNING)
  return {
    announce: async (running) => {
      await writeFile(`${path}.new`, `${JSON.stringify(running)}\n`)
      await rename(`${path}.new`, path)
    },
    release: async () => {
      await rm(path, { force: true })
      if (lock.isOpen) lock.close()
    },
  }
}

/** Returns the platform that runs on the state folder. */
export async function findRunning(directory: string): Promise<RunningPlatform | undefined> {
  const running = await readRunning(directory)
  if (!running) return undefined
  const lock = tryLock(directory)
  lock?.close()
  return lock ? undefined : running
}

/**
 * Returns undefined if another process holds the lock. SQLite locks the file in the way of each
 * operating system, and such a lock needs no clean-up.
 */
function tryLock(directory: string): DatabaseSync | undefined {
  const lock = new DatabaseSync(join(directory, LOCK), { timeout: 0 })
  try {
    lock.exec('PRAGMA journal_mode = OFF; BEGIN EXCLUSIVE')
    return lock
  } catch (error) {
    lock.close()
    if (!/locked|busy/i.test(String(error))) throw error
    return undefined
  }
}

/**
 * Waits for workerd of a platform that was killed, because two workerd on the same data would write
 * at the same time. Kills a workerd that has lost its platform.
 */
async function untilPredecessorEnded(directory: string): Promise<void> {
  const group = (await readRunning(directory))?.group
  if (group === undefined) return
  const until = Date.now() + PREDECESSOR_TIMEOUT_MS
  for (;;) {
    const rest = (await groupProcesses(group)).filter(({ command }) => command === 'workerd')
    if (rest.length === 0) return
    if (Date.now() > until) {
      const pids = rest.map(({ pid }) => pid).join(', ')
      throw new CliError(
        `workerd of an earlier platform still uses ${display(directory)} (process ${pids}). End the process, then start again.`,
      )
    }
    await sleep(100)
    if (Date.now() > until - PREDECESSOR_TIMEOUT_MS / 2) for (const { pid } of rest) process.kill(pid, 'SIGKILL')
  }
}

async function readRunning(directory: string): Promise<RunningPlatform | undefined> {
  try {
    const { origin, pid, group } = JSON.parse(await readFile(join(directory, RUNNING), 'utf8')) as RunningPlatform
    return { origin: String(origin), pid: Number(pid), ...(typeof group === 'number' ? { group } : {}) }
  } catch {
    return undefined
  }
}

function display(directory: string): string {
  return relative(process.cwd(), directory) || directory
}
