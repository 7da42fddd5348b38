import { readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { build } from 'esbuild'
import { BUNDLE_OPTIONS } from '../dashboard/src/features/code/bundler/options.ts'
import type { TenantPackages } from '../dashboard/src/features/code/bundler/packages.ts'
import { ROOT } from './wrangler.ts'

/** Packages for the browser's editor, with the documented entry points that work in a Worker. */
const PROVIDED = {
  '@modelcontextprotocol/server': ['', '/ext/skills', '/validators/ajv', '/validators/cf-worker'],
  zod: ['', '/v4', '/v4/core', '/mini', '/v4-mini', '/v4/mini', '/locales', '/v4/locales', '/v3'],
}

export const PROVIDED_SPECIFIERS = Object.entries(PROVIDED).flatMap(([name, paths]) => paths.map((path) => name + path))

/** Builds the packages into modules with shared chunks, so a server gets a single copy of zod. */
export async function tenantPackages(): Promise<TenantPackages> {
  const outdir = join(ROOT, 'dist')
  const { outfile: _, sourcemap: _map, sourcesContent: _content, ...options } = BUNDLE_OPTIONS
  const { outputFiles } = await build({
    ...options,
    absWorkingDir: ROOT,
    entryPoints: Object.fromEntries(PROVIDED_SPECIFIERS.map((specifier) => [specifier, specifier])),
    external: ['node:*'],
    splitting: true,
    outdir,
  })
  const versions = await Promise.all(Object.keys(PROVIDED).map(async (name) => [name, await versionOf(name)] as const))
  return {
    versions: Object.fromEntries(versions),
    entries: Object.fromEntries(PROVIDED_SPECIFIERS.map((specifier) => [specifier, `${specifier}.js`])),
    files: Object.fromEntries(outputFiles.map(({ path, text }) => [relative(outdir, path), text])),
  }
}

async function versionOf(name: string): Promise<string> {
  const { version } = JSON.parse(await readFile(join(ROOT, 'node_modules', name, 'package.json'), 'utf8')) as { version: string }
  return version
}
