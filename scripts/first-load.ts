import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

/** What a first visit may have to fetch of script, in bytes after gzip. */
export const FIRST_LOAD_LIMIT = 250 * 1024

/** The gzipped size of every script that index.html names, and of all they import statically. */
export async function firstLoadBytes(site: string): Promise<number> {
  const html = await readFile(join(site, 'index.html'), 'utf8')
  const waiting = [...html.matchAll(/<(?:script|link)[^>]*\s(?:src|href)="\/dashboard\/([^"]+\.js)"/g)].map(([, path = '']) => path)
  if (waiting.length === 0) throw new Error('index.html names no script')
  const sizes = new Map<string, number>()
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (sizes.has(path)) continue
    const code = await readFile(join(site, path))
    sizes.set(path, gzipSync(code).length)
    // the bundler writes static imports as `from"./name.js"` or `import"./name.js"`, dynamic ones with a parenthesis
    for (const [, name = ''] of code.toString().matchAll(/(?:from|import)\s*["']\.\/([^"']+\.js)["']/g))
      waiting.push(join(path, '..', name))
  }
  return [...sizes.values()].reduce((sum, size) => sum + size, 0)
}
