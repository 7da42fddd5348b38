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

describe('the page', () => {
  it('shows who asks by domain before name, where access goes, at which server, with which tools', async () => {
    const { server, page } = await openPage({ name: 'Nice App' })
    const text = await page.text()
    expect(text.indexOf('app.example')).toBeLessThan(text.indexOf('Nice App'))
    expect(text).toContain(REDIRECT_URI)
    expect(text).toContain(server.urls.resource)
    expect(text).toContain(server.tenant.slug)
    expect(text).toMatch(/look<\/code> Look around<\/span/)
    expect(text).toMatch(/wipe<\/code> <span class="tag">can change things/)
    expect(text).not.toContain('on this computer')
  })

  it('warns where access is sent to this computer', async () => {
    for (const [registered, asked] of [
      ['http://localhost:1234/cb', 'http://localhost:4321/cb'],
      ['https://localhost:1234/cb', 'https://localhost:1234/cb'],
    ] as const) {
      const { page } = await openPage({ redirectUris: [registered] }, { redirect_uri: asked })
      expect(await page.text()).toMatch(/Only allow this if you just started it yourself[\s\S]*runs on this computer/)
      expect(page.headers.get('Content-Security-Policy')).toContain(new URL(asked).origin)
    }
  })

  it('shows what an app calls itself as text', async () => {
    const { page } = await openPage({ name: '<script>alert(1)</script>"onload="x' })
    const text = await page.text()
    expect(text).not.toContain('<script')
    expect(text).not.toContain('"onload="')
  })

  it('cannot be framed or kept', async () => {
    const { page } = await openPage()
    expect(page.headers.get('Content-Security-Policy')).toMatch(/frame-ancestors 'none'/)
    expect(page.headers.get('X-Frame-Options')).toBe('DENY')
    expect(page.headers.get('Cache-Control')).toBe('no-store')
    expect(page.headers.get('Referrer-Policy')).toBe('same-origin')
    expect(await page.text()).not.toMatch(/(?:src|href)="https?:|<script|<img/)
    for (const cookie of page.headers.getSetCookie()) expect(cookie).toMatch(/^__Host-.*Path=\/; Secure; HttpOnly; SameSite=Lax/)
  })
})

describe('the decision', () => {
  it('sends an approval back with code, state and iss', async () => {
    const { server, browser, page } = await openPage()
    const response = await decide(browser, server, await consentForm(page))
    expect(response.status).toBe(303)
    expect(response.headers.get('Location')).toMatch(/^https:\/\/app\.example\/callback\?/)
    expect(callback(response)).toEqual({ code: expect.any(String), state: 'a state', iss: server.urls.issuer })
    expect(response.headers.get('Cache-Control')).toBe('no-store')
    expect(response.headers.get('Referrer-Policy')).toBe('same-origin')
  })

  it('sends a refusal back as access_denied', async () => {
    const { server, browser, page } = await openPage()
    const response = await decide(browser, server, await consentForm(page), 'deny')
    expect(response.status).toBe(303)
    expect(callback(response)).toMatchObject({ error: 'access_denied', state: 'a state', iss: server.urls.issuer })
    expect(await grantsOf(server)).toBe(0)
  })

  it('counts once', async () => {
    const { server, browser, page } = await openPage()
    const form = await consentForm(page)
    const cookies = new Map(browser.cookies)
    expect((await decide(browser, server, form)).status).toBe(303)
    for (const [name, value] of cookies) browser.cookies.set(name, value) // the browser's back button, and its cookie
    for (const decision of ['approve', 'deny']) expect((await decide(browser, server, form, decision)).status).toBe(400)
    expect(await grantsOf(server)).toBe(1)
  })

  it('counts once of ten at the same time', async () => {
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

  it('is for two pages open at once, each its own', async () => {
    const { server, client, browser, page } = await openPage()
    const second = await browser.get(authorizePath(server, client, { state: 'second' }))
    const forms = [await consentForm(page), await consentForm(second)]
    for (const form of forms) expect((await decide(browser, server, form)).status).toBe(303)
  })

  it.each([
    ['another site', { Origin: 'https://evil.example' }],
    ['no origin and no word of the browser', {}],
    ['an opaque origin from elsewhere', { Origin: 'null', 'Sec-Fetch-Site': 'cross-site' }],
  ])('is refused from %s', async (_, headers) => {
    const { server, browser, page } = await openPage()
    expect((await decide(browser, server, await consentForm(page), 'approve', headers)).status).toBe(403)
    expect(await grantsOf(server)).toBe(0)
  })

  it('is taken from the own origin, also when the browser hides it', async () => {
    const { server, browser, page } = await openPage()
    const headers = { Origin: 'null', 'Sec-Fetch-Site': 'same-origin' }
    expect((await decide(browser, server, await consentForm(page), 'approve', headers)).status).toBe(303)
  })

  it('is refused from another user, and from another sign-in of the same one', async () => {
    for (const who of ['other', 'same'] as const) {
      const { server, browser, page } = await openPage()
      const form = await consentForm(page)
      const other = await signedIn(who === 'same' ? server.tenant.owner : await addMember(server.tenant, 'viewer'))
      for (const [name, value] of browser.cookies) if (name.startsWith('__Host-oauth')) other.cookies.set(name, value)
      expect((await decide(other, server, form)).status).toBe(403)
      expect((await decide(browser, server, form)).status).toBe(303) // and is still the first one's
    }
  })

  it('is refused from another browser and from nobody', async () => {
    const { server, browser, page } = await openPage()
    const form = await consentForm(page)
    expect((await decide(await signedIn(server.tenant.owner), server, form)).status).toBe(400)
    browser.cookies.delete(SIGN_IN_COOKIE)
    expect((await decide(browser, server, form)).status).toBe(403)
  })

  it('is refused at another server', async () => {
    const { server, browser, page } = await openPage()
    const neighbour = await createServer({ tenant: server.tenant })
    const form = await consentForm(page)
    expect((await decide(browser, neighbour, form)).status).toBe(400)
    expect((await decide(browser, server, { ...form, form: 'host' })).status).toBe(400)
    expect((await decide(browser, server, form)).status).toBe(303)
  })

  it('takes nothing of the request from the form', async () => {
    const { server, client, browser, page } = await openPage({}, { scope: 'mcp:read' })
    const form = { ...(await consentForm(page)), scope: 'mcp:write', client_id: 'x', redirect_uri: 'https://evil.example/', state: 'x' }
    const response = await decide(browser, server, form)
    expect(response.headers.get('Location')).toMatch(/^https:\/\/app\.example\/callback\?/)
    const { code = '', state } = callback(response)
    expect(state).toBe('a state')
    expect(await (await exchange(server, client, code)).json()).toMatchObject({ scope: 'mcp:read' })
  })

  it('needs all of the form', async () => {
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

  it('no longer helps who was shut out while the page was open', async () => {
    const { server, browser, page } = await openPage()
    await store.delete(members).where(and(eq(members.tenantId, server.tenant.id), eq(members.userId, server.tenant.owner.id)))
    const response = await decide(browser, server, await consentForm(page))
    expect(callback(response)).toMatchObject({ error: 'access_denied', state: 'a state', iss: server.urls.issuer })
    expect(await grantsOf(server)).toBe(0)
  })
})

it('is shown to one person sixty times a minute, so that nobody fills storage with requests', async () => {
  const { server, client, browser } = await openPage()
  const { before, limited } = await untilLimited(() => browser.get(authorizePath(server, client)))
  expect([before, limited.headers.get('Retry-After')]).toEqual([[200], '60'])
})

it('keeps twenty grants of one user and client, and ends the oldest', async () => {
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

it('keeps two hundred grants of one user at one server, whatever the clients, and ends the one used longest ago', async () => {
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

it('lets a user whom access admits approve at a server of a tenant they do not belong to', async () => {
  const server = await createServer()
  await store.update(hostedServers).set({ access: 'signed-in' }).where(eq(hostedServers.id, server.id))
  const client = await createClient(server)
  expect((await exchange(server, client, await authorizationCode(server, client, { user: await createUser() }))).status).toBe(200)
})
