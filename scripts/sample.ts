import { randomBytes } from 'node:crypto'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { Browser } from './browser.ts'
import { signIn, signUp } from './browser-flows.ts'
import { CliError } from './cli.ts'
import { Management } from './management.ts'
import type { State } from './state.ts'
import { ROOT } from './wrangler.ts'

/** The sample user, as kept in the state folder. `ready` once the sample tenant and server were there; they are not made again after that. */
export interface Sample {
  name: string
  email: string
  password: string
  ready: boolean
}

/** The sample user, tenant `demo` and hosted server `demo/hello`, by way of the public forms and API. A first run that was cut short goes on where it stopped. */
export async function ensureSample(origin: string, state: State): Promise<Sample> {
  const known = await readSample(state)
  if (known?.ready) return known
  const sample = known ?? { name: 'Sam Sample', email: 'sample@example.com', password: randomBytes(12).toString('base64url'), ready: false }
  await writeSample(state, sample) // before the account is made: a password nobody knows would lock the sample out
  const browser = new Browser(origin)
  if (!(await signUp(browser, sample))) await signIn(browser, sample)
  const management = new Management(browser)
  await management.ensureServer('demo', 'hello')
  await management.deploy('demo', 'hello', join(ROOT, 'examples/hello'))
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
    // told below, with what is not JSON at all
  }
  throw new CliError(
    `${relative(process.cwd(), state.sampleFile)} does not hold the sample user's name, email and password: put it right, or remove the state folder to start anew.`,
  )
}

/** Whole or not at all. */
async function writeSample(state: State, sample: Sample): Promise<void> {
  await writeFile(`${state.sampleFile}.new`, `${JSON.stringify(sample, null, 2)}\n`, { mode: 0o600 })
  await rename(`${state.sampleFile}.new`, state.sampleFile)
}
