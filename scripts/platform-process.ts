import type { ChildProcess } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { persistPath } from './local-database.ts'
import type { Trouble } from './platform-watch.ts'
import { groupProcesses } from './process-usage.ts'
import type { ServeSettings } from './serve.ts'
import { readSecrets, type State } from './state.ts'
import { hasExited, spawnTied } from './tied-process.ts'
import { WORKER_OPTIONS } from './worker-build.ts'
import { ROOT, WRANGLER } from './wrangler.ts'

export const START_TIMEOUT_MS = 60_000
const RESTART_TIMEOUT_MS = 10_000
const CHECK_TIMEOUT_MS = 3_000
const SERVE = fileURLToPath(new URL('./serve.ts', import.meta.url))

export interface LaunchOptions {
  state: State
  port: number
  /** Rebuilds after each change of a file. */
  watch: boolean
  /** Variables that override `vars` of wrangler.toml. */
  vars: Record<string, string>
  log: (line: string) => void
}

/**
 * Starts the platform in a new process group, so that a stuck workerd can be killed together with
 * its parent. With `watch`, the platform is `wrangler dev`.
 */
export async function launch(options: LaunchOptions): Promise<ChildProcess> {
  const { state, port, watch, log } = options
  const onOutput = (text: string): void => {
    for (const line of text.split('\n')) if (line.trim()) log(line)
  }
  if (watch) return spawnTied(WRANGLER, devArguments(options), { onOutput })
  const bindings = await readBindings(options)
  const child = spawnTied(SERVE, [state.directory], { onOutput })
  const settings: ServeSettings = { build: state.build, persistPath: persistPath(state), port, bindings }
  child.send(settings, () => {}) // the exit event reports a child that has ended
  return child
}

/** A variable or secret of the environment overrides the file, as in `wrangler dev`. */
async function readBindings({ state, vars }: LaunchOptions): Promise<Record<string, string>> {
  const { bindings } = JSON.parse(await readFile(join(state.build, WORKER_OPTIONS), 'utf8')) as { bindings: Record<string, string> }
  const inFiles = { ...bindings, ...(await readSecrets(state)) }
  const chosen = Object.entries(inFiles).map(([name, value]) => [name, process.env[name] || value])
  return { ...Object.fromEntries(chosen), ...vars }
}

/** Returns the arguments of `wrangler dev`. */
function devArguments({ state, port, vars }: LaunchOptions): string[] {
  const configOptions = ['--config', join(ROOT, 'wrangler.toml'), '--env-file', state.secretsFile]
  const runOptions = ['--local', '--ip', '127.0.0.1', '--port', String(port), '--inspector-port', '0', '--persist-to', state.data]
  const varOptions = Object.entries(vars).flatMap(([name, value]) => ['--var', `${name}:${value}`])
  const logOptions = ['--show-interactive-dev-session=false', '--log-level', 'error']
  return ['dev', ...configOptions, ...runOptions, ...varOptions, ...logOptions]
}

/**
 * Restarts workerd alone: Miniflare starts a new workerd as soon as workerd has ended, which is
 * faster than a new process group. Returns false if the new workerd answers no health check.
 */
export async function restartWorkerd({ port, child, trouble }: { port: number; child: ChildProcess; trouble: Trouble }): Promise<boolean> {
  if (trouble.mustKill) {
    const processes = await groupProcesses(child.pid ?? 0)
    for (const { pid, command } of processes) if (command === 'workerd') process.kill(pid, 'SIGKILL')
  }
  return waitUntilHealthy(port, child, RESTART_TIMEOUT_MS)
}

export async function waitUntilHealthy(port: number, child: ChildProcess, timeoutMs = START_TIMEOUT_MS): Promise<boolean> {
  const until = Date.now() + timeoutMs
  while (Date.now() < until && !hasExited(child)) {
    if (await isHealthy(port)) return true
    await sleep(50)
  }
  return false
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
