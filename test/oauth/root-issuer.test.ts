import { and, eq, isNull } from 'drizzle-orm'
import { describe, expect, inject, it } from 'vitest'
import { deleteExpired } from '../../store/expired.ts'
import { clientApprovals, clients } from '../../store/schema/clients.ts'
import { grants, oauthTransactions } from '../../store/schema/grants.ts'
import { hostedServers } from '../../store/schema/servers.ts'
import { members, tenants } from '../../store/schema/tenants.ts'
import { add, serverThatAdds } from '../support/app.ts'
import { openSession } from '../support/legacy.ts'
import { callModern } from '../support/modern.ts'
import {
  atRoot,
  authorizationCode,
  authorizePath,
  Browser,
  callback,
  consentFor,
  consentForm,
  consentPath,
  createClient,
  exchange,
  obtainTokens,
  REDIRECT_URI,
  refresh,
  ROOT_CLIENT,
  signedIn,
  untilLimited,
  VERIFIER,
} from '../support/oauth.ts'
import {
  addMember,
  createServer,
  createTenant,
  createToken,
  createUser,
  fetchPlatform,
  freshSlug,
  ORIGIN,
  store,
  type TestServer,
} from '../support/platform.ts'

const APP = { client_name: 'Old App', redirect_uris: [REDIRECT_URI], token_endpoint_auth_method: 'none' }

function register(body: unknown, headers: Record<string, string> = { 'Content-Type': 'application/json' }): Promise<Response> {
  return fetchPlatform('/register', {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'CF-Connecting-IP': freshSlug('ip'), ...headers },
  })
}

async function registered(body: unknown): Promise<string> {
  const response = await register(body)
  expect(response.status).toBe(201)
  return (await response.json<{ client_id: string }>()).client_id
}

/** Returns the resources listed by a server choice page of the root issuer. */
async function offeredResources(page: Response): Promise<string[]> {
  expect(page.status).toBe(200)
  const text = await page.text()
  return [...text.matchAll(/<a href="\/authorize\?[^"]*resource=([^"&]*)"/g)].map(([, resource = '']) => decodeURIComponent(resource))
}

/** Creates a server, a client registered at the root issuer, and a browser of the owner. */
async function rootFixture(settings: Parameters<typeof createServer>[0] = {}) {
  const server = await createServer(settings)
  const root = atRoot(server)
  const client = await createClient(server, ROOT_CLIENT)
  return { server, root, client, browser: await signedIn(server.tenant.owner) }
}

describe('root issuer metadata', () => {
  it('names the default endpoint URLs of revision 2025-03-26 and lists no hosted servers', async () => {
    for (const path of ['/.well-known/oauth-authorization-server', '/.well-known/openid-configuration']) {
      const response = await fetchPlatform(path)
      expect([response.status, response.headers.get('Access-Control-Allow-Origin')]).toEqual([200, '*'])
      const metadata = await response.json<Record<string, unknown>>()
      expect(metadata).toMatchObject({
        issuer: ORIGIN,
        authorization_endpoint: `${ORIGIN}/authorize`,
        token_endpoint: `${ORIGIN}/token`,
        registration_endpoint: `${ORIGIN}/register`,
        revocation_endpoint: `${ORIGIN}/revoke`,
        grant_types_supported: ['authorization_code', 'refresh_token'],
        code_challenge_methods_supported: ['S256'],
        authorization_response_iss_parameter_supported: true,
      })
      expect(metadata).not.toHaveProperty('protected_resources')
    }
  })

  it('answers 405 to other methods, 404 to URL variants and ignores forwarding headers', async () => {
    const path = '/.well-known/oauth-authorization-server'
    const head = await fetchPlatform(path, { method: 'HEAD' })
    expect([head.status, await head.text()]).toEqual([200, ''])
    const posted = await fetchPlatform(path, { method: 'POST' })
    expect([posted.status, posted.headers.get('Allow')]).toEqual([405, 'GET, HEAD, OPTIONS'])
    expect((await fetchPlatform(`${path}/`)).status).toBe(404)
    expect(await (await fetchPlatform(path, { headers: { 'X-Forwarded-Host': 'evil.example' } })).text()).not.toContain('evil.example')
    for (const endpoint of ['/register', '/token', '/revoke']) {
      const got = await fetchPlatform(endpoint)
      expect([got.status, got.headers.get('Allow')]).toEqual([405, 'POST, OPTIONS'])
    }
    const put = await fetchPlatform('/authorize', { method: 'PUT' })
    expect([put.status, put.headers.get('Allow')]).toEqual([405, 'GET, POST'])
  })
})

// Revision 2025-03-26, "Authorization": the client drops the path of the URL and sends no resource.
it.each([
  ['root issuer metadata', true],
  ['the default endpoint URLs', false],
])('client of revision 2025-03-26 gets tokens and calls tools through %s', async (_, reads) => {
  const server = await serverThatAdds()
  expect((await callModern(server, { params: { name: 'add' } })).status).toBe(401)
  const base = new URL(server.urls.resource).origin
  const metadata = reads
    ? await (await fetchPlatform('/.well-known/oauth-authorization-server')).json<Record<string, string>>()
    : { authorization_endpoint: `${base}/authorize`, token_endpoint: `${base}/token`, registration_endpoint: `${base}/register` }
  const answered = await fetchPlatform(metadata['registration_endpoint'] ?? '', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'MCP-Protocol-Version': '2025-03-26', 'CF-Connecting-IP': freshSlug('ip') },
    body: JSON.stringify({ ...APP, grant_types: ['authorization_code', 'refresh_token'], response_types: ['code'] }),
  })
  const { client_id: clientId } = await answered.json<{ client_id: string }>()

  const client = { clientId, secret: undefined }
  const browser = await signedIn(server.tenant.owner)
  const at = new URL(metadata['authorization_endpoint'] ?? '').pathname
  const page = await consentFor(browser, server, authorizePath(atRoot(server), client, { scope: undefined }).replace(/^[^?]*/, at))
  expect(await page.clone().text()).toContain(server.urls.resource)
  const approved = await browser.post(consentPath(server), { ...(await consentForm(page)), decision: 'approve' })
  const { code = '', state, iss } = callback(approved)
  expect([state, iss]).toEqual(['a state', ORIGIN])

  const token = (form: Record<string, string>) =>
    fetchPlatform(metadata['token_endpoint'] ?? '', { method: 'POST', body: new URLSearchParams({ client_id: clientId, ...form }) })
  const tokens = await (
    await token({ grant_type: 'authorization_code', code, redirect_uri: REDIRECT_URI, code_verifier: VERIFIER })
  ).json<{ access_token: string; refresh_token: string }>()
  expect(await add(server, tokens.access_token)).toBe('5')
  const session = await openSession(server, { revision: '2025-03-26', token: tokens.access_token })
  expect((await session.call(1, 'add', { a: 2, b: 3 })).status).toBe(200)
  const refreshed = await token({ grant_type: 'refresh_token', refresh_token: tokens.refresh_token })
  expect(await add(server, (await refreshed.json<{ access_token: string }>()).access_token)).toBe('5')
})

describe('server choice page of the root issuer', () => {
  it('requires sign-in, shows the client and stores nothing', async () => {
    const { server, root, client, browser } = await rootFixture()
    const path = authorizePath(root, client)
    const away = await new Browser().get(path)
    expect(away.status).toBe(303)
    expect(new URL(away.headers.get('Location') ?? '', ORIGIN).searchParams.get('continue')).toBe(path)

    const page = await browser.get(path)
    const text = await page.clone().text()
    expect(text).toMatch(/Choose a server[\s\S]*app\.example[\s\S]*calls itself “Test App”/)
    expect(text).not.toMatch(/(?:src|href)="https?:|<script|<img/)
    expect(page.headers.get('X-Frame-Options')).toBe('DENY')
    expect(page.headers.get('Cache-Control')).toBe('no-store')
    expect(await offeredResources(page)).toEqual([server.urls.resource])
    expect(await store.select().from(oauthTransactions).where(eq(oauthTransactions.serverId, server.id))).toEqual([])
  })

  it('lists only servers that the user and the client can use, in own tenants or used before', async () => {
    const owner = (await createTenant()).owner
    const [home, other] = [await createTenant(owner), await createTenant(owner)]
    const mine = [await createServer({ tenant: home }), await createServer({ tenant: other, settings: { access: 'public' } })]
    const approving = await createServer({ tenant: home, settings: { clients: 'approved' } })
    const [guarded, closed] = [
      await createServer({ tenant: home, settings: { registration: 'protected' } }),
      await createServer({ tenant: home, settings: { registration: 'closed' } }),
    ]
    const used = await createServer({ settings: { access: 'signed-in' } })
    await createToken(used, { user: owner })
    const [unused, left] = [await createServer({ settings: { access: 'signed-in' } }), await createServer()]
    await createToken(left, { user: owner }) // with a grant from a past membership
    const suspended = await createTenant(owner)
    await createServer({ tenant: suspended })
    await store.update(tenants).set({ suspendedAt: new Date() }).where(eq(tenants.id, suspended.id))

    const client = await createClient(unused, ROOT_CLIENT)
    const browser = await signedIn(owner)
    const path = authorizePath(atRoot(unused), client)
    const expected = [...mine, used].map(({ urls }) => urls.resource)
    expect((await offeredResources(await browser.get(path))).toSorted()).toEqual(expected.toSorted())

    const approval = { tenantId: home.id, serverId: approving.id, clientId: client.clientId, state: 'approved' } as const
    await store.insert(clientApprovals).values(approval)
    expect((await offeredResources(await browser.get(path))).toSorted()).toEqual([...expected, approving.urls.resource].toSorted())

    const documented = await offeredResources(
      await browser.get(authorizePath(atRoot(unused), { clientId: await documentedClient(), secret: undefined })),
    )
    expect(documented.toSorted()).toEqual([...expected, guarded.urls.resource, closed.urls.resource].toSorted())
  })

  it('lists only servers of the tenant whose provider signed the user in', async () => {
    const owner = (await createTenant()).owner
    const [home, other] = [await createTenant(owner), await createTenant(owner)]
    const [here, there] = [await createServer({ tenant: home }), await createServer({ tenant: other })]
    const used = await createServer({ settings: { access: 'signed-in' } })
    await createToken(used, { user: owner })
    const client = await createClient(here, ROOT_CLIENT)
    const bound = await signedIn(owner, { tenantId: home.id })
    const path = authorizePath(atRoot(here), client)
    expect(await offeredResources(await bound.get(path))).toEqual([here.urls.resource])

    const page = await consentFor(bound, atRoot(here), path)
    const approved = await bound.post(consentPath(here), { ...(await consentForm(page)), decision: 'approve' })
    expect((await exchange(atRoot(here), client, callback(approved).code ?? '')).status).toBe(200)
    for (const { tenant, urls } of [there, used]) {
      const typed = await bound.post(path, { address: urls.resource })
      const away = await bound.get(typed.headers.get('Location') ?? '')
      expect([away.status, away.headers.get('Location')]).toEqual([
        303,
        expect.stringMatching(new RegExp(`^/auth/sign-in\\?tenant=${tenant.slug}&`)),
      ])
    }
  })

  it('says that the list is empty when the user can use no server', async () => {
    const { root, client } = await rootFixture()
    const page = await (await signedIn(await createUser())).get(authorizePath(root, client))
    expect(await offeredResources(page.clone() as Response)).toEqual([])
    expect(await page.text()).toContain('Your tenants have no server that this app can use')
  })

  it('escapes HTML in names and descriptions of servers', async () => {
    const { root, client, browser } = await rootFixture({ settings: { name: '<script>alert(1)</script>', description: '"><img src=x>' } })
    expect(await (await browser.get(authorizePath(root, client))).text()).not.toMatch(/<script>|<img/)
  })

  it('preserves the state of the authorization request byte for byte', async () => {
    const { server, root, client } = await rootFixture()
    const state = 'a+b c%20d&e=f"<>\u00e4\u{1f600}/?#\n'
    const browser = await signedIn(server.tenant.owner)
    const page = await consentFor(browser, root, authorizePath(root, client, { state }))
    const approved = await browser.post(consentPath(server), { ...(await consentForm(page)), decision: 'approve' })
    expect(callback(approved)['state']).toBe(state)
  })

  it.each([
    ['the endpoint URL', ({ resource }: { resource: string; name: string }) => resource],
    ['the endpoint URL with a space and a slash added', ({ resource }: { resource: string }) => ` ${resource}/ `],
    ['the URL of the server page', ({ resource }: { resource: string }) => resource.replace(/\/mcp$/, '')],
    ['the form tenant/server', ({ name }: { name: string }) => name],
  ])('accepts %s typed as the server address', async (_, typed) => {
    const { server, root, client, browser } = await rootFixture()
    const path = authorizePath(root, client)
    const address = typed({ resource: server.urls.resource, name: `${server.tenant.slug}/${server.slug}` })
    const answered = await browser.post(path, { address })
    expect(answered.status).toBe(303)
    const location = new URL(answered.headers.get('Location') ?? '', ORIGIN)
    expect([location.pathname, location.searchParams.get('resource'), location.searchParams.get('state')]).toEqual([
      '/authorize',
      server.urls.resource,
      'a state',
    ])
    expect((await browser.get(`${location.pathname}${location.search}`)).status).toBe(200)
  })

  it('answers 404 to an unknown typed address, 403 to a foreign Origin and 400 to a malformed form', async () => {
    const { root, client, browser } = await rootFixture()
    const path = authorizePath(root, client)
    for (const address of ['', 'nobody/nothing', 'https://elsewhere.example/a/b/mcp', `${ORIGIN}/api/servers`, '"><b>']) {
      const page = await browser.post(path, { address })
      expect(page.status).toBe(404)
      const text = await page.text()
      expect(text).toContain('No server has this URL')
      expect(text).not.toContain('<b>')
    }
    expect((await browser.post(path, { address: 'a/b' }, { Origin: 'https://evil.example' })).status).toBe(403)
    expect((await browser.get(path, { method: 'POST', body: '{}', headers: { Origin: ORIGIN } })).status).toBe(400)
    expect((await browser.post(`/authorize?client_id=unknown`, { address: 'nobody/nothing' })).status).toBe(400)
  })

  it('answers 429 when a user opens it more than sixty times a minute', async () => {
    const { root, client, browser } = await rootFixture()
    const { before, limited } = await untilLimited(() => browser.get(authorizePath(root, client)))
    expect([before, limited.headers.get('Retry-After')]).toEqual([[200], '60'])
  })

  it('is skipped when the client sends resource', async () => {
    const { server, root, client, browser } = await rootFixture()
    await createServer({ tenant: server.tenant })
    const page = await browser.get(authorizePath(root, client, { resource: server.urls.resource }))
    expect(await page.text()).toContain(`action="${consentPath(server)}"`)
  })
})

describe('root authorization endpoint', () => {
  it.each([
    ['no client_id', { client_id: undefined }],
    ['an unknown client_id', { client_id: 'unknown' }],
    ['a repeated client_id', { client_id: ['a', 'b'] }],
    ['no redirect_uri', { redirect_uri: undefined }],
    ['another redirect_uri', { redirect_uri: `${REDIRECT_URI}/more` }],
    ['a state of more than 1 KiB', { state: 'x'.repeat(1025) }],
  ])('answers 400 without a redirect for %s', async (_, change) => {
    const { root, client, browser } = await rootFixture()
    const response = await browser.get(authorizePath(root, client, change))
    expect([response.status, response.headers.get('Location')]).toEqual([400, null])
  })

  it('rejects clients registered at a hosted server or made by a tenant', async () => {
    const { server, root, browser } = await rootFixture()
    const byHand = { issuer: `tenant:${server.tenant.id}`, serverId: null }
    for (const other of [await createClient(server), await createClient(server, byHand)]) {
      expect((await browser.get(authorizePath(root, other))).status).toBe(400)
    }
  })

  it.each([
    ['no code_challenge', { code_challenge: undefined }, 'invalid_request'],
    ['code_challenge_method plain', { code_challenge_method: 'plain' }, 'invalid_request'],
    ['a malformed scope', { scope: 'mcp:read\\' }, 'invalid_scope'],
    ['a repeated state', { state: ['a', 'b'] }, 'invalid_request'],
    ['the response type token', { response_type: 'token' }, 'unsupported_response_type'],
    ['prompt=none', { prompt: 'none' }, 'consent_required'],
    ['a foreign resource', { resource: 'https://other.example/mcp' }, 'invalid_target'],
    ['a resource of an unknown server', { resource: `${ORIGIN}/nobody/nothing/mcp` }, 'invalid_target'],
    ['the root issuer as resource', { resource: ORIGIN }, 'invalid_target'],
  ])('redirects with an error for %s', async (_, change: Record<string, string | string[] | undefined>, error) => {
    const { root, client, browser } = await rootFixture()
    expect(callback(await browser.get(authorizePath(root, client, change)))).toMatchObject({ error, iss: ORIGIN })
  })

  it('redirects with invalid_target when resource is repeated or spelled differently', async () => {
    const { server, root, client, browser } = await rootFixture()
    const { resource } = server.urls
    const misspelled = [`${resource}/`, resource.replace(/\/mcp$/, ''), `${resource}#x`, resource.toUpperCase(), [resource, resource]]
    for (const named of misspelled) {
      expect(callback(await browser.get(authorizePath(root, client, { resource: named })))).toMatchObject({ error: 'invalid_target' })
    }
  })

  it('returns login_required for prompt=none when the user is not signed in', async () => {
    const { root, client } = await rootFixture()
    const answer = callback(await fetchPlatform(authorizePath(root, client, { prompt: 'none' })))
    expect(answer).toMatchObject({ error: 'login_required', state: 'a state', iss: ORIGIN })
  })

  it('applies the settings of the server named by resource', async () => {
    const visitServer = async (settings: object, approve?: boolean) => {
      const { server, root, client } = await rootFixture({ settings })
      const { tenant, id: serverId } = server
      const approval = { tenantId: tenant.id, serverId, clientId: client.clientId, state: 'approved' } as const
      if (approve) await store.insert(clientApprovals).values(approval)
      const visit = async (user = tenant.owner) =>
        callbackOrStatus(await (await signedIn(user)).get(authorizePath(root, client, { resource: server.urls.resource })))
      return { server, client, visit }
    }
    const stranger = await createUser()
    expect(await (await visitServer({})).visit(stranger)).toMatchObject({ error: 'access_denied', iss: ORIGIN })
    expect(await (await visitServer({ access: 'signed-in' })).visit(stranger)).toBe(200)
    expect(await (await visitServer({ clients: 'approved' }, true)).visit()).toBe(200)
    for (const registration of ['protected', 'closed']) {
      expect(await (await visitServer({ registration, clients: 'approved' }, true)).visit()).toMatchObject({ error: 'unauthorized_client' })
    }
    const waiting = await visitServer({ clients: 'approved' })
    expect(await waiting.visit()).toMatchObject({ error: 'unauthorized_client' })
    const asked = await store.select().from(clientApprovals).where(eq(clientApprovals.serverId, waiting.server.id))
    expect(asked).toMatchObject([{ clientId: waiting.client.clientId, state: 'waiting' }])
  })
})

async function callbackOrStatus(response: Response): Promise<Record<string, string> | number> {
  return response.headers.has('Location') ? callback(response) : response.status
}

describe('consent decision at the root issuer', () => {
  it('is accepted only at the chosen server and creates a grant for that server', async () => {
    const { server, root, client, browser } = await rootFixture()
    const neighbour = await createServer({ tenant: server.tenant })
    const form = await consentForm(await consentFor(browser, root, authorizePath(root, client)))
    const decide = (path: string, change = {}) => browser.post(path, { ...form, decision: 'approve', ...change })
    expect((await decide(consentPath(neighbour))).status).toBe(400)
    expect((await decide(consentPath(server), { form: 'path' })).status).toBe(400)
    const approved = await decide(consentPath(server))
    expect(callback(approved)).toMatchObject({ code: expect.any(String), iss: ORIGIN })
    expect((await decide(consentPath(server))).status).toBe(400)
    expect(await store.select().from(grants).where(eq(grants.serverId, server.id))).toMatchObject([
      { issuer: ORIGIN, tenantId: server.tenant.id, resource: server.urls.resource },
    ])
  })

  it('redirects with an error when membership or registration ended while the page was open', async () => {
    const { server, root, client, browser } = await rootFixture()
    const form = await consentForm(await consentFor(browser, root, authorizePath(root, client)))
    await store.delete(members).where(and(eq(members.tenantId, server.tenant.id), eq(members.userId, server.tenant.owner.id)))
    const answer = callback(await browser.post(consentPath(server), { ...form, decision: 'approve' }))
    expect(answer).toMatchObject({ error: 'access_denied', iss: ORIGIN })

    const guarded = await rootFixture()
    const page = await consentFor(guarded.browser, guarded.root, authorizePath(guarded.root, guarded.client))
    await store.update(hostedServers).set({ registration: 'protected' }).where(eq(hostedServers.id, guarded.server.id))
    const refused = await guarded.browser.post(consentPath(guarded.server), { ...(await consentForm(page)), decision: 'approve' })
    expect(callback(refused)).toMatchObject({ error: 'unauthorized_client', iss: ORIGIN })
    expect(await store.select().from(grants).where(eq(grants.serverId, guarded.server.id))).toEqual([])
  })
})

describe('grant of the root issuer', () => {
  it('yields a token that is valid at its server only', async () => {
    const server = await serverThatAdds()
    const neighbour = await createServer({ tenant: server.tenant, code: 'export default {}' })
    const foreign = await createServer({ code: 'export default {}', settings: { access: 'signed-in' } })
    const client = await createClient(server, ROOT_CLIENT)
    const { access_token: token } = await obtainTokens(atRoot(server), client)
    expect(await add(server, token)).toBe('5')
    for (const other of [neighbour, foreign]) {
      expect((await callModern(other, { token, method: 'tools/list' })).status).toBe(401)
    }
    const versionPath = `${new URL(server.urls.resource).pathname}-other`
    expect((await callModern(server, { token, path: versionPath, method: 'tools/list' })).status).toBe(404)
  })

  it('accepts its code only at the issuer that issued it', async () => {
    const server = await createServer()
    // valid at both issuers
    const client = { clientId: await documentedClient(), secret: undefined }
    const root = atRoot(server)
    for (const [at, elsewhere] of [
      [root, server],
      [server, root],
    ] as const) {
      const code = await authorizationCode(at, client)
      const refused = await exchange(elsewhere, client, code)
      expect([refused.status, await refused.json()]).toMatchObject([400, { error: 'invalid_grant' }])
      const tokens = await exchange(at, client, code)
      expect(tokens.status).toBe(200)
      expect(await tokens.json()).toMatchObject({ resource: server.urls.resource })
    }
  })

  it('appears in the grant lists of the server and the user and can be revoked from both', async () => {
    const { server, root, client, browser } = await rootFixture()
    const headers = { Origin: ORIGIN }
    const base = `/api/tenants/${server.tenant.slug}/servers/${server.slug}/grants`
    for (const list of [base, '/api/me/grants']) {
      const { access_token: token } = await obtainTokens(root, client)
      const { items } = await (await browser.get(list)).json<{ items: { id: string; clientId: string; server: string }[] }>()
      expect(items).toMatchObject([{ clientId: client.clientId, server: server.slug }])
      expect((await browser.get(`${list}/${items[0]?.id}`, { method: 'DELETE', headers })).status).toBe(204)
      expect((await callModern(server, { token, method: 'tools/list' })).status).toBe(401)
    }
  })
})

describe('registration at the root issuer', () => {
  it('returns one client id for the same metadata, different from the id at a hosted server', async () => {
    const body = { ...APP, client_name: freshSlug('app') }
    const ids = new Set(await Promise.all(Array.from({ length: 20 }, () => registered(body))))
    expect(ids.size).toBe(1)
    const [row] = await store
      .select()
      .from(clients)
      .where(eq(clients.clientId, [...ids][0] ?? ''))
    expect(row).toMatchObject({ issuer: ORIGIN, tenantId: null, serverId: null })
    const server = await createServer()
    const there = await fetchPlatform(server.urls.registrationEndpoint, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    })
    expect(ids).not.toContain((await there.json<{ client_id: string }>()).client_id)
  })

  it('refuses invalid metadata and floods like a hosted server does', async () => {
    for (const [body, status, error] of [
      [{ ...APP, redirect_uris: ['http://app.example/cb'] }, 400, 'invalid_redirect_uri'],
      [{ ...APP, grant_types: ['password'] }, 400, 'invalid_client_metadata'],
      [{ ...APP, unknown: 'x'.repeat(20_000) }, 413, 'invalid_client_metadata'],
    ] as const) {
      const response = await register(body)
      expect([response.status, await response.json()]).toMatchObject([status, { error }])
      expect(response.headers.get('Cache-Control')).toBe('no-store')
    }
    expect((await register(APP, { 'Content-Type': 'text/plain' })).status).toBe(415)
    const address = { 'Content-Type': 'application/json', 'CF-Connecting-IP': freshSlug('ip') }
    const { before } = await untilLimited((index) => register({ ...APP, client_name: `App ${index} ${freshSlug()}` }, address))
    expect(before).toEqual([201])
  })

  it('keeps its client when a tenant that used the client is deleted', async () => {
    const { server, root, client } = await rootFixture()
    await obtainTokens(root, client)
    await store.delete(tenants).where(eq(tenants.id, server.tenant.id))
    expect(await store.select().from(grants).where(eq(grants.serverId, server.id))).toEqual([])
    const rows = await store
      .select()
      .from(clients)
      .where(and(eq(clients.clientId, client.clientId), isNull(clients.tenantId)))
    expect(rows).toHaveLength(1)
    const again = await createServer({ tenant: await createTenant() })
    expect((await exchange(atRoot(again), client, await authorizationCode(atRoot(again), client))).status).toBe(200)
  })
})

// Decision 10.
describe('client registered at the root issuer and used at the issuer of a server', () => {
  const lists = ({ tenant, slug }: TestServer) => `/api/tenants/${tenant.slug}/servers/${slug}/grants`

  it('gets tokens, is kept while it has a grant and is listed like other clients', async () => {
    const server = await serverThatAdds()
    const grantTypes = ['authorization_code', 'refresh_token']
    const clientId = await registered({ ...APP, client_name: freshSlug('app'), grant_types: grantTypes })
    const client = { clientId, secret: undefined }
    const { access_token: token, refresh_token: refreshToken } = await obtainTokens(server, client)
    expect(await add(server, token)).toBe('5')
    expect((await refresh(server, client, refreshToken)).status).toBe(200)
    expect(await store.select().from(grants).where(eq(grants.clientId, clientId))).toMatchObject([{ issuer: server.urls.issuer }])

    const kept = async () => (await store.select().from(clients).where(eq(clients.clientId, clientId)))[0]
    expect(await kept()).toMatchObject({ issuer: ORIGIN, lastUsedAt: expect.any(Date) })
    await store.update(clients).set({ expiresAt: new Date() }).where(eq(clients.clientId, clientId))
    await deleteExpired(store, new Date(Date.now() + 1000))
    expect(await kept()).toBeDefined() // it has a grant

    const { items } = await (await (await signedIn(server.tenant.owner)).get(lists(server))).json<{ items: object[] }>()
    expect(items).toMatchObject([{ clientId, clientKind: 'registered', clientRegisteredAt: expect.any(String) }])
  })

  it('is put on the waiting list when the server requires approval', async () => {
    const server = await createServer({ settings: { clients: 'approved' } })
    const client = await createClient(server, ROOT_CLIENT)
    const browser = await signedIn(server.tenant.owner)
    expect(callback(await browser.get(authorizePath(server, client)))).toMatchObject({ error: 'unauthorized_client' })
    const asked = await store.select().from(clientApprovals).where(eq(clientApprovals.serverId, server.id))
    expect(asked).toMatchObject([{ clientId: client.clientId, state: 'waiting' }])
  })

  it.each(['protected', 'closed'] as const)(
    'is refused new grants but keeps existing ones when registration is %s',
    async (registration) => {
      const server = await createServer({ code: 'export default {}' })
      const client = await createClient(server, ROOT_CLIENT)
      const { refresh_token: refreshToken } = await obtainTokens(server, client)
      await store.update(hostedServers).set({ registration }).where(eq(hostedServers.id, server.id))
      const refused = callback(await (await signedIn(server.tenant.owner)).get(authorizePath(server, client)))
      expect(refused).toMatchObject({ error: 'unauthorized_client', iss: server.urls.issuer })
      expect(refused['error_description']).toContain('registered at the root')
      expect((await refresh(server, client, refreshToken)).status).toBe(200)
    },
  )

  it('must authenticate with its secret at the server', async () => {
    const server = await createServer()
    const client = await createClient(server, { ...ROOT_CLIENT, secret: 'right' })
    const code = await authorizationCode(server, client)
    const wrong = await exchange(server, { ...client, secret: 'wrong' }, code)
    expect([wrong.status, await wrong.json()]).toMatchObject([401, { error: 'invalid_client' }])
    expect((await exchange(server, client, code)).status).toBe(200)
  })

  it('can redeem a code only at the issuer that issued it', async () => {
    const server = await createServer()
    const client = await createClient(server, ROOT_CLIENT)
    for (const [at, elsewhere] of [
      [server, atRoot(server)],
      [atRoot(server), server],
    ] as const) {
      const code = await authorizationCode(at, client)
      const refused = await exchange(elsewhere, client, code)
      expect([refused.status, await refused.json()]).toMatchObject([400, { error: 'invalid_grant' }])
      expect((await exchange(at, client, code)).status).toBe(200)
    }
  })
})

const hosts = inject('loopbackHosts')
let documents = 60

/** Publishes a client document, which is valid at every issuer, and returns the client id. */
async function documentedClient(): Promise<string> {
  const origin = `https://documents-${documents++}.example`
  const clientId = `${origin}/put/${freshSlug('client')}.json`
  const body = JSON.stringify({
    client_id: clientId,
    client_name: 'Documented',
    redirect_uris: [REDIRECT_URI],
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code', 'refresh_token'],
  })
  const headers = encodeURIComponent('{"Content-Type":"application/json"}')
  await fetch(`${hosts[origin]}${new URL(clientId).pathname}?headers=${headers}`, { method: 'PUT', body })
  return clientId
}

it('root issuer lets a viewer of the tenant choose a server and approve', async () => {
  const { server, root, client } = await rootFixture()
  const viewer = await addMember(server.tenant, 'viewer')
  expect((await exchange(root, client, await authorizationCode(root, client, { user: viewer }))).status).toBe(200)
})
