import { randomBytes, randomUUID } from 'node:crypto'
import { link, mkdir, open, readFile, rm, stat } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { CliError } from './cli.ts'
import { hasDatabase } from './local-database.ts'

/** Files of a local platform, in a folder ignored by git. */
export interface State {
  directory: string
  /** `--persist-to` of wrangler: D1, KV, R2 and Durable Objects. */
  data: string
  /** `--env-file` of wrangler. */
  secretsFile: string
  /** E-mail address and password of the sample user. */
  sampleFile: string
  /** Bundled Worker. */
  build: string
}

export const VAULT_KEY_PATTERN = /^[a-z0-9-]+:[\w-]{43}(,[a-z0-9-]+:[\w-]{43})*$/i

const SECRETS: Record<string, { generate: () => string; pattern: RegExp }> = {
  AUTH_SECRET: { generate: randomKey, pattern: /^[\w-]{43}$/ },
  SESSION_KEY: { generate: randomKey, pattern: /^[\w-]{43}$/ },
  VAULT_KEY: { generate: () => `local:${randomKey()}`, pattern: VAULT_KEY_PATTERN },
}

/**
 * Opens the state folder, or creates the folder with new secrets. Throws a CliError if the folder
 * is incomplete.
 */
export async function openState(directory: string): Promise<State> {
  const state: State = {
    directory,
    data: join(directory, 'data'),
    secretsFile: join(directory, 'secrets.env'),
    sampleFile: join(directory, 'sample.json'),
    build: join(directory, 'build'),
  }
  const displayPath = relative(process.cwd(), directory) || directory
  await mkdir(directory, { recursive: true, mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    throw new CliError(
      `The state folder ${displayPath} cannot be created (${error.code}). Check the path, or set WHARF_STATE to another folder.`,
    )
  })
  const secrets = await readSecretsFile(state, displayPath)
  if (secrets === undefined) await makeSecrets(state, displayPath)
  else checkSecrets(secrets, displayPath)
  // a sample.json is written after the database, so a sample without database means lost data
  if (await exists(state.sampleFile)) {
    const missing = (await exists(state.data)) ? (hasDatabase(state) ? undefined : 'the database below data/v3/d1') : 'the data folder'
    if (missing !== undefined) {
      throw new CliError(
        `The state folder ${displayPath} is incomplete, because ${missing} is missing. Restore a backup of the folder, or delete ${displayPath} to start from scratch.`,
      )
    }
  }
  return state
}

/** Returns the values of secrets.env. */
export async function readSecrets(state: State): Promise<Record<string, string>> {
  return Object.fromEntries(parseSecrets((await readSecretsFile(state, state.directory)) ?? ''))
}

async function readSecretsFile({ secretsFile }: State, displayPath: string): Promise<string | undefined> {
  return readFile(secretsFile, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw new CliError(`The secrets file ${displayPath}/secrets.env cannot be read (${error.code}). Check the file's permissions.`)
  })
}

/** Returns a new value for each secret required by wrangler.toml. */
export function newSecrets(): [name: string, value: string][] {
  return Object.entries(SECRETS).map(([name, { generate }]) => [name, generate()])
}

async function makeSecrets(state: State, displayPath: string): Promise<void> {
  if (await exists(state.data)) {
    throw new CliError(
      `The state folder ${displayPath} is incomplete, because secrets.env is missing and stored data cannot be decrypted. Restore secrets.env, or delete ${displayPath} to start from scratch.`,
    )
  }
  const lines = newSecrets().map(([name, value]) => `${name}=${value}\n`)
  const unfinished = `${state.secretsFile}.${randomUUID()}`
  const file = await open(unfinished, 'wx', 0o600)
  await file.writeFile(lines.join(''))
  await file.sync()
  await file.close()
  // a link appears at once and only once, so a killed start leaves no half of a file, and two
  // concurrent starts share the secrets
  await link(unfinished, state.secretsFile).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
  await rm(unfinished)
}

function parseSecrets(text: string): [name: string, value: string][] {
  return text
    .split('\n')
    .filter((line) => line.includes('='))
    .map((line) => [line.slice(0, line.indexOf('=')).trim(), line.slice(line.indexOf('=') + 1).trim()])
}

function checkSecrets(text: string, displayPath: string): void {
  const found = new Map(parseSecrets(text))
  for (const [name, { pattern }] of Object.entries(SECRETS)) {
    const value = found.get(name)
    if (value === undefined)
      throw new CliError(
        `${name} is missing in ${displayPath}/secrets.env. Restore the value, or delete ${displayPath} to start from scratch.`,
      )
    if (!pattern.test(value)) {
      const format = name === 'VAULT_KEY' ? 'a key id, a colon and 32 bytes in base64url' : '32 bytes in base64url (43 characters)'
      throw new CliError(`${name} in ${displayPath}/secrets.env is malformed. The value must be ${format}.`)
    }
  }
}

/** Returns 32 random bytes in base64url. */
export function randomKey(): string {
  return randomBytes(32).toString('base64url')
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
