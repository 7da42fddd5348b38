import { tmpdir } from 'node:os'
import { CliError } from './cli.ts'
import { readOptions } from './options.ts'
import { openState } from './state.ts'
import { wrangler } from './wrangler.ts'

/** One person's rows, to be changed by an operator at a terminal: `--remote` does it on Cloudflare. */
export interface Account {
  email: string
  /** Runs SQL in one go; true where a row of the first statement's RETURNING names the address. */
  run: (step: string, sql: string) => Promise<boolean>
}

/** The account that the command line names. Throws a CliError where it names none. */
export async function readAccount(example: string): Promise<Account> {
  const remote = process.argv.includes('--remote')
  process.argv = process.argv.filter((each) => each !== '--remote')
  const { stateDirectory, rest } = readOptions()
  const [address, ...more] = rest
  if (!address || more.length > 0 || !/^[^\s'"\\;]+@[^\s'"\\;]+$/.test(address))
    throw new CliError(`Whose e-mail address? For example: ${example}`)
  const email = address.toLowerCase()
  // away from wrangler.toml, whose id is the local database's: the account finds it by name
  const database = remote ? ['--remote', '--cwd', tmpdir()] : ['--local', '--persist-to', (await openState(stateDirectory)).data]
  const run = async (step: string, sql: string) => {
    const output = await wrangler(step, ['d1', 'execute', remote ? 'wharf' : 'DB', ...database, '--json', '--command', sql])
    return output.includes(`"email": "${email}"`)
  }
  return { email, run }
}
