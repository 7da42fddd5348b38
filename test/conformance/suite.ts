import { spawn } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Result of a scenario at a revision, with the verdict of the suite on each check. */
export interface Outcome {
  revision: string
  scenario: string
  checks: { id: string; status: string; errorMessage?: string }[]
  passed: boolean
}

const CONFORMANCE = fileURLToPath(new URL('../../node_modules/@modelcontextprotocol/conformance/dist/index.js', import.meta.url))

/**
 * Returns the scenarios that the pinned suite lists for a revision. The list is read at run time,
 * because a newer suite must not add a scenario unnoticed.
 */
export async function listScenarios(kind: 'server' | 'authorization', revision: string): Promise<string[]> {
  const { output } = await run(['list', `--${kind}`, '--spec-version', revision])
  return [...output.matchAll(/^ {2}- ([\w-]+) \[/gm)].map(([, name = '']) => name)
}

interface Run {
  revision: string
  scenarios: string[]
  /** Folder for the verdicts of the suite. */
  results: string
}

/** Runs a server scenario, which passes if the suite exits with 0 and a check succeeded. */
export async function runServerScenario(url: string, { revision, scenarios: [scenario = ''], results }: Run): Promise<Outcome> {
  const folder = join(results, revision, scenario)
  const { code, output } = await run(['server', '--url', url, '--scenario', scenario, '--spec-version', revision, '-o', folder])
  const checks = await readChecks(folder, scenario)
  return judge({ revision, scenario, checks }, output, code === 0)
}

/**
 * Runs the authorization server scenarios in one process, because the second scenario needs results
 * of the first. `onLine` receives the output of the suite line by line.
 */
export async function runAuthorizationScenarios(
  args: string[],
  { revision, scenarios, results }: Run,
  onLine: (line: string) => void,
): Promise<Outcome[]> {
  const folder = join(results, revision)
  const { output } = await run(['authorization', ...args, '--spec-version', revision, '-o', folder], onLine)
  return Promise.all(
    scenarios.map(async (scenario) => judge({ revision, scenario, checks: await readChecks(folder, scenario) }, output, true)),
  )
}

function judge({ revision, scenario, checks }: Omit<Outcome, 'passed'>, output: string, succeeded: boolean): Outcome {
  const verdicts = checks.length > 0 ? checks : [{ id: 'no-result', status: 'FAILURE', errorMessage: output.trim().slice(-1500) }]
  const passed = succeeded && verdicts.some(({ status }) => status === 'SUCCESS') && !verdicts.some(({ status }) => status === 'FAILURE')
  return { revision, scenario, checks: verdicts, passed }
}

async function readChecks(folder: string, scenario: string): Promise<Outcome['checks']> {
  const files = await readdir(folder, { recursive: true }).catch(() => [])
  const found = files.filter((name) => `${folder}/${name}`.includes(scenario) && name.endsWith('checks.json'))
  const lists = await Promise.all(found.map(async (name) => JSON.parse(await readFile(join(folder, name), 'utf8')) as Outcome['checks']))
  return lists.flat()
}

async function run(args: string[], onLine: (line: string) => void = () => {}): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, [CONFORMANCE, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1' },
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
      for (const line of text.split('\n')) onLine(line)
    })
  }
  const code = await new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve))
  return { code, output }
}
