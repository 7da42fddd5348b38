import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import type { InlineConfig } from 'vite'
import { editorAssets } from './editor-assets.ts'
import { Fault } from './fault.ts'
import { templates } from './templates.ts'
import { ROOT } from './wrangler.ts'

/** The folder that is the Worker's `[assets] directory`, and the hash of what it was built of. */
const DIST = join(ROOT, 'dashboard/dist')
export const SITE = join(DIST, 'site/dashboard')
const INPUTS = join(DIST, 'inputs.sha256')

/** Builds the dashboard unless what stands in its folder was made of the very same files. True when it built. */
export async function buildDashboard(): Promise<boolean> {
  const inputs = await hashInputs()
  if ((await readFile(INPUTS, 'utf8').catch(() => undefined)) === inputs) return false
  await rm(INPUTS, { force: true }) // half a build must not pass for one
  const { build } = await import('vite')
  const { NODE_ENV } = process.env
  process.env['NODE_ENV'] = 'production' // a test runner's own would make it React's development build
  try {
    await build(config)
  } catch (error) {
    throw new Fault(`Building the dashboard failed:\n${error instanceof Error ? error.message : String(error)}`)
  } finally {
    if (NODE_ENV === undefined) delete process.env['NODE_ENV']
    else process.env['NODE_ENV'] = NODE_ENV
  }
  await writeFile(INPUTS, inputs)
  return true
}

/** Builds it, and again whenever a file of it changes, until closed. Resolves after the first build. */
export async function watchDashboard(log: (line: string) => void): Promise<{ close(): Promise<void> }> {
  await mkdir(SITE, { recursive: true })
  await rm(INPUTS, { force: true }) // what the watcher leaves behind may be newer or older than the sources
  const { build } = await import('vite')
  const watcher = await build({ ...config, build: { watch: {} } })
  if (!('on' in watcher)) throw new Error('vite was to watch, and did not')
  await new Promise<void>((resolve) => {
    watcher.on('event', (event) => {
      if (event.code === 'ERROR') log(`The dashboard was not built: ${event.error.message}`)
      if (event.code === 'END' || event.code === 'ERROR') resolve()
    })
  })
  return watcher
}

const config: InlineConfig = {
  configFile: join(ROOT, 'dashboard/vite.config.ts'),
  logLevel: 'warn',
  plugins: [templates(join(ROOT, 'examples')), editorAssets()],
  worker: { format: 'es' },
}

/** Of every file the build reads: its sources, the protocol files it shares, the examples that are its templates, this script's own, exact versions. */
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
