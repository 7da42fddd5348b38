import type { Loader, OnLoadResult, OnResolveArgs, OnResolveResult, Plugin } from 'esbuild-wasm'
import type { TenantPackages } from './packages.ts'
import { refuse, resolveRuntimeModule } from './runtime-modules.ts'

const SOURCE = 'source'
const PACKAGE = 'package'

/** Tried after the name itself, in this order. TypeScript also lets a `.ts` file be imported by the name it will have: `./tool.js`. */
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

/** Files that are in memory, and the packages that are provided, as esbuild's file system. Whatever else an import names is an error that says what to do. */
export function virtualFiles(files: Readonly<Record<string, string>>, packages: TenantPackages): Plugin {
  return {
    name: 'virtual-files',
    setup(build) {
      build.onResolve({ filter: /.*/ }, (args) => resolve(args, files, packages))
      build.onLoad({ filter: /.*/, namespace: SOURCE }, ({ path }): OnLoadResult => {
        const loader = LOADERS[endingOf(path)]
        return loader
          ? { contents: files[path] ?? '', loader }
          : { errors: [{ text: `${path} cannot be imported: its name ends in none of ${Object.keys(LOADERS).join(', ')}` }] }
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
  if (kind === 'entry-point') return Object.hasOwn(files, path) ? { path, namespace: SOURCE } : refuse(`There is no file ${path}`)
  const runtime = resolveRuntimeModule(path)
  if (runtime) return runtime
  if (namespace === PACKAGE) return { path: join(importer, path), namespace: PACKAGE }

  if (/^\.{1,2}(?:\/|$)/.test(path)) {
    const found = findFile(join(importer, path), files)
    return found === undefined ? refuse(`There is no file for "${path}"`, missingFileHint(path, files)) : { path: found, namespace: SOURCE }
  }
  if (/^(?:https?:|data:|\/)/.test(path))
    return refuse(`"${path}" cannot be imported`, 'Import a file of this server by a relative path such as "./tool.ts".')

  const entry = Object.hasOwn(packages.entries, path) ? packages.entries[path] : undefined
  if (entry !== undefined) return { path: entry, namespace: PACKAGE }
  return refuse(`"${path}" is not provided here`, packageHint(path, packages))
}

function packageHint(path: string, { versions, entries }: TenantPackages): string {
  const name = path.startsWith('@') ? path.split('/', 2).join('/') : path.split('/', 1)[0]
  const version = versions[name ?? '']
  if (version !== undefined) {
    const offered = Object.keys(entries).filter((entry) => entry === name || entry.startsWith(`${name}/`))
    return `Of ${name} ${version} there are ${offered.join(', ')}.`
  }
  const provided = Object.entries(versions).map(([each, number]) => `${each} ${number}`)
  return `The editor provides ${provided.join(' and ')}. For a server with other packages, bundle it where they are installed: npm run deploy-server -- DIR`
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
  return near === undefined ? 'Add it, or correct the path.' : `Did you mean ${near}?`
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

/** `path` as seen from the folder of `importer`; what leads out of the top stays there. */
function join(importer: string, path: string): string {
  return new URL(path, `file:///${importer}`).pathname.slice(1)
}
