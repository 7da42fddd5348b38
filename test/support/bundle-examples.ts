import { readdir } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { bundle } from '../../scripts/bundle.ts'

/** Bundles the examples in Node before the tests, because workerd has no file system. */
export default async function setup({ provide }: TestProject): Promise<void> {
  const directory = join(import.meta.dirname, '../../examples')
  const names = (await readdir(directory, { withFileTypes: true })).filter((entry) => entry.isDirectory()).map(({ name }) => name)
  const withCode = names.filter((name) => existsSync(join(directory, name, 'server.ts')))
  const bundled = await Promise.all(withCode.map(async (name) => [name, await bundle(join(directory, name))] as const))
  provide('examples', Object.fromEntries(bundled))
}
