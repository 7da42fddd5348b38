import { tmpdir } from 'node:os'
import { CliError } from './cli.ts'
import { readOptions } from './options.ts'
import { openState } from './state.ts'
import { wrangler } from './wrangler.ts'

/** Account to be changed by an operator, locally or with `--remote` on Cloudflare. */
export interface Account {
  email: string
  /**
   * Runs SQL statements in one command. Returns true if the first statement returned the address.
   */
  run: (step: string, sql: string) => Promise<boolean>
}

/** Returns the account from the command line. Throws a CliError if the address is missing. */
export async function readAccount(example: string): Promise<Account> {
  const remote = process.argv.includes('--remote')
  process.argv = process.argv.filter((each) => each !== '--remote')
  const { stateDirectory, rest } = readOptions()
  const [address, ...more] = rest
  if (!address || more.length > 0 || !/^[^\s'"\\;]+@[^\s'"\\;]+$/.test(address))
    throw new CliError(`E-mail address missing or invalid. For example: ${example}`)
  const email = address.toLowerCase()
  // outside the project, because the id in wrangler.toml is the local database's
  const database = remote ? ['--remote', '--cwd', tmpdir()] : ['--local', '--persist-to', (await openState(stateDirectory)).data]
  const run = async (step: string, sql: string) => {
    const output = await wrangler(step, ['d1', 'execute', remote ? 'wharf' : 'DB', ...database, '--json', '--command', sql])
    return output.includes(`"email": "${email}"`)
  }
  return { email, run }
}
