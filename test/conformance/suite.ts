import { spawn } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** One scenario at one revision, with the suite's own verdict on each of its checks. */
export interface Outcome {
  revision: string
  scenario: string
  checks: { id: string; status: string; errorMessage?: string }[]
  passed: boolean
}

const CONFORMANCE = fileURLToPath(new URL('../../node_modules/@modelcontextprotocol/conformance/dist/index.js', import.meta.url))

/** What the pinned suite itself says belongs to a revision: asked at run time, so that a newer suite cannot add one unnoticed. */
export async function listScenarios(kind: 'server' | 'authorization', revision: string): Promise<string[]> {
  const { output } = await run(['list', `--${kind}`, '--spec-version', revision])
  return [...output.matchAll(/^ {2}- ([\w-]+) \[/gm)].map(([, name = '']) => name)
}

/** Runs one scenario. A scenario passes when it the suite says so and it checked something at all: one that skipped itself has not passed. */
export async function runScenario(
  args: string[],
  { revision, scenario, results }: { revision: string; scenario: string; results: string },
  onLine?: (line: string) => void,
): Promise<Outcome> {
  const folder = join(results, revision, scenario)
  const { code, output } = await run([...args, '--scenario', scenario, '--spec-version', revision, '-o', folder], onLine)
  const checks = await readChecks(folder)
  if (checks.length === 0) checks.push({ id: 'no-result', status: 'FAILURE', errorMessage: output.trim().slice(-1500) })
  const failed = checks.some(({ status }) => status === 'FAILURE')
  return { revision, scenario, checks, passed: code === 0 && !failed && checks.some(({ status }) => status === 'SUCCESS') }
}

async function readChecks(folder: string): Promise<Outcome['checks']> {
  const files = await readdir(folder, { recursive: true }).catch(() => [])
  const found = files.filter((name) => name.endsWith('checks.json'))
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
