import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

/** Limit of script size at the first visit, in bytes after gzip. */
export const FIRST_LOAD_LIMIT = 250 * 1024

/** Returns the gzipped size of all scripts in index.html, including static imports. */
export async function firstLoadBytes(site: string): Promise<number> {
  const html = await readFile(join(site, 'index.html'), 'utf8')
  const waiting = [...html.matchAll(/<(?:script|link)[^>]*\s(?:src|href)="\/dashboard\/([^"]+\.js)"/g)].map(([, path = '']) => path)
  if (waiting.length === 0) throw new Error('index.html has no scripts')
  const sizes = new Map<string, number>()
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (sizes.has(path)) continue
    const code = await readFile(join(site, path))
    sizes.set(path, gzipSync(code).length)
    // matches static imports, because the bundler writes dynamic imports with a parenthesis
    for (const [, name = ''] of code.toString().matchAll(/(?:from|import)\s*["']\.\/([^"']+\.js)["']/g))
      waiting.push(join(path, '..', name))
  }
  return [...sizes.values()].reduce((sum, size) => sum + size, 0)
}
