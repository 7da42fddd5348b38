import { and, eq } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { grants } from '../../store/schema/grants.ts'
import { hostedServers } from '../../store/schema/servers.ts'
import { auditEvents, members } from '../../store/schema/tenants.ts'
import {
  authorizationCode,
  authorizePath,
  callback,
  consentForm,
  consentPath,
  createClient,
  exchange,
  REDIRECT_URI,
  SIGN_IN_COOKIE,
  signedIn,
  untilLimited,
  type Browser,
} from '../support/oauth.ts'
import { addMember, createServer, createUser, ORIGIN, store, surfaceOf, type TestServer } from '../support/platform.ts'

async function openPage(settings: Parameters<typeof createClient>[1] = {}, change: Parameters<typeof authorizePath>[2] = {}) {
  const server = await createServer({ code: '', surface: surfaceOf(TOOLS) })
  const client = await createClient(server, settings)
  const browser = await signedIn(server.tenant.owner)
  const page = await browser.get(authorizePath(server, client, change))
  return { server, client, browser, page }
}

const TOOLS = [
  { name: 'look', title: 'Look around', inputSchema: { type: 'object' }, annotations: { readOnlyHint: true } },
  { name: 'wipe', inputSchema: { type: 'object' }, annotations: { destructiveHint: true } },
]

function decide(
  browser: Browser,
  server: TestServer,
  form: Record<string, string>,
  decision = 'approve',
  headers?: Record<string, string>,
) {
  return browser.post(consentPath(server), { ...form, decision }, headers)
}

async function endedAt(server: TestServer) {
  return store
    .select({ actor: auditEvents.actor, detail: auditEvents.detail })
    .from(auditEvents)
    .where(and(eq(auditEvents.serverId, server.id), eq(auditEvents.action, 'grant.ended')))
}

async function grantsOf(server: TestServer): Promise<number> {
  return (await store.select().from(grants).where(eq(grants.serverId, server.id))).length
}

describe('consent page', () => {
  it('shows the domain before the app name, the redirect URI, the server and its tools', async () => {
    const { server, page } = await openPage({ name: 'Nice App' })
    const text = await page.text()
    expect(text.indexOf('app.example')).toBeLessThan(text.indexOf('Nice App'))
    expect(text).toContain(REDIRECT_URI)
    expect(text).toContain(server.urls.resource)
    expect(text).toContain(server.tenant.slug)
    expect(text).toMatch(/look<\/code> Look around<\/span/)
    expect(text).toMatch(/wipe<\/code> <span class="tag">Can modify data/)
    expect(text).not.toContain('on this computer')
  })

  it('warns the user when the redirect URI is on loopback', async () => {
    for (const [registered, asked] of [
      ['http://localhost:1234/cb', 'http://localhost:4321/cb'],
      ['https://localhost:1234/cb', 'https://localhost:1234/cb'],
    ] as const) {
      const { page } = await openPage({ redirectUris: [registered] }, { redirect_uri: asked })
      expect(await page.text()).toMatch(/Allow this only if you just started it yourself[\s\S]*runs on this computer/)
      expect(page.headers.get('Content-Security-Policy')).toContain(new URL(asked).origin)
    }
  })

  it('escapes HTML in the name of an app', async () => {
    const { page } = await openPage({ name: '<script>alert(1)</script>"onload="x' })
    const text = await page.text()
    expect(text).not.toContain('<script')
    expect(text).not.toContain('"onload="')
  })

  it('forbids framing, caching and full referrers and loads nothing from elsewhere', async () => {
    const { page } = await openPage()
    expect(page.headers.get('Content-Security-Policy')).toMatch(/frame-ancestors 'none'/)
    expect(page.headers.get('X-Frame-Options')).toBe('DENY')
    expect(page.headers.get('Cache-Control')).toBe('no-store')
    expect(page.headers.get('Referrer-Policy')).toBe('same-origin')
    expect(await page.text()).not.toMatch(/(?:src|href)="https?:|<script|<img/)
    for (const cookie of page.headers.getSetCookie()) expect(cookie).toMatch(/^__Host-.*Path=\/; Secure; HttpOnly; SameSite=Lax/)
  })
})

describe('consent decision', () => {
  it('redirects with code, state and iss when the user approves', async () => {
    const { server, browser, page } = await openPage()
    const response = await decide(browser, server, await consentForm(page))
    expect(response.status).toBe(303)
    expect(response.headers.get('Location')).toMatch(/^https:\/\/app\.example\/callback\?/)
    expect(callback(response)).toEqual({ code: expect.any(String), state: 'a state', iss: server.urls.issuer })
    expect(response.headers.get('Cache-Control')).toBe('no-store')
    expect(response.headers.get('Referrer-Policy')).toBe('same-origin')
  })

  it('redirects with access_denied when the user declines', async () => {
    const { server, browser, page } = await openPage()
    const response = await decide(browser, server, await consentForm(page), 'deny')
    expect(response.status).toBe(303)
    expect(callback(response)).toMatchObject({ error: 'access_denied', state: 'a state', iss: server.urls.issuer })
    expect(await grantsOf(server)).toBe(0)
  })

  it('is refused when the form is submitted again', async () => {
    const { server, browser, page } = await openPage()
    const form = await consentForm(page)
    const cookies = new Map(browser.cookies)
    expect((await decide(browser, server, form)).status).toBe(303)
    // restores the cookies, as after the back button of the browser
    for (const [name, value] of cookies) browser.cookies.set(name, value)
    for (const decision of ['approve', 'deny']) expect((await decide(browser, server, form, decision)).status).toBe(400)
    expect(await grantsOf(server)).toBe(1)
  })

  it('is accepted once when ten are submitted at the same time', async () => {
    for (let round = 0; round < 20; round++) {
      const { server, browser, page } = await openPage()
      const form = await consentForm(page)
      const answers = await Promise.all(
        Array.from({ length: 10 }, (_, index) => decide(browser, server, form, index % 2 ? 'approve' : 'deny')),
      )
      const statuses = answers.map(({ status }) => status).toSorted()
      expect(statuses).toEqual([303, ...Array.from({ length: 9 }, () => 400)])
      expect(await grantsOf(server)).toBeLessThanOrEqual(1)
    }
  })

  it('is accepted from each of two consent pages open at the same time', async () => {
    const { server, client, browser, page } = await openPage()
    const second = await browser.get(authorizePath(server, client, { state: 'second' }))
    const forms = [await consentForm(page), await consentForm(second)]
    for (const form of forms) expect((await decide(browser, server, form)).status).toBe(303)
  })

  it.each([
    ['a cross-site Origin', { Origin: 'https://evil.example' }],
    ['no Origin and no Sec-Fetch-Site', {}],
    ['a null Origin from another site', { Origin: 'null', 'Sec-Fetch-Site': 'cross-site' }],
  ])('is refused when the request has %s', async (_, headers) => {
    const { server, browser, page } = await openPage()
    expect((await decide(browser, server, await consentForm(page), 'approve', headers)).status).toBe(403)
    expect(await grantsOf(server)).toBe(0)
  })

  it('is accepted when Origin is null and Sec-Fetch-Site is same-origin', async () => {
    const { server, browser, page } = await openPage()
    const headers = { Origin: 'null', 'Sec-Fetch-Site': 'same-origin' }
    expect((await decide(browser, server, await consentForm(page), 'approve', headers)).status).toBe(303)
  })

  it('is refused when it comes from another user or another sign-in of the user', async () => {
    for (const who of ['other', 'same'] as const) {
      const { server, browser, page } = await openPage()
      const form = await consentForm(page)
      const other = await signedIn(who === 'same' ? server.tenant.owner : await addMember(server.tenant, 'viewer'))
      for (const [name, value] of browser.cookies) if (name.startsWith('__Host-oauth')) other.cookies.set(name, value)
      expect((await decide(other, server, form)).status).toBe(403)
      // the page stays valid in the first browser
      expect((await decide(browser, server, form)).status).toBe(303)
    }
  })

  it('is refused when it comes from another browser or without a sign-in', async () => {
    const { server, browser, page } = await openPage()
    const form = await consentForm(page)
    expect((await decide(await signedIn(server.tenant.owner), server, form)).status).toBe(400)
    browser.cookies.delete(SIGN_IN_COOKIE)
    expect((await decide(browser, server, form)).status).toBe(403)
  })

  it('is refused when it is sent to another server or issuer', async () => {
    const { server, browser, page } = await openPage()
    const neighbour = await createServer({ tenant: server.tenant })
    const form = await consentForm(page)
    expect((await decide(browser, neighbour, form)).status).toBe(400)
    expect((await decide(browser, server, { ...form, form: 'host' })).status).toBe(400)
    expect((await decide(browser, server, form)).status).toBe(303)
  })

  it('ignores authorization parameters added to the form', async () => {
    const { server, client, browser, page } = await openPage({}, { scope: 'mcp:read' })
    const form = { ...(await consentForm(page)), scope: 'mcp:write', client_id: 'x', redirect_uri: 'https://evil.example/', state: 'x' }
    const response = await decide(browser, server, form)
    expect(response.headers.get('Location')).toMatch(/^https:\/\/app\.example\/callback\?/)
    const { code = '', state } = callback(response)
    expect(state).toBe('a state')
    expect(await (await exchange(server, client, code)).json()).toMatchObject({ scope: 'mcp:read' })
  })

  it('is refused when the form is incomplete, too large or not a form', async () => {
    const { server, browser, page } = await openPage()
    const form = await consentForm(page)
    expect((await browser.post(consentPath(server), form)).status).toBe(400)
    expect((await decide(browser, server, { form: 'path' })).status).toBe(400)
    expect((await decide(browser, server, form, 'perhaps')).status).toBe(400)
    expect(
      (await browser.get(consentPath(server), { method: 'POST', body: JSON.stringify(form), headers: { Origin: ORIGIN } })).status,
    ).toBe(400)
    expect((await decide(browser, server, { ...form, more: 'x'.repeat(70_000) })).status).toBe(400)
    expect((await browser.get(consentPath(server))).status).toBe(405)
  })

  it('redirects with access_denied when the user left the tenant while the page was open', async () => {
    const { server, browser, page } = await openPage()
    await store.delete(members).where(and(eq(members.tenantId, server.tenant.id), eq(members.userId, server.tenant.owner.id)))
    const response = await decide(browser, server, await consentForm(page))
    expect(callback(response)).toMatchObject({ error: 'access_denied', state: 'a state', iss: server.urls.issuer })
    expect(await grantsOf(server)).toBe(0)
  })
})

it('authorization endpoint answers 429 when a user opens more than sixty consent pages a minute', async () => {
  const { server, client, browser } = await openPage()
  const { before, limited } = await untilLimited(() => browser.get(authorizePath(server, client)))
  expect([before, limited.headers.get('Retry-After')]).toEqual([[200], '60'])
})

it('approval ends the oldest grant when the user and client have twenty', async () => {
  const server = await createServer()
  const [client, another] = [await createClient(server), await createClient(server)]
  const first = await authorizationCode(server, client)
  await authorizationCode(server, another)
  for (let index = 0; index < 19; index++) await authorizationCode(server, client)
  expect(await grantsOf(server)).toBe(21)
  expect(await endedAt(server)).toEqual([])
  const [, oldest] = first.split(':')
  const last = await authorizationCode(server, client)
  expect(await grantsOf(server)).toBe(21)
  const { owner } = server.tenant
  const detail = { grantId: oldest, clientId: client.clientId, userId: owner.id, because: 'too many' }
  expect(await endedAt(server)).toEqual([{ actor: owner.id, detail }])
  expect((await exchange(server, client, first)).status).toBe(400)
  expect((await exchange(server, client, last)).status).toBe(200)
})

it('approval ends the least recently used grant when the user has two hundred at the server', async () => {
  const server = await createServer()
  const { owner } = server.tenant
  const old = {
    issuer: server.urls.issuer,
    tenantId: server.tenant.id,
    serverId: server.id,
    userId: owner.id,
    scopes: [],
    resource: 'x',
    record: '{}',
  }
  for (let index = 0; index < 205; index++) {
    const used = { createdAt: new Date(1000), lastUsedAt: new Date((index + 2) * 1000) }
    await store.insert(grants).values({ ...old, ...used, id: `grant-${index}`, clientId: `client-${index}` })
  }
  const client = await createClient(server)
  expect((await exchange(server, client, await authorizationCode(server, client))).status).toBe(200)
  const left = await store.select({ id: grants.id }).from(grants).where(eq(grants.serverId, server.id))
  expect(left).toHaveLength(200)
  expect(left.map(({ id }) => id)).toEqual(expect.arrayContaining(['grant-6', 'grant-204']))
  const ended = await endedAt(server)
  expect(ended.map(({ detail }) => detail['grantId']).toSorted()).toEqual(Array.from({ length: 6 }, (_, index) => `grant-${index}`))
})

it('non-member can approve a client when access is signed-in', async () => {
  const server = await createServer()
  await store.update(hostedServers).set({ access: 'signed-in' }).where(eq(hostedServers.id, server.id))
  const client = await createClient(server)
  expect((await exchange(server, client, await authorizationCode(server, client, { user: await createUser() }))).status).toBe(200)
})
