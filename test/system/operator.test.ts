import { execFile } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { connect, ScriptedProvider } from '../../scripts/scripted-client.ts'
import { ROOT } from '../../scripts/wrangler.ts'
import { PERSON, type Site, startSite } from './support.ts'

let site: Site
let url: string
beforeAll(async () => {
  site = await startSite()
  url = await site.deployed('hello')
})
afterAll(() => site?.stop())

interface Outcome {
  code: number
  output: string
}

function operator(...args: string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(process.execPath, ['scripts/run.js', 'operator', ...args, '--state', site.state], { cwd: ROOT }, (error, stdout, stderr) =>
      resolve({ code: error ? 1 : 0, output: stdout + stderr }),
    )
  })
}

const GREET = { name: 'greet', arguments: { name: 'Ada' } }
const WHY = "It's being abused; see ticket 7: DROP TABLE tenants; --"

it('operator suspends a running tenant within 10 s, its clients read why, and it continues after resume', async () => {
  expect(await operator('status')).toEqual({ code: 0, output: 'No tenant is suspended.\n' })
  const clients = await Promise.all(
    ([{ pin: '2026-07-28' }, 'legacy'] as const).map((mode) => connect(url, new ScriptedProvider(PERSON), mode)),
  )
  for (const client of clients) expect((await client.callTool(GREET)).content).toMatchObject([{ text: 'Hello, Ada!' }])

  expect(await operator('suspend', 'demo', '--why', WHY)).toMatchObject({ code: 0, output: expect.stringContaining('demo is suspended') })
  const since = Date.now()
  for (const client of clients) {
    let failure: unknown
    while (!failure) {
      failure = await client.callTool(GREET).then(
        () => undefined,
        (error: unknown) => error,
      )
      if (!failure) await sleep(200)
    }
    expect(String(failure)).toContain(`The tenant demo is suspended by the operator of this platform: ${WHY}`)
  }
  const took = Date.now() - since
  console.log(`clients were refused ${took} ms after the command`)
  expect(took).toBeLessThan(10_000)
  expect(await site.management.call('GET', '/api/tenants/demo')).toMatchObject({ suspended: { why: WHY } })
  await expect(site.management.call('PATCH', '/api/tenants/demo', { name: 'x' })).rejects.toThrow('is suspended by the operator')
  expect((await operator('status')).output).toMatch(
    /^demo \(Demo\): suspended since .*: It's being abused; .*\n {2}1 server; owners: system@example\.com\n$/,
  )

  expect((await operator('resume', 'demo')).output).toContain('demo continues')
  expect((await operator('resume', 'demo')).output).toBe('demo was not suspended.\n')
  for (const client of clients) {
    expect((await client.callTool(GREET)).content).toMatchObject([{ text: 'Hello, Ada!' }])
    await client.close()
  }
  const { items } = (await site.management.call('GET', '/api/tenants/demo/audit')) as {
    items: { action: string; actor: string; detail: object }[]
  }
  expect(items.filter(({ actor }) => actor === 'operator').map(({ action, detail }) => [action, detail])).toEqual([
    ['tenant.resumed', {}],
    ['tenant.suspended', { why: WHY }],
  ])
})

it('operator command makes a user an operator, with options before or after the address', async () => {
  expect(await operator(PERSON.email.toUpperCase())).toEqual({ code: 0, output: `${PERSON.email} is now an operator.\n` })
  expect(await operator('nobody@example.com')).toMatchObject({ code: 1, output: expect.stringContaining('No account found') })
})

it.each([
  [['suspend', 'demo'], '--why is missing.'],
  [['suspend', 'demo', '--why', '  '], '--why is missing.'],
  [['suspend', 'demo', '--why', 'two\nlines'], '--why must not contain control characters.'],
  [['suspend', '--why', 'x'], 'TENANT is missing.'],
  [['suspend', 'no-such-tenant', '--why', 'x'], 'No tenant has the slug "no-such-tenant".'],
  [['suspend', 'demo', '--why', 'several', 'words'], 'Put the text of --why in quotation marks.'],
  [['resume', 'no-such-tenant'], 'No tenant has the slug "no-such-tenant".'],
  [['status', "a'b"], 'is not the slug of a tenant.'],
  [['suspnd', 'demo'], 'Did you mean suspend?'],
])('operator command %j explains the mistake and changes nothing', async (args, mistake) => {
  const { code, output } = await operator(...args)
  expect([code, output]).toEqual([1, expect.stringContaining(mistake)])
  expect(await site.management.call('GET', '/api/tenants/demo')).toMatchObject({ suspended: null })
})
