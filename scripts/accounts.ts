import { tmpdir } from 'node:os'
import { CliError } from './cli.ts'
import { readCommand, STATE_OPTION, STATE_USAGE, stateDirectory } from './options.ts'
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

/**
 * Returns the account from the command line. `command` is the npm script. Throws a CliError if the
 * address is missing.
 */
export async function readAccount(command: string, purpose: string): Promise<Account> {
  const usage = `npm run ${command} -- EMAIL    ${purpose}
  --remote       the platform on Cloudflare, not the local platform
${STATE_USAGE}`
  const { values, args } = readCommand({ usage, options: { ...STATE_OPTION, remote: { type: 'boolean' } }, args: ['EMAIL'] })
  const [address = ''] = args
  if (!/^[^\s'"\\;]+@[^\s'"\\;]+$/.test(address)) throw new CliError(`"${address}" is not an e-mail address.\n\n${usage}`)
  const remote = values.remote ?? false
  const email = address.toLowerCase()
  // outside the project, because the id in wrangler.toml is the local database's
  const database = remote
    ? ['--remote', '--cwd', tmpdir()]
    : ['--local', '--persist-to', (await openState(stateDirectory(values.state))).data]
  const run = async (step: string, sql: string) => {
    const output = await wrangler(step, ['d1', 'execute', remote ? 'wharf' : 'DB', ...database, '--json', '--command', sql])
    return output.includes(`"email": "${email}"`)
  }
  return { email, run }
}
