import { randomUUID } from 'node:crypto'
import { cp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { hashInputs } from './input-hash.ts'
import { ROOT } from './root.ts'
import type { State } from './state.ts'
import { runTied } from './tied-process.ts'
import { wrangler } from './wrangler.ts'

/** Bundles by the hash of the inputs, for every state folder of the checkout. */
const CACHE = join(ROOT, '.wrangler/platform')
const KEPT_BUILDS = 3
const INPUT_FOLDERS = ['workers', 'durable-objects', 'hosting', 'store', 'protocol', 'docs']
const INPUT_FILES = ['wrangler.toml', 'package-lock.json', 'tsconfig.json', 'scripts/worker-build.ts', 'scripts/worker-options.ts']
const HASH_FILE = 'inputs.sha256'
/** Bindings of wrangler.toml as options of Miniflare. */
export const WORKER_OPTIONS = 'worker.json'
const READ_OPTIONS = fileURLToPath(new URL('./worker-options.ts', import.meta.url))

/**
 * Puts the bundled Worker into the state folder, so that a restart runs the same code after a
 * change of a source. Builds only if an input has changed since the last build.
 */
export async function buildWorker({ build }: State, log: (line: string) => void): Promise<void> {
  const inputs = await hashInputs(INPUT_FOLDERS, INPUT_FILES)
  if ((await hashOf(build)) === inputs) return
  const cached = join(CACHE, inputs)
  if ((await hashOf(cached)) !== inputs) {
    log('Bundling the platform …')
    await createBuild(cached, inputs)
  }
  await rm(build, { recursive: true, force: true })
  await cp(cached, build, { recursive: true })
}

async function hashOf(build: string): Promise<string | undefined> {
  return readFile(join(build, HASH_FILE), 'utf8').catch(() => undefined)
}

/** Builds beside the cache and renames, so that two starts at the same time see whole builds. */
async function createBuild(cached: string, inputs: string): Promise<void> {
  const unfinished = `${cached}.${randomUUID()}`
  // no variables and secrets, because each start reads variables and secrets again
  const env = { PATH: process.env['PATH'], HOME: process.env['HOME'] }
  await wrangler('Bundling the platform', ['deploy', '--dry-run', '--outdir', unfinished])
  await runTied('Reading wrangler.toml', READ_OPTIONS, [join(unfinished, WORKER_OPTIONS)], env)
  await rm(join(unfinished, 'index.js.map'), { force: true })
  await writeFile(join(unfinished, HASH_FILE), inputs)
  // fails if another start was faster
  await rename(unfinished, cached).catch(() => rm(unfinished, { recursive: true, force: true }))
  await removeOldBuilds()
}

async function removeOldBuilds(): Promise<void> {
  const whole = (await readdir(CACHE)).filter((name) => /^[0-9a-f]{64}$/.test(name))
  const builds = await Promise.all(whole.map(async (name) => ({ path: join(CACHE, name), time: (await stat(join(CACHE, name))).mtimeMs })))
  const old = builds.toSorted((a, b) => b.time - a.time).slice(KEPT_BUILDS)
  await Promise.all(old.map(({ path }) => rm(path, { recursive: true, force: true })))
}
