import { execFileSync, spawn } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { Browser } from '../../scripts/browser.ts'
import { signIn } from '../../scripts/browser-flows.ts'
import { newSecrets } from '../../scripts/state.ts'
import { ROOT } from '../../scripts/wrangler.ts'
import { freePort } from './support.ts'

let state: string
beforeEach(async () => {
  state = join(await mkdtemp(join(tmpdir(), 'wharf-start-')), 'state')
})
afterEach(() => rm(join(state, '..'), { recursive: true, force: true }))

interface Run {
  output: () => string
  pid: number
  exit: Promise<number | null>
}

/** Runs a script of the project in a process of its own, as npm does. */
function script(name: string, args: string[], env: Record<string, string> = {}): Run {
  const child = spawn(process.execPath, ['scripts/run.js', name, ...args], {
    cwd: ROOT,
    env: { ...process.env, WHARF_STATE: state, npm_lifecycle_event: '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text))
  return { output: () => output, pid: child.pid ?? 0, exit: new Promise((resolve) => child.once('close', resolve)) }
}

async function isUp({ output, exit }: Run): Promise<void> {
  const ended = exit.then(() => 'ended')
  while (!output().includes('Press Ctrl-C to stop')) {
    if ((await Promise.race([ended, sleep(100)])) === 'ended') throw new Error(`the script ended: ${output()}`)
  }
}

/** Returns the command lines of all processes that name the state folder of this test. */
function remainingProcesses(): string[] {
  return execFileSync('ps', ['-A', '-o', 'args='], { encoding: 'utf8', maxBuffer: 1e8 })
    .split('\n')
    .filter((line) => line.includes(state))
}

it('start creates a sample, runs the demo, stops with no process left, and keeps its state', async () => {
  const port = String(await freePort())
  const first = script('start', ['--port', port])
  await isUp(first)
  const sample = await readFile(join(state, 'sample.json'), 'utf8')
  expect(first.output()).toContain(`http://localhost:${port}/demo/hello/mcp`)
  const demo = script('demo', ['--port', port])
  expect(await demo.exit, demo.output()).toBe(0)
  expect(demo.output()).toContain('connected at revision 2026-07-28, with no session')
  expect(demo.output()).toContain('connected at revision 2025-11-25, in session')
  const operator = script('operator', ['sample@example.com'])
  expect(await operator.exit, operator.output()).toBe(0)
  process.kill(first.pid, 'SIGTERM')
  expect(await first.exit).toBe(0)
  expect(remainingProcesses()).toEqual([])

  const second = script('start', ['--port', port])
  await isUp(second)
  expect(await readFile(join(state, 'sample.json'), 'utf8')).toBe(sample)
  const again = script('demo', ['--port', port])
  expect(await again.exit, again.output()).toBe(0)

  const nobody = script('reset-password', ['nobody@example.com'])
  expect([await nobody.exit, nobody.output()]).toEqual([
    1,
    expect.stringContaining('No account with a password found for nobody@example.com'),
  ])
  const reset = script('reset-password', ['sample@example.com'])
  expect(await reset.exit, reset.output()).toBe(0)
  const [, password = ''] = /: (\S+)\n/.exec(reset.output()) ?? []
  await signIn(new Browser(`http://localhost:${port}`), { email: 'sample@example.com', password })
  process.kill(second.pid, 'SIGKILL') // the children must end as well
  await second.exit
  await expect.poll(remainingProcesses, { timeout: 5000 }).toEqual([])
})

it.each([
  ['a port that is not a number', async () => {}, ['--port', '80x'], 'The port must be a number'],
  ['data without its secrets', () => mkdir(join(state, 'data'), { recursive: true }), [], 'is incomplete'],
  ['a missing secret', () => secrets('AUTH_SECRET=' + 'a'.repeat(43)), [], 'SESSION_KEY is missing'],
  ['a malformed secret', () => secrets('AUTH_SECRET=short'), [], 'AUTH_SECRET in'],
  ['a sample without its data', () => sample(), [], 'is incomplete'],
  ['a file in place of its folder', () => writeFile(state, ''), [], 'cannot be created (EEXIST)'],
])('start exits with one sentence for %s', async (_, prepare, args, sentence) => {
  await prepare()
  const run = script('start', args)
  expect(await run.exit).toBe(1)
  expect(run.output()).toContain(sentence)
  expect(run.output().trim().split('\n')).toHaveLength(1)
})

it.each(['127.0.0.1', '::1'])('start refuses a port that is in use at %s', async (host) => {
  const taken = createServer()
  const port = await new Promise<number | undefined>((resolve) =>
    taken.once('error', () => resolve(undefined)).listen(0, host, () => resolve((taken.address() as { port: number }).port)),
  )
  if (port === undefined) return expect(host).toBe('::1') // this machine has no IPv6
  const run = script('start', ['--port', String(port)])
  expect(await run.exit).toBe(1)
  expect(run.output()).toContain(`Port ${port} is in use`)
  taken.close()
})

async function secrets(text: string): Promise<void> {
  await mkdir(state, { recursive: true })
  await writeFile(join(state, 'secrets.env'), `${text}\n`)
}

async function sample(): Promise<void> {
  await secrets(
    newSecrets()
      .map(([name, value]) => `${name}=${value}`)
      .join('\n'),
  )
  await writeFile(join(state, 'sample.json'), JSON.stringify({ name: 'Sam', email: 'sam@example.com', password: 'x', ready: true }))
}
