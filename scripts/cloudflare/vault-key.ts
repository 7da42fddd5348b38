import { open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CliError } from '../cli.ts'
import { randomKey, VAULT_KEY_PATTERN } from '../state.ts'
import { ROOT } from '../wrangler.ts'

/** VAULT_KEY to upload. `file` is set if the value is new, and the operator must keep the file. */
export interface NewVaultKey {
  value: string
  file?: string
}

/**
 * Returns the VAULT_KEY to upload, or undefined if the deployed key stays. The operator's own value
 * comes first. A new value is written to a file before the upload, because Cloudflare never shows
 * a secret again and a lost key makes sealed values unreadable.
 */
export async function chooseVaultKey(known: {
  given: string | undefined
  isDeployed: boolean
  /** Ids of the keys that sealed the stored values. */
  keysInUse: string[]
  prefix: string
}): Promise<NewVaultKey | undefined> {
  const { given, isDeployed, keysInUse, prefix } = known
  if (given !== undefined) {
    if (!VAULT_KEY_PATTERN.test(given))
      throw new CliError(
        'VAULT_KEY is malformed. It must be a key id, a colon and 32 bytes in base64url, or several such keys separated by commas.',
      )
    refuseMissingKeys(given, keysInUse, 'VAULT_KEY')
    return { value: given }
  }
  if (isDeployed) return undefined
  const file = join(ROOT, vaultKeyFile(prefix))
  const value = (await readKept(file)) ?? newKey()
  refuseMissingKeys(value, keysInUse, 'a new VAULT_KEY')
  await keep(file, value)
  return { value, file: vaultKeyFile(prefix) }
}

export function vaultKeyFile(prefix: string): string {
  return `vault-key.${prefix}.env`
}

/** Returns the ids of the keys of a VAULT_KEY. */
export function keyIds(vaultKey: string): string[] {
  return vaultKey.split(',').map((key) => key.slice(0, key.indexOf(':')))
}

function refuseMissingKeys(vaultKey: string, keysInUse: string[], subject: string): void {
  const missing = keysInUse.filter((id) => !keyIds(vaultKey).includes(id))
  if (missing.length === 0) return
  throw new CliError(
    `The database has values sealed with the key "${missing.join('", "')}", which ${subject} does not contain. Set VAULT_KEY to your new key first and that key after it, separated by a comma.`,
  )
}

/** Names the key after today, because key ids must differ when keys are rotated. */
function newKey(): string {
  return `k${new Date().toISOString().slice(0, 10).replaceAll('-', '')}:${randomKey()}`
}

async function readKept(file: string): Promise<string | undefined> {
  const text = await readFile(file, 'utf8').catch(() => '')
  return /^VAULT_KEY=(.+)$/m.exec(text)?.[1]
}

async function keep(file: string, value: string): Promise<void> {
  const handle = await open(file, 'w', 0o600)
  await handle.writeFile(
    `# Cloudflare never shows this value again. Move it to a password manager, then delete this file.\nVAULT_KEY=${value}\n`,
  )
  await handle.sync()
  await handle.close()
}
