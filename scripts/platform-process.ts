import { type ChildProcess, spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { NON_INTERACTIVE_ENV, ROOT, WRANGLER } from './wrangler.ts'

export const START_TIMEOUT_MS = 60_000
const CHECK_INTERVAL_MS = 2_000
const CHECK_TIMEOUT_MS = 3_000
const MAX_MISSED_CHECKS = 3
const PRELOAD = fileURLToPath(new URL('./exit-with-parent.js', import.meta.url))

/**
 * Starts wrangler in a new process group, so a stuck workerd can be killed together with wrangler.
 */
export function launch(args: string[], log: (line: string) => void): ChildProcess {
  const child = spawn(process.execPath, ['--import', PRELOAD, WRANGLER, ...args], {
    cwd: ROOT,
    env: NON_INTERACTIVE_ENV,
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

export async function waitUntilHealthy(port: number, child: ChildProcess): Promise<boolean> {
  const until = Date.now() + START_TIMEOUT_MS
  while (Date.now() < until && !hasExited(child)) {
    if (await isHealthy(port)) return true
    await sleep(150)
  }
  return false
}

/**
 * Waits until the process has exited or missed three health checks. Returns the problem in words.
 */
export async function waitForTrouble(port: number, child: ChildProcess, stopping: AbortSignal): Promise<string> {
  let misses = 0
  while (!stopping.aborted) {
    if (hasExited(child)) return 'stopped'
    misses = (await isHealthy(port)) ? 0 : misses + 1
    if (misses >= MAX_MISSED_CHECKS) return `missed ${MAX_MISSED_CHECKS} health checks`
    await sleep(misses > 0 ? CHECK_INTERVAL_MS / 4 : CHECK_INTERVAL_MS)
  }
  return 'was stopped'
}

async function isHealthy(port: number): Promise<boolean> {
  try {
    const response = await fetch(`http://localhost:${port}/healthz`, { signal: AbortSignal.timeout(CHECK_TIMEOUT_MS) })
    await response.body?.cancel()
    return response.ok
  } catch {
    return false
  }
}

export function hasExited(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null
}

/** Kills the process group. No cleanup is needed, because acknowledged data is on disk. */
export async function killGroup(child: ChildProcess): Promise<void> {
  const exited = hasExited(child) ? Promise.resolve() : new Promise((resolve) => child.once('exit', resolve))
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
  } catch {
    // the group has no processes left
  }
  await exited
}
