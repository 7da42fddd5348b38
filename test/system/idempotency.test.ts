import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Browser } from '../../scripts/browser.ts'
import { signIn } from '../../scripts/browser-flows.ts'
import { PERSON, type Site, signalWorkerd, startSite, untilRestarted } from './support.ts'

const AT_ONCE = 6
/** Milliseconds from the requests to the kill, from before the first batch to after the replies. */
const MOMENTS = [10, 80, 160, 250, 400, 600]

let site: Site
let browser: Browser
beforeAll(async () => {
  site = await startSite()
  await site.management.ensureServer('demo', 'hello')
  browser = new Browser(site.platform.origin)
  await signIn(browser, PERSON)
})
afterAll(() => site?.stop())

interface Reply {
  status: number
  body: { secret?: string; clientId?: string; title?: string }
}

async function create(name: string, key: string): Promise<Reply> {
  const response = await browser.fetch('/api/tenants/demo/clients', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Idempotency-Key': key },
    body: JSON.stringify({ name, grantTypes: ['client_credentials'] }),
  })
  return { status: response.status, body: (await response.json()) as Reply['body'] }
}

it('requests with an Idempotency-Key have one effect each when the platform is killed at any moment', async () => {
  const waits: number[] = []
  const lost: number[] = []
  for (const [kill, moment] of MOMENTS.entries()) {
    const before = site.platform.restarts()
    const runs = Array.from({ length: AT_ONCE }, (_, n) => ({ name: `client ${kill}.${n}`, key: randomUUID() }))
    const answers = runs.map(({ name, key }) => create(name, key).catch(() => undefined))
    await sleep(moment)
    signalWorkerd(site.platform, 'SIGKILL')
    const first = await Promise.all(answers)
    lost.push(first.filter((reply) => reply === undefined).length)
    await untilRestarted(site.platform, before)
    const back = Date.now()
    const retried = await Promise.all(
      runs.map(async ({ name, key }) => {
        for (;;) {
          const reply = await create(name, key)
          if (reply.status === 201) {
            waits.push(Date.now() - back)
            return reply
          }
          expect([reply.status, reply.body.title]).toEqual([409, 'Still running'])
          await sleep(200)
        }
      }),
    )
    for (const [n, reply] of retried.entries()) {
      expect(reply.body.secret).toMatch(/^wharf_cs_/)
      if (first[n]?.status === 201) expect(reply.body).toEqual(first[n].body)
    }
    const { items } = (await site.management.call('GET', '/api/tenants/demo/clients')) as { items: { name: string; clientId: string }[] }
    for (const [n, { name }] of runs.entries()) {
      expect([name, items.filter((client) => client.name === name).map(({ clientId }) => clientId)]).toEqual([
        name,
        [retried[n]?.body.clientId],
      ])
    }
    for (const { clientId } of items) await site.management.call('DELETE', `/api/tenants/demo/clients/${clientId}`)
  }
  console.log(`replies lost by each kill: ${lost.join(', ')} of ${AT_ONCE}; longest wait of a retry: ${Math.max(...waits)} ms`)
  expect(lost.some((count) => count > 0)).toBe(true)
  expect(Math.max(...waits)).toBeLessThan(8_000)
})
