import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'esbuild'

/** What the management API takes as a new version. */
export interface Upload {
  manifest: { source: 'code'; mainModule: string; note: string }
  /** Module name -> source text. */
  modules: Record<string, string>
}

/** Bundles a tool server's directory into one ES module: the entry is its package.json's `main`. Throws esbuild's own messages, which name file and line. */
export async function bundle(directory: string): Promise<Upload> {
  const { name, version, main } = JSON.parse(await readFile(join(directory, 'package.json'), 'utf8')) as Record<string, string | undefined>
  if (!main) throw new Error(`${join(directory, 'package.json')} needs a "main": the server's entry module`)
  const { outputFiles } = await build({
    absWorkingDir: directory,
    entryPoints: [main],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'neutral',
    target: 'es2024',
    // as workerd resolves packages: what is written for it first, then for the web
    conditions: ['workerd', 'worker', 'browser', 'import'],
    mainFields: ['module', 'main'],
    external: ['node:*', 'cloudflare:*'],
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    logLevel: 'silent',
  })
  const [output] = outputFiles
  if (!output) throw new Error(`${directory} bundled to nothing`)
  return {
    manifest: { source: 'code', mainModule: 'server.js', note: `${name ?? 'server'} ${version ?? ''}`.trim() },
    modules: { 'server.js': output.text },
  }
}
