import type { ChildProcess } from 'node:child_process'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CliError } from './cli.ts'
import { buildDocs } from './docs.ts'
import { hashInputs } from './input-hash.ts'
import { NON_INTERACTIVE_ENV, ROOT } from './root.ts'
import { spawnTied } from './tied-process.ts'

/** Build output. The Worker serves the folder `site` in here as `[assets] directory`. */
const DIST = join(ROOT, 'dashboard/dist')
export const SITE = join(DIST, 'site/dashboard')
const INPUTS = join(DIST, 'inputs.sha256')
const VITE = join(ROOT, 'node_modules/vite/bin/vite.js')

/**
 * Builds the dashboard if a source has changed since the last build, and renders the documentation.
 * Returns true after a build of the dashboard.
 */
export async function buildDashboard(log: (line: string) => void = () => {}): Promise<boolean> {
  const built = await buildApp(log)
  await buildDocs()
  return built
}

async function buildApp(log: (line: string) => void): Promise<boolean> {
  const inputs = await hashDashboardInputs()
  if ((await readFile(INPUTS, 'utf8').catch(() => undefined)) === inputs) return false
  log('Building the dashboard. This takes half a minute, and only after a change …')
  await rm(INPUTS, { force: true }) // an incomplete build must not count as complete
  const output: string[] = []
  const code = await new Promise<number | null>((resolve, reject) => {
    vite([], (text) => output.push(text))
      .once('error', reject)
      .once('close', resolve)
  })
  if (code !== 0) throw new CliError(`Building the dashboard failed:\n${output.join('').trim()}`)
  await writeFile(INPUTS, inputs)
  return true
}

/**
 * Starts a process that rebuilds the dashboard after each change of a source. The process ends with
 * the current process.
 */
export async function watchDashboard(log: (line: string) => void): Promise<ChildProcess> {
  await rm(INPUTS, { force: true }) // the hash would no longer match the watcher's output
  // keep the last build until the next build is ready
  return vite(['--watch', '--no-emptyOutDir'], (text) => {
    for (const line of text.split('\n')) if (line.trim()) log(line)
  })
}

/** Starts Vite in a separate process, because a test runner would transform Vite's own code. */
function vite(options: string[], onOutput: (text: string) => void): ChildProcess {
  const env = { ...NON_INTERACTIVE_ENV, NODE_ENV: 'production' }
  return spawnTied(VITE, ['build', join(ROOT, 'dashboard'), '--logLevel', 'warn', ...options], { env, onOutput })
}

/** Sources, protocol files, examples, scripts and package versions. */
function hashDashboardInputs(): Promise<string> {
  const scripts = ['dashboard', 'templates', 'bundle', 'tenant-packages', 'editor-types', 'editor-assets']
  return hashInputs(['dashboard', 'protocol', 'examples'], ['package-lock.json', ...scripts.map((name) => `scripts/${name}.ts`)])
}
