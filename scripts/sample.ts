import { randomBytes } from 'node:crypto'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { Browser } from './browser.ts'
import { signIn, signUp } from './browser-flows.ts'
import { passwordHashing } from '../protocol/password.ts'
import { CliError } from './cli.ts'
import { readDatabase } from './local-database.ts'
import { Management } from './management.ts'
import type { State } from './state.ts'
import { ROOT } from './wrangler.ts'

/**
 * Sample user, stored in the state folder. `ready` prevents creating the sample tenant and server
 * again.
 */
export interface Sample {
  name: string
  email: string
  password: string
  ready: boolean
}

/** Value of SAMPLE_SERVER for {@link ensureSample}. */
export const SAMPLE_SERVER = 'demo/weather'

/** Credentials of the sample user, or the reason in words why they are missing. */
export type SampleAccess = Pick<Sample, 'email' | 'password'> | { missing: string }

const SAMPLE_EMAIL = 'sample@example.com'

/**
 * Creates the sample user, the tenant `demo`, the hosted server `demo/hello` and the public server
 * `demo/weather`, which the landing page offers to try, through public forms and API. Continues an
 * interrupted first run. Returns a password only if the password is valid.
 */
export async function ensureSample(origin: string, state: State): Promise<SampleAccess> {
  const known = await readSample(state)
  const email = known?.email ?? SAMPLE_EMAIL
  const { hasUsers, hasSample, hash } = readAccounts(state, email)
  const file = relative(process.cwd(), state.sampleFile)
  if (known?.ready && !hasUsers) {
    throw new CliError(
      `The database in ${relative(process.cwd(), state.data)} has no accounts, but ${file} names one, so the database is not the one of this state folder. Restore a backup of the folder, or delete the folder to start from scratch.`,
    )
  }
  if (known?.ready) {
    if (!hasSample) return { missing: `with an account of yours; ${email} no longer exists` }
    const isValid = hash !== undefined && (await passwordHashing.verify({ hash, password: known.password }))
    return isValid ? known : { missing: `as ${email}; its password was changed after ${file} was written` }
  }
  if (!known && hasSample) {
    return { missing: `as ${email}; ${file} is missing, so set a new password: npm run reset-password -- ${email}` }
  }
  if (!known && hasUsers) return { missing: 'with an account of yours' }
  return createSample(origin, state, known)
}

async function createSample(origin: string, state: State, known: Sample | undefined): Promise<Sample> {
  const sample = known ?? { name: 'Sam Sample', email: SAMPLE_EMAIL, password: randomBytes(12).toString('base64url'), ready: false }
  // stored before sign-up, because a lost password would lock the sample user out
  await writeSample(state, sample)
  const browser = new Browser(origin)
  if (!(await signUp(browser, sample))) await signIn(browser, sample)
  const management = new Management(browser)
  await management.ensureServer('demo', 'hello')
  await management.deploy('demo', 'hello', join(ROOT, 'examples/hello'))
  await management.ensureServer('demo', 'weather', {
    access: 'public',
    description: 'Cities, hours of daylight, and the weather of the next days.',
    egress: ['api.open-meteo.com'],
  })
  await management.deploy('demo', 'weather', join(ROOT, 'examples/weather'))
  const ready = { ...sample, ready: true }
  await writeSample(state, ready)
  return ready
}

function readAccounts(state: State, email: string): { hasUsers: boolean; hasSample: boolean; hash: string | undefined } {
  const found = readDatabase(state, ({ all }) => ({
    hasUsers: all('SELECT id FROM users LIMIT 1', 'id').length > 0,
    hasSample: all('SELECT id FROM users WHERE email = ?', 'id', email).length > 0,
    hash: all(
      `SELECT password FROM credentials JOIN users ON users.id = user_id
       WHERE email = ? AND provider_id = 'credential' AND password IS NOT NULL`,
      'password',
      email,
    )[0],
  }))
  return found ?? { hasUsers: false, hasSample: false, hash: undefined }
}

export async function readSample(state: State): Promise<Sample | undefined> {
  const text = await readFile(state.sampleFile, 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  try {
    const { name, email, password, ready } = JSON.parse(text) as Sample
    if ([name, email, password].every((each) => typeof each === 'string')) return { name, email, password, ready: ready === true }
  } catch {
    // reported below, like any other malformed file
  }
  throw new CliError(
    `${relative(process.cwd(), state.sampleFile)} must contain the sample user's name, email and password. Fix the file, or delete the state folder to start from scratch.`,
  )
}

/** Replaces the file atomically. */
async function writeSample(state: State, sample: Sample): Promise<void> {
  await writeFile(`${state.sampleFile}.new`, `${JSON.stringify(sample, null, 2)}\n`, { mode: 0o600 })
  await rename(`${state.sampleFile}.new`, state.sampleFile)
}
