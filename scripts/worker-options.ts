import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { unstable_getMiniflareWorkerOptions, unstable_readConfig } from 'wrangler'
import { ROOT } from './root.ts'

/**
 * Writes the bindings of wrangler.toml as options of Miniflare into the file named by the first
 * argument. Values of the environment and secrets are left out, because each start reads them.
 */
const [, , file = ''] = process.argv
const config = unstable_readConfig({ config: join(ROOT, 'wrangler.toml') })
const { workerOptions } = unstable_getMiniflareWorkerOptions(config)
const { modulesRules: _rules, rootPath: _root, ...options } = workerOptions as Record<string, unknown>
await writeFile(file, JSON.stringify({ ...options, bindings: config.vars }))
process.exit(0)
