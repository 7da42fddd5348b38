import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CliError } from './cli.ts'
import { buildDocs } from './docs.ts'
import { NON_INTERACTIVE_ENV, ROOT } from './wrangler.ts'

/** Build output. The Worker serves the folder `site` in here as `[assets] directory`. */
const DIST = join(ROOT, 'dashboard/dist')
export const SITE = join(DIST, 'site/dashboard')
const INPUTS = join(DIST, 'inputs.sha256')
const VITE = join(ROOT, 'node_modules/vite/bin/vite.js')
const PRELOAD = fileURLToPath(new URL('./exit-with-parent.js', import.meta.url))

/**
 * Builds the dashboard if a source has changed since the last build, and renders the documentation.
 * Returns true after a build of the dashboard.
 */
export async function buildDashboard(): Promise<boolean> {
  const built = await buildApp()
  await buildDocs()
  return built
}

async function buildApp(): Promise<boolean> {
  const inputs = await hashInputs()
  if ((await readFile(INPUTS, 'utf8').catch(() => undefined)) === inputs) return false
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
  const args = ['--import', PRELOAD, VITE, 'build', join(ROOT, 'dashboard'), '--logLevel', 'warn', ...options]
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    env: { ...NON_INTERACTIVE_ENV, NODE_ENV: 'production' },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    detached: true, // the preload kills the whole process group
  })
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', onOutput)
  return child
}

/**
 * Returns a hash of every input of the build: sources, protocol files, examples, scripts and
 * package versions.
 */
async function hashInputs(): Promise<string> {
  const folders = ['dashboard', 'protocol', 'examples']
  const scripts = ['dashboard', 'templates', 'bundle', 'tenant-packages', 'editor-types', 'editor-assets'].map(
    (name) => `scripts/${name}.ts`,
  )
  const files = ['package-lock.json', ...scripts].map((name) => join(ROOT, name))
  for (const folder of folders) {
    for (const entry of await readdir(join(ROOT, folder), { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name)
      if (entry.isFile() && !/(^|\/)(dist|node_modules)\//.test(relative(ROOT, path))) files.push(path)
    }
  }
  const hash = createHash('sha256')
  for (const path of files.toSorted()) {
    hash.update(`${relative(ROOT, path)}\0`)
    hash.update(await readFile(path))
    hash.update('\0')
  }
  return hash.digest('hex')
}
