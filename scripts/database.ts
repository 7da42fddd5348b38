import { setTimeout as sleep } from 'node:timers/promises'
import { CliError } from './cli.ts'
import { DEFAULT_PREFIX, resourceNames } from './cloudflare/names.ts'
import { STATE_OPTION, STATE_USAGE, stateDirectory } from './options.ts'
import { openAccount } from './cloudflare/api.ts'
import { findDatabase, queryDatabase } from './cloudflare/resources.ts'
import { openState } from './state.ts'
import { wrangler } from './wrangler.ts'

/** D1 of a platform. `step` names the purpose in the message of a failure. */
export interface Database {
  query: <Row>(step: string, sql: string) => Promise<Row[]>
}

/** The state folder of a local platform, or the prefix of a platform on Cloudflare. */
export type DatabaseLocation = { stateDirectory: string } | { prefix: string }

/** Options of commands that work on the database of a platform. */
export const DATABASE_OPTIONS = { ...STATE_OPTION, remote: { type: 'boolean' }, prefix: { type: 'string' } } as const

export const DATABASE_USAGE = `${STATE_USAGE}
  --remote       the platform on Cloudflare, not the local platform
  --prefix NAME  with --remote: start of the names of its resources (${DEFAULT_PREFIX})`

/** Returns the place of the database. Throws a CliError if the options do not fit together. */
export function databaseLocation(options: {
  state?: string | undefined
  remote?: boolean | undefined
  prefix?: string | undefined
}): DatabaseLocation {
  const { state, remote = false, prefix } = options
  if (remote && state !== undefined) throw new CliError('--state names a local platform, so it cannot be used with --remote.')
  if (!remote && prefix !== undefined) throw new CliError('--prefix names a platform on Cloudflare, so it needs --remote.')
  return remote ? { prefix: prefix ?? DEFAULT_PREFIX } : { stateDirectory: stateDirectory(state) }
}

/** Throws a CliError if the account on Cloudflare has no such platform. */
export async function openDatabase(location: DatabaseLocation): Promise<Database> {
  if ('stateDirectory' in location) {
    const { data } = await openState(location.stateDirectory)
    const query = async <Row>(step: string, sql: string): Promise<Row[]> => {
      const output = await whileLocked(() =>
        wrangler(step, ['d1', 'execute', 'DB', '--local', '--persist-to', data, '--json', '--command', sql]),
      )
      const [first] = JSON.parse(output) as { results: Row[] }[]
      return first?.results ?? []
    }
    return { query }
  }
  const account = await openAccount()
  const names = resourceNames(location.prefix)
  const id = await findDatabase(account, names)
  if (!id) throw new CliError(`The Cloudflare account has no database "${names.database}". Run "npm run deploy" first, or set --prefix.`)
  return { query: (step, sql) => queryDatabase(account, id, { step, sql }) }
}

const ATTEMPTS = 10

/**
 * Repeats a command that a running platform keeps from the database. A refused command has changed
 * nothing, because SQLite runs its statements in one transaction.
 */
async function whileLocked(run: () => Promise<string>): Promise<string> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await run()
    } catch (error) {
      if (attempt === ATTEMPTS || !(error instanceof CliError) || !/SQLITE_BUSY|database is locked/.test(error.message)) throw error
      await sleep(100 * attempt)
    }
  }
}
