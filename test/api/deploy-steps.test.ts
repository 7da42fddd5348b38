import { beforeAll, describe, expect, it } from 'vitest'
import type { DeployStep } from '../../protocol/api/versions.ts'
import { person, tenantOf, upload, type Person } from '../support/person.ts'
import { fetchPlatform, freshSlug, ORIGIN } from '../support/platform.ts'

let owner: Person
let tenant: string
beforeAll(async () => {
  owner = await person()
  tenant = await tenantOf(owner)
})

async function serverOf(): Promise<string> {
  const slug = freshSlug('s')
  expect((await owner.call('POST', `/tenants/${tenant}/servers`, { slug, name: 'x' })).status).toBe(201)
  return `/tenants/${tenant}/servers/${slug}`
}

function post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetchPlatform(`/api${path}/versions`, {
    method: 'POST',
    headers: { Cookie: owner.cookie, Origin: ORIGIN, 'Content-Type': 'application/json', Accept: 'application/x-ndjson', ...headers },
    body: JSON.stringify(body),
  })
}

async function steps(response: Response): Promise<DeployStep[]> {
  expect([response.status, response.headers.get('Content-Type')]).toEqual([200, 'application/x-ndjson'])
  const text = await response.text()
  expect(text.endsWith('\n')).toBe(true)
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as DeployStep)
}

const crashing = (message: string) => ({
  ...upload(),
  modules: { 'index.js': `throw new Error(${JSON.stringify(message)})\nexport default {}` },
})

describe('upload with streamed steps', () => {
  it('reports each step, and ends with the version as the plain response has it', async () => {
    const path = await serverOf()
    const reported = await steps(await post(path, upload()))
    expect(reported.slice(0, -1)).toEqual([
      { step: 'accepted', modules: 1 },
      { step: 'stored', bundleHash: expect.stringMatching(/^[0-9a-f]{64}$/), bytes: expect.any(Number) },
      { step: 'asking', subject: 'server/discover' },
      { step: 'asking', subject: 'tools/list' },
      { step: 'asking', subject: 'tools/hello' },
      { step: 'probed', findings: [expect.objectContaining({ severity: 'info', subject: 'tools/hello' })] },
      { step: 'version', number: 1, state: 'ready' },
      { step: 'activated', number: 1 },
    ])
    const { body } = await owner.call('GET', `${path}/versions/1`)
    expect(reported.at(-1)).toEqual({ step: 'done', version: body })
  })

  it('reports no activation when activate is false', async () => {
    const path = await serverOf()
    const reported = await steps(await post(path, { ...upload(), activate: false }))
    expect(reported.map(({ step }) => step)).not.toContain('activated')
    expect(reported.at(-1)).toMatchObject({ step: 'done', version: { number: 1, state: 'ready', active: false } })
  })

  it('reports the findings and activates nothing when the probe refuses the version', async () => {
    const path = await serverOf()
    const reported = await steps(await post(path, crashing('no luck')))
    expect(reported.map(({ step }) => step)).toEqual(['accepted', 'stored', 'asking', 'probed', 'version', 'done'])
    expect(reported[3]).toMatchObject({
      findings: [{ severity: 'error', rule: 'module-start', subject: 'index.js', message: expect.stringContaining('no luck') }],
    })
    expect(reported.at(-1)).toMatchObject({ step: 'done', version: { state: 'refused', active: false } })
  })

  it('is used when Accept lists application/x-ndjson at any position, in upper or lower case', async () => {
    const path = await serverOf()
    await steps(await post(path, upload(), { Accept: 'application/json;q=0.5, Application/X-NDJSON' }))
    const plain = await post(path, upload(), { Accept: 'application/json, */*' })
    expect([plain.status, plain.headers.get('Content-Type')]).toEqual([201, 'application/json'])
  })

  it.each([
    ['a malformed body', { modules: 7 }, {}, 400],
    ['an invalid bundle', { ...upload(), modules: { '../x.js': '' } }, {}, 400],
    ['a body that is too large', { ...upload(), modules: { 'index.js': 'x'.repeat(9_000_000) } }, {}, 413],
    ['a page of another origin', upload(), { Origin: 'https://evil.example' }, 403],
    ['a request without a sign-in', upload(), { Cookie: '' }, 401],
  ])('is refused with a problem document for %s', async (_, body, headers: Record<string, string>, status) => {
    const refused = await post(await serverOf(), body, headers)
    expect([refused.status, refused.headers.get('Content-Type')]).toEqual([status, 'application/problem+json'])
    expect(await refused.json()).toMatchObject({ status })
  })

  it('ends with the failure when the hosted server is deleted meanwhile', async () => {
    const path = await serverOf()
    const slow = `import main from './main.js'
export default { async fetch(request) { await scheduler.wait(3000); return main.fetch(request) } }`
    const response = await post(path, { ...upload(), modules: { 'index.js': slow, 'main.js': upload().modules['index.js'] } })
    expect((await owner.call('DELETE', path)).status).toBe(204)
    expect((await steps(response)).at(-1)).toMatchObject({ step: 'failed', problem: { status: 404, title: 'Not found' } })
  })

  it('runs once per Idempotency-Key, and a retry gets the final result', async () => {
    const path = await serverOf()
    const key = { 'Idempotency-Key': freshSlug('key') }
    const first = await steps(await post(path, upload(), key))
    expect(await steps(await post(path, upload(), key))).toEqual([first.at(-1)])
    const plain = await post(path, upload(), { ...key, Accept: '*/*' })
    expect([plain.status, { step: 'done', version: await plain.json() }]).toEqual([201, first.at(-1)])
    expect((await post(path, upload('other'), key)).status).toBe(400)
    expect((await owner.call('GET', `${path}/versions`)).body.items).toHaveLength(1)
  })

  it('runs once per Idempotency-Key when five requests arrive at the same time', async () => {
    const path = await serverOf()
    const key = { 'Idempotency-Key': freshSlug('key') }
    const answers = await Promise.all(Array.from({ length: 5 }, () => post(path, upload(), key)))
    const reported = await Promise.all(answers.map(async (answer) => (answer.ok ? (await steps(answer)).at(-1)?.step : answer.status)))
    expect(reported.filter((each) => each !== 409).length).toBeGreaterThan(0)
    expect(reported.every((each) => each === 'done' || each === 409)).toBe(true)
    expect((await owner.call('GET', `${path}/versions`)).body.items).toHaveLength(1)
  })

  it('completes when the client closes the connection', async () => {
    const path = await serverOf()
    const response = await post(path, upload())
    await response.body?.cancel()
    await expect.poll(async () => (await owner.call('GET', path)).body.activeVersion).toBe(1)
  })
})

describe('sources of an upload', () => {
  const sources = {
    main: 'server.ts',
    files: { 'server.ts': "import './lib/tool.ts'\n", 'lib/tool.ts': 'export {}\n', 'notes.md': '# Notes' },
  }

  it('are returned unchanged with the modules, and do not count towards the bundle size', async () => {
    const path = await serverOf()
    const [without, withSources] = [
      await owner.call('POST', `${path}/versions`, upload()),
      await owner.call('POST', `${path}/versions`, { ...upload(), sources }),
    ]
    expect([without.status, withSources.status]).toEqual([201, 201])
    expect(withSources.body.bundleBytes).toBe(without.body.bundleBytes)
    expect((await owner.call('GET', `${path}/versions/1/modules`)).body.sources).toBeNull()
    const { body } = await owner.call('GET', `${path}/versions/2/modules`)
    expect(body).toEqual({ mainModule: 'index.js', modules: upload().modules, sources })
  })

  it('are stored per version when two versions share a bundle', async () => {
    const path = await serverOf()
    for (const text of ['one', 'two']) {
      const { status } = await owner.call('POST', `${path}/versions`, { ...upload(), sources: { main: 'a.ts', files: { 'a.ts': text } } })
      expect(status).toBe(201)
    }
    const texts = await Promise.all(
      [1, 2].map(async (n) => (await owner.call('GET', `${path}/versions/${n}/modules`)).body.sources.files['a.ts']),
    )
    expect(texts).toEqual(['one', 'two'])
  })

  it.each([
    ['a path that leads outside', { main: 'a.ts', files: { 'a.ts': '', '../b.ts': '' } }, '/sources/files/..~1b.ts'],
    ['a file name with a scheme', { main: 'a.ts', files: { 'a.ts': '', 'node:fs': '' } }, '/sources/files/node:fs'],
    ['an unsupported file type', { main: 'a.ts', files: { 'a.ts': '', 'a.exe': '' } }, '/sources/files/a.exe'],
    ['a missing main file', { main: 'b.ts', files: { 'a.ts': '' } }, '/sources/main'],
    ['more than 1 MB', { main: 'a.ts', files: { 'a.ts': 'é'.repeat(500_001) } }, '/sources'],
    ['201 files', { main: '0.ts', files: Object.fromEntries(Array.from({ length: 201 }, (_, n) => [`${n}.ts`, ''])) }, '/sources'],
    ['a file that is not text', { main: 'a.ts', files: { 'a.ts': 7 } }, '/sources/files/a.ts'],
    ['an unknown field', { main: 'a.ts', files: { 'a.ts': '' }, run: true }, '/sources/run'],
  ])('are refused for %s, and no version is stored', async (_, wrong, pointer) => {
    const path = await serverOf()
    const refused = await owner.call('POST', `${path}/versions`, { ...upload(), sources: wrong })
    expect([refused.status, refused.body.errors[0].pointer]).toEqual([400, pointer])
    expect((await owner.call('GET', `${path}/versions`)).body.items).toEqual([])
  })

  it('are refused to a viewer with 403', async () => {
    const path = await serverOf()
    await owner.call('POST', `${path}/versions`, { ...upload(), sources })
    const { body: made } = await owner.call('POST', '/me/tokens', { name: 'x', tenant, role: 'viewer' })
    const response = await fetchPlatform(`/api${path}/versions/1/modules`, { headers: { Authorization: `Bearer ${made.token}` } })
    expect(response.status).toBe(403)
    await response.body?.cancel()
  })
})
