import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { MarkedLines } from '../../scripts/console-lines.ts'
import { ROOT } from '../../scripts/wrangler.ts'
import { modernRequest } from './modern-request.ts'
import { signalWorkerd, type Site, startSite, untilRestarted } from './support.ts'

const CAP = 2 ** 30
const SECRET_LINE = 'only-for-the-tenant'

let site: Site
let url: string
beforeAll(async () => {
  site = await startSite({}, { memoryCap: CAP })
  url = await site.deployed('greedy', { access: 'public' }, join(ROOT, 'test/system/servers/greedy'))
})
afterAll(() => site?.stop())

async function call(name: string, args: Record<string, unknown>): Promise<Response> {
  return fetch(url, modernRequest('tools/call', { name, arguments: args }))
}

const works = async (): Promise<void> => {
  const response = await call('greet', {})
  expect([response.status, await response.text()]).toEqual([200, expect.stringContaining('done')])
}

/** Breaks the platform. Returns the line of the supervisor and the time until health. */
async function broken(breaks: () => unknown): Promise<{ line: string; ms: number }> {
  const [lines, restarts] = [site.log.length, site.platform.restarts()]
  const startedAt = performance.now()
  void Promise.resolve(breaks()).catch(() => {}) // the connection ends with workerd
  await untilRestarted(site.platform, restarts)
  const ms = performance.now() - startedAt
  const line = site.log.slice(lines).find((each) => each.includes('Restarting')) ?? ''
  await works()
  return { line, ms }
}

it('platform stays when a call uses memory below the cap', async () => {
  const before = site.platform.restarts()
  expect(await (await call('fill', { megabytes: 256 })).text()).toContain('done')
  await sleep(2000)
  expect(site.platform.restarts()).toBe(before)
  await works()
})

it.each([
  ['one call fills memory', [2048]],
  ['three calls fill memory together', [640, 640, 640]],
])('supervisor restarts workerd and names the limit when %s', async (_, amounts) => {
  const { line } = await broken(() => Promise.all(amounts.map((megabytes) => call('fill', { megabytes }))))
  expect(line).toMatch(/^The platform used \d+\.\d GB of memory, and the limit is 1\.0 GB \(change it with WHARF_MEMORY or --memory\)/)
})

it.each([
  ['loops', false],
  ['loops and prints', true],
])('supervisor restarts workerd and names the loop when a tool %s', async (_, prints) => {
  const { line, ms } = await broken(() => call('spin', { prints }))
  expect(line).toMatch(/^The platform answered no health check for \d+\.\d s and used \d+\.\d s of processor time, as an endless loop does/)
  console.log(`loop, prints: ${prints}: back after ${Math.round(ms)} ms`)
})

it.each([
  ['SIGKILL', 'stopped'],
  ['SIGSEGV', 'stopped'],
  ['SIGSTOP', 'answered no health check'],
] as const)('platform is back within seconds after %s to workerd', async (signal, reason) => {
  for (let round = 0; round < 2; round++) {
    const { line, ms } = await broken(() => signalWorkerd(site.platform, signal))
    expect(line).toContain(reason)
    console.log(`${signal}: back after ${Math.round(ms)} ms`)
  }
})

it('supervisor does not restart a platform that is slow under a flood', async () => {
  const before = site.platform.restarts()
  const answers = await Promise.all(
    Array.from({ length: 600 }, () => fetch(`${site.platform.origin}/auth/sign-in`).then(({ status }) => status)),
  )
  expect(answers.every((status) => status === 200 || status === 429)).toBe(true)
  expect(site.platform.restarts()).toBe(before)
})

it("terminal shows no console line of a tenant's code", async () => {
  const forged = JSON.stringify({ event: 'unhandled', error: SECRET_LINE })
  for (const text of [SECRET_LINE, forged]) await (await call('print', { text, lines: 3 })).text()
  await sleep(500)
  expect(site.log.filter((line) => line.includes(SECRET_LINE))).toEqual([])
})

/** Returns the longest time of a health check until the promise settles. */
async function slowestHealthCheck(until: Promise<unknown>): Promise<number> {
  const ended = until.then(() => true)
  let slowest = 0
  do {
    const startedAt = performance.now()
    await fetch(`${site.platform.origin}/healthz`)
    slowest = Math.max(slowest, performance.now() - startedAt)
  } while (!(await Promise.race([ended, sleep(50)])))
  return slowest
}

it.each([
  ['200,000 lines', { text: 'x', lines: 200_000 }],
  ['lines of 10 MB', { text: 'x', lines: 5, repeat: 10_000_000 }],
])('platform answers while a call writes %s to the console', async (_, args) => {
  const before = site.platform.restarts()
  const printing = call('print', args).then((response) => response.text())
  const slowest = await slowestHealthCheck(printing)
  console.log(`slowest health check: ${Math.round(slowest)} ms`)
  expect(site.platform.restarts()).toBe(before)
  await works()
})

it('platform serves no route of the development server and keeps no trace store', async () => {
  const files = await readdir(join(site.state, 'data/v3'))
  expect(files).not.toContain('observability')
  for (const path of ['/cdn-cgi/local/scheduled', '/cdn-cgi/local/r2/public/wharf-bundles/x', '/cdn-cgi/local/explorer']) {
    expect((await fetch(site.platform.origin + path)).status).toBe(404)
  }
})

it("terminal shows the platform's own lines", () => {
  const shown: string[] = []
  const lines = new MarkedLines(['mark'], (message) => shown.push(message))
  const json = (message: string): string => `${JSON.stringify({ timestamp: 1, level: 'error', message })}\n`
  const bytes = Buffer.from(json('mark first') + json('of a tenant') + json('x'.repeat(100_000) + 'mark') + json('mark last'))
  for (let start = 0; start < bytes.length; start += 7) lines.add(bytes.subarray(start, start + 7))
  expect(shown).toEqual(['mark first', 'mark last'])
})
