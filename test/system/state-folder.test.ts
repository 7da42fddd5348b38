import { execFileSync, spawn } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { ROOT } from '../../scripts/wrangler.ts'
import { freePort } from './support.ts'

let state: string
beforeEach(async () => {
  state = join(await mkdtemp(join(tmpdir(), 'wharf-state-')), 'state')
})
afterEach(() => rm(join(state, '..'), { recursive: true, force: true }))

function start(port: number, name = 'start') {
  const args = ['scripts/run.js', name, ...(name === 'start' ? ['--port', String(port)] : [])]
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    env: { ...process.env, WHARF_STATE: state, npm_lifecycle_event: '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text))
  const exit = new Promise<number | null>((resolve) => child.once('close', resolve))
  const isUp = (): boolean => output.includes('Press Ctrl-C to stop')
  const settled = async (): Promise<void> => {
    const ended = exit.then(() => true)
    while (!isUp() && !(await Promise.race([ended, sleep(50)])));
  }
  return { output: () => output, exit, isUp, settled, kill: (signal: NodeJS.Signals) => child.kill(signal) }
}

function remainingProcesses(): string[] {
  const lines = execFileSync('ps', ['-A', '-o', 'args='], { encoding: 'utf8', maxBuffer: 1e8 }).split('\n')
  return lines.filter((line) => line.includes(state))
}

it('one of two starts at the same instant wins, and the other names the running platform', async () => {
  const port = await freePort()
  const both = [start(port), start(port + 1)]
  await Promise.all(both.map((each) => each.settled()))
  expect(both.filter((each) => each.isUp())).toHaveLength(1)
  const [winner, loser] = both[0]?.isUp() ? [both[0], both[1]] : [both[1], both[0]]
  expect(await loser?.exit).toBe(1)
  expect(loser?.output()).toMatch(/Wharf already runs (at|on) /)

  const demo = start(port, 'demo') // without a port
  expect(await demo.exit, demo.output()).toBe(0)
  const origin = /Open +(\S+)\//.exec(winner?.output() ?? '')?.[1] ?? ''
  for (const path of [
    '/invitations/CANARY-7',
    '/device?user_code=CANARY-7',
    '/demo/hello/mcp?access_token=CANARY-7',
    '/auth/openid/callback?code=CANARY-7',
  ])
    await fetch(origin + path)
  await sleep(1000)
  expect(() => execFileSync('grep', ['-rla', 'CANARY-7', state])).toThrow() // grep finds no file
  expect(winner?.output()).not.toContain('CANARY-7')
  winner?.kill('SIGKILL')
  await expect.poll(remainingProcesses, { timeout: 5000 }).toEqual([])

  const again = start(port)
  await again.settled()
  expect(again.output()).toContain('Wharf is running')
  again.kill('SIGTERM')
  await again.exit

  await rm(join(state, 'sample.json'))
  const without = start(port)
  await without.settled()
  expect(without.output()).toContain('npm run reset-password -- sample@example.com')
  expect(await readdir(state)).not.toContain('sample.json')
  without.kill('SIGTERM')
  await without.exit
})

it.each([300, 1000, 2500])('first start that is killed after %d ms leaves no process, and the next start works', async (ms) => {
  const port = await freePort()
  const first = start(port)
  await sleep(ms)
  first.kill('SIGKILL')
  await first.exit
  await expect.poll(remainingProcesses, { timeout: 5000 }).toEqual([])
  const second = start(port)
  await second.settled()
  expect(second.output()).toContain('Wharf is running')
  second.kill('SIGTERM')
  expect(await second.exit).toBe(0)
  await rm(join(state, 'data/v3/d1'), { recursive: true })
  const third = start(port)
  expect(await third.exit).toBe(1)
  expect(third.output()).toContain('the database below data/v3/d1 is missing')
})
