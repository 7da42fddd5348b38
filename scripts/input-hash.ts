import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { ROOT } from './root.ts'

/** Returns a hash of the names and contents of all files in the folders, and of further files. */
export async function hashInputs(folders: readonly string[], names: readonly string[]): Promise<string> {
  const files = names.map((name) => join(ROOT, name))
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
