import type { Loader, OnLoadResult, OnResolveArgs, OnResolveResult, Plugin } from 'esbuild-wasm'
import type { TenantPackages } from './packages.ts'
import { refuse, resolveRuntimeModule } from './runtime-modules.ts'

const SOURCE = 'source'
const PACKAGE = 'package'

/**
 * Endings to try after the exact name. TypeScript also imports `tool.ts` by the output name
 * `./tool.js`.
 */
const ENDINGS = ['.ts', '.tsx', '.mts', '.js', '.jsx', '.mjs', '.json', '/index.ts', '/index.js']
const WRITTEN_AS: Record<string, string[]> = { '.js': ['.ts', '.tsx'], '.mjs': ['.mts'], '.jsx': ['.tsx'] }

const LOADERS: Record<string, Loader> = {
  '.ts': 'ts',
  '.mts': 'ts',
  '.tsx': 'tsx',
  '.js': 'js',
  '.mjs': 'js',
  '.jsx': 'jsx',
  '.json': 'json',
  '.txt': 'text',
  '.html': 'text',
  '.md': 'text',
}

/**
 * esbuild plugin for files in memory and provided packages. Any other import is an error with a
 * hint.
 */
export function virtualFiles(files: Readonly<Record<string, string>>, packages: TenantPackages): Plugin {
  return {
    name: 'virtual-files',
    setup(build) {
      build.onResolve({ filter: /.*/ }, (args) => resolve(args, files, packages))
      build.onLoad({ filter: /.*/, namespace: SOURCE }, ({ path }): OnLoadResult => {
        const loader = LOADERS[endingOf(path)]
        return loader
          ? { contents: files[path] ?? '', loader }
          : { errors: [{ text: `${path} cannot be imported. Supported endings: ${Object.keys(LOADERS).join(', ')}` }] }
      })
      build.onLoad({ filter: /.*/, namespace: PACKAGE }, ({ path }): OnLoadResult => ({
        contents: packages.files[path] ?? '',
        loader: 'js',
      }))
    },
  }
}

function resolve(
  { path, kind, importer, namespace }: OnResolveArgs,
  files: Readonly<Record<string, string>>,
  packages: TenantPackages,
): OnResolveResult {
  if (kind === 'entry-point') return Object.hasOwn(files, path) ? { path, namespace: SOURCE } : refuse(`${path} not found`)
  const runtime = resolveRuntimeModule(path)
  if (runtime) return runtime
  if (namespace === PACKAGE) return { path: join(importer, path), namespace: PACKAGE }

  if (/^\.{1,2}(?:\/|$)/.test(path)) {
    const found = findFile(join(importer, path), files)
    return found === undefined ? refuse(`"${path}" not found`, missingFileHint(path, files)) : { path: found, namespace: SOURCE }
  }
  if (/^(?:https?:|data:|\/)/.test(path)) return refuse(`"${path}" cannot be imported`, 'Use a relative path such as "./tool.ts".')

  const entry = Object.hasOwn(packages.entries, path) ? packages.entries[path] : undefined
  if (entry !== undefined) return { path: entry, namespace: PACKAGE }
  return refuse(`"${path}" is not available in the editor`, packageHint(path, packages))
}

function packageHint(path: string, { versions, entries }: TenantPackages): string {
  const name = path.startsWith('@') ? path.split('/', 2).join('/') : path.split('/', 1)[0]
  const version = versions[name ?? '']
  if (version !== undefined) {
    const offered = Object.keys(entries).filter((entry) => entry === name || entry.startsWith(`${name}/`))
    return `${name} ${version} provides ${offered.join(', ')}.`
  }
  const provided = Object.entries(versions).map(([each, number]) => `${each} ${number}`)
  return `The editor provides ${provided.join(' and ')}. To use other packages, install them locally and run npm run deploy-server -- DIR`
}

function missingFileHint(path: string, files: Readonly<Record<string, string>>): string {
  const base =
    path
      .split('/')
      .at(-1)
      ?.replace(/\.\w+$/, '') ?? ''
  const near = Object.keys(files).find(
    (name) =>
      name
        .split('/')
        .at(-1)
        ?.replace(/\.\w+$/, '') === base,
  )
  return near === undefined ? 'Add the file or correct the path.' : `Did you mean ${near}?`
}

function findFile(path: string, files: Readonly<Record<string, string>>): string | undefined {
  const ending = endingOf(path)
  const stem = path.slice(0, path.length - ending.length)
  const candidates = [path, ...(WRITTEN_AS[ending] ?? []).map((each) => stem + each), ...ENDINGS.map((each) => path + each)]
  return candidates.find((each) => Object.hasOwn(files, each))
}

function endingOf(path: string): string {
  return /\.\w+$/.exec(path)?.[0] ?? ''
}

/** Resolves `path` against the folder of `importer`. Paths cannot leave the root. */
function join(importer: string, path: string): string {
  return new URL(path, `file:///${importer}`).pathname.slice(1)
}
