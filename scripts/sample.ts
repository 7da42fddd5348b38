import { randomBytes } from 'node:crypto'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { Browser } from './browser.ts'
import { signIn, signUp } from './browser-flows.ts'
import { CliError } from './cli.ts'
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

/**
 * Creates the sample user, the tenant `demo`, the hosted server `demo/hello` and the public server
 * `demo/weather`, which the landing page offers to try, through public forms and API. Continues an
 * interrupted first run.
 */
export async function ensureSample(origin: string, state: State): Promise<Sample> {
  const known = await readSample(state)
  if (known?.ready) return known
  const sample = known ?? { name: 'Sam Sample', email: 'sample@example.com', password: randomBytes(12).toString('base64url'), ready: false }
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
