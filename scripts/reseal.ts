import { COUNT_SEALED_SQL } from '../store/count-sealed.ts'
import { main } from './cli.ts'
import { DATABASE_OPTIONS, DATABASE_USAGE, databaseLocation, openDatabase } from './database.ts'
import { readCommand } from './options.ts'

const USAGE = `npm run reseal    shows how many values each key of VAULT_KEY sealed

The running platform seals values of older keys again, with the first key. A key with no values may
be removed from VAULT_KEY.

${DATABASE_USAGE}`

await main(async () => {
  const { values } = readCommand({ usage: USAGE, options: DATABASE_OPTIONS })
  const database = await openDatabase(databaseLocation(values))
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
