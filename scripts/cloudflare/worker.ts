import { CliError } from '../cli.ts'
import type { CloudflareAccount } from './api.ts'
import type { ResourceNames } from './names.ts'
import type { Settings } from './settings.ts'

/** Worker as deployed. */
export interface DeployedWorker {
  settings: Settings
  /** Names, because Cloudflare never shows the value of a secret. */
  secrets: Set<string>
}

interface Binding {
  type: string
  name: string
  text?: string
}

/**
 * Returns undefined if no Worker of that name is deployed. Throws a CliError if the Worker is
 * another program, because a deployment would replace it.
 */
export async function findWorker(account: CloudflareAccount, { worker }: ResourceNames): Promise<DeployedWorker | undefined> {
  const path = `accounts/{account}/workers/scripts/${worker}/settings`
  const found = await account.find<{ bindings: Binding[] }>('Reading the deployed settings', { path })
  if (!found) return undefined
  if (!found.bindings.some(({ type, name }) => type === 'durable_object_namespace' && name === 'MCP_SESSION'))
    throw new CliError(`The account has a Worker "${worker}" that is not Wharf. Choose other names with --prefix.`)
  const ofType = (type: string) => found.bindings.filter((binding) => binding.type === type)
  return {
    settings: Object.fromEntries(ofType('plain_text').map(({ name, text = '' }) => [name, text])),
    secrets: new Set(ofType('secret_text').map(({ name }) => name)),
  }
}
