import { CliError } from './cli.ts'
import { DATABASE_OPTIONS, DATABASE_USAGE, databaseLocation, openDatabase } from './database.ts'
import { readCommand } from './options.ts'

/** Account to be changed by an operator, locally or with `--remote` on Cloudflare. */
export interface Account {
  email: string
  /** Runs a statement that returns the address. Returns true if the account was found. */
  run: (step: string, sql: string) => Promise<boolean>
}

/**
 * Returns the account from the command line. `command` is the npm script. Throws a CliError if the
 * address is missing.
 */
export async function readAccount(command: string, purpose: string): Promise<Account> {
  const usage = `npm run ${command} -- EMAIL    ${purpose}\n${DATABASE_USAGE}`
  const { values, args } = readCommand({ usage, options: DATABASE_OPTIONS, args: ['EMAIL'] })
  const [address = ''] = args
  if (!/^[^\s'"\\;]+@[^\s'"\\;]+$/.test(address)) throw new CliError(`"${address}" is not an e-mail address.\n\n${usage}`)
  const email = address.toLowerCase()
  const database = await openDatabase(databaseLocation(values))
  return { email, run: async (step, sql) => (await database.query<{ email: string }>(step, sql)).some((row) => row.email === email) }
}
