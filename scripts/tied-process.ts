import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { CliError } from './cli.ts'
import { NON_INTERACTIVE_ENV, ROOT } from './root.ts'

const PRELOAD = fileURLToPath(new URL('./exit-with-parent.js', import.meta.url))

interface TiedOptions {
  env?: NodeJS.ProcessEnv
  /** Receives standard output and standard error. */
  onOutput: (text: string) => void
}

/**
 * Starts a Node script in a process group of its own. The group ends with this process, also after
 * `kill -9`.
 */
export function spawnTied(script: string, args: readonly string[], { env = NON_INTERACTIVE_ENV, onOutput }: TiedOptions): ChildProcess {
  const child = spawn(process.execPath, ['--import', PRELOAD, script, ...args], {
    cwd: ROOT,
    env,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    detached: true,
  })
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', onOutput)
  return child
}

/**
 * Runs a Node script to its end and returns its output. Throws a CliError with the last lines of
 * the output.
 */
export async function runTied(step: string, script: string, args: readonly string[], env?: NodeJS.ProcessEnv): Promise<string> {
  const output: string[] = []
  const child = spawnTied(script, args, { ...(env ? { env } : {}), onOutput: (text) => output.push(text) })
  const code = await new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve))
  const text = output.join('')
  if (code !== 0) throw new CliError(`${step} failed:\n${text.trim().split('\n').slice(-12).join('\n')}`)
  return text
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
