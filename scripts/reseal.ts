import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { COUNT_SEALED_SQL } from '../store/count-sealed.ts'
import { CliError, main } from './cli.ts'
import { DEFAULT_PREFIX } from './cloudflare/names.ts'
import { openDatabase } from './database.ts'
import { ROOT } from './wrangler.ts'

const USAGE = `Shows how many values each key of VAULT_KEY sealed. The running platform re-seals values of
older keys with the first key. A key with no values may be removed from VAULT_KEY.

  npm run reseal

Options
  --state DIR     state folder of a local platform (.wharf)
  --remote        the platform on Cloudflare
  --prefix NAME   with --remote: start of the names of its resources (${DEFAULT_PREFIX})`

await main(async () => {
  const values = readArguments()
  if (values.help) return console.log(USAGE)
  const stateDirectory = resolve(ROOT, values.state ?? process.env['WHARF_STATE'] ?? '.wharf')
  const database = await openDatabase(values.remote ? { prefix: values.prefix ?? DEFAULT_PREFIX } : { stateDirectory })
  const keys = await database.query<{ key: string; count: number }>('Counting sealed values', COUNT_SEALED_SQL)
  if (keys.length === 0) return console.log('No value is sealed. VAULT_KEY needs its first key only.')
  for (const { key, count } of keys) console.log(`${key.padEnd(20)} ${count} ${count === 1 ? 'value' : 'values'}`)
  const names = keys.map(({ key }) => key)
  console.log(
    names.length === 1
      ? `\nVAULT_KEY needs the key "${names[0]}". Every other key may be removed.`
      : `\nVAULT_KEY needs the keys "${names.join('" and "')}". Run this command again in ten minutes.`,
  )
})

function readArguments() {
  try {
    return parseArgs({
      options: {
        state: { type: 'string' },
        remote: { type: 'boolean' },
        prefix: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values
  } catch (error) {
    throw new CliError(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`)
  }
}
