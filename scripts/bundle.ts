import { access, readFile } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { build, type BuildFailure, type Plugin } from 'esbuild'
import { type BundleMessage, toMessage } from '../dashboard/src/features/code/bundler/bundle.ts'
import { BUNDLE_OPTIONS, BUNDLED_MODULE } from '../dashboard/src/features/code/bundler/options.ts'
import { resolveRuntimeModule } from '../dashboard/src/features/code/bundler/runtime-modules.ts'

/** Body of an upload to the management API. */
export interface Upload {
  manifest: { source: 'code'; mainModule: string; note: string }
  /** Source text by module name. */
  modules: Record<string, string>
  sources?: { main: string; files: Record<string, string> }
}

/** Bundling has failed. `messages` give the reasons and places. */
export class BundleError extends Error {
  readonly messages: BundleMessage[]
  constructor(directory: string, messages: BundleMessage[]) {
    super(`Bundling ${directory} failed: ${messages[0]?.text}`)
    this.messages = messages
  }
}

/** Bundles a tool server's directory into a single ES module for upload. */
export async function bundle(directory: string): Promise<Upload> {
  return (await bundleDirectory(directory)).upload
}

/**
 * Bundles a directory, and also returns the source map and the warnings. The entry is `main` of
 * package.json, or `server.ts` or `server.js`. Packages are the packages installed for the
 * directory. Throws a BundleError.
 */
export async function bundleDirectory(directory: string): Promise<{ upload: Upload; map: string; warnings: BundleMessage[] }> {
  const { name, version, main } = await readPackage(directory)
  const entry = main ?? (await findFirstFile(directory, ['server.ts', 'server.js', 'index.ts', 'index.js']))
  if (entry === undefined) {
    throw new BundleError(directory, [{ severity: 'error', text: 'Entry module not found. Add server.ts, or set "main" in package.json' }])
  }
  const { outputFiles, metafile, warnings } = await build({
    ...BUNDLE_OPTIONS,
    absWorkingDir: directory,
    entryPoints: [entry],
    plugins: [runtimeModules],
    metafile: true,
  }).catch((error: unknown) => {
    const { errors } = error as Partial<BuildFailure>
    throw errors
      ? new BundleError(
          directory,
          errors.map((each) => toMessage('error', each)),
        )
      : error
  })
  const code = outputFiles.find(({ path }) => path.endsWith('.js'))
  const map = outputFiles.find(({ path }) => path.endsWith('.map'))
  if (!code || !map) throw new Error(`esbuild produced no output for ${directory}`)
  const sources = await readSources(directory, entry, Object.keys(metafile.inputs))
  return {
    upload: {
      manifest: { source: 'code', mainModule: BUNDLED_MODULE, note: `${name ?? 'server'} ${version ?? ''}`.trim() },
      modules: { [BUNDLED_MODULE]: code.text },
      ...(sources ? { sources } : {}),
    },
    map: map.text,
    warnings: warnings.map((each) => toMessage('warning', each)),
  }
}

const runtimeModules: Plugin = {
  name: 'runtime-modules',
  setup: ({ onResolve }) =>
    onResolve({ filter: /^[^./]/ }, ({ path, kind }) => (kind === 'entry-point' ? undefined : resolveRuntimeModule(path))),
}

async function readPackage(directory: string): Promise<Record<string, string | undefined>> {
  const text = await readFile(join(directory, 'package.json'), 'utf8').catch(() => '{}')
  return JSON.parse(text) as Record<string, string | undefined>
}

async function findFirstFile(directory: string, names: string[]): Promise<string | undefined> {
  for (const name of names) {
    const exists = await access(join(directory, name)).then(
      () => true,
      () => false,
    )
    if (exists) return name
  }
  return undefined
}

/**
 * Returns the bundle's sources without installed packages. Returns undefined if a source lies
 * outside the directory, because partial sources are useless.
 */
async function readSources(directory: string, main: string, inputs: string[]): Promise<Upload['sources']> {
  const own = inputs.filter((path) => !/(^|\/)node_modules\//.test(path))
  if (own.some((path) => path.startsWith('..') || path.includes(':'))) return undefined
  const texts = await Promise.all(own.map(async (path) => [path, await readFile(join(directory, path), 'utf8')] as const))
  return { main: relative(directory, join(directory, main)).replaceAll(sep, '/'), files: Object.fromEntries(texts) }
}
