import { and, eq } from 'drizzle-orm'
import { describe, expect, inject, it } from 'vitest'
import { dashboardClientId } from '../../protocol/oauth/dashboard-client.ts'
import { clientApprovals } from '../../store/schema/clients.ts'
import { grants } from '../../store/schema/grants.ts'
import { hostedServers } from '../../store/schema/servers.ts'
import { add, serverThatAdds } from '../support/app.ts'
import { callModern } from '../support/modern.ts'
import {
  authorizationCode,
  authorizePath,
  callback,
  consentForm,
  consentPath,
  createClient,
  exchange,
  postForm,
  signedIn,
  type TestClient,
} from '../support/oauth.ts'
import { createServer, createToken, createUser, fetchPlatform, ORIGIN, store, type TestServer } from '../support/platform.ts'

const DASHBOARD: TestClient = { clientId: dashboardClientId(ORIGIN), secret: undefined }
const REDIRECT_URI = `${ORIGIN}/dashboard/oauth/callback`
const asked = { redirect_uri: REDIRECT_URI }

async function accessToken(server: TestServer, change: Record<string, string> = {}): Promise<string> {
  const code = await authorizationCode(server, DASHBOARD, { change: { ...asked, ...change } })
  const response = await exchange(server, DASHBOARD, code, asked)
  expect(response.status).toBe(200)
  const tokens = await response.json<{ access_token: string; refresh_token?: string }>()
  expect(tokens.refresh_token).toBeUndefined()
  return tokens.access_token
}

async function decide(server: TestServer, state: 'approved' | 'refused') {
  const decided = { tenantId: server.tenant.id, serverId: server.id, clientId: DASHBOARD.clientId, state }
  await store
    .insert(clientApprovals)
    .values(decided)
    .onConflictDoUpdate({ target: [clientApprovals.serverId, clientApprovals.clientId], set: { state } })
}

it('dashboard serves its client document at its client id', async () => {
  const response = await fetchPlatform(DASHBOARD.clientId)
  expect([response.status, response.headers.get('Content-Type')]).toEqual([200, 'application/json'])
  expect(await response.json()).toEqual({
    client_id: DASHBOARD.clientId,
    client_name: 'The dashboard of this platform',
    redirect_uris: [REDIRECT_URI],
    grant_types: ['authorization_code'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
  })
})

it('dashboard client gets an ordinary, revocable grant through the consent page', async () => {
  const server = await serverThatAdds()
  const browser = await signedIn(server.tenant.owner)
  const page = await (await browser.get(authorizePath(server, DASHBOARD, asked))).text()
  expect(page).toContain('The dashboard of this platform wants to use')
  expect(page).not.toContain('calls itself')
  expect(page).not.toContain('Allow this only if you just started it yourself')

  const token = await accessToken(server)
  expect(await add(server, token)).toBe('5')
  const listed = await browser.get('/api/me/grants')
  const { items } = await listed.json<{ items: { id: string; clientId: string; clientName: string; expiresAt: string | null }[] }>()
  expect(items).toMatchObject([
    { clientId: DASHBOARD.clientId, clientName: 'The dashboard of this platform', expiresAt: expect.any(String) },
  ])
  const ended = await browser.get(`/api/me/grants/${items[0]?.id}`, { method: 'DELETE', headers: { Origin: ORIGIN } })
  expect(ended.status).toBe(204)
  expect((await callModern(server, { token, params: { name: 'add' } })).status).toBe(401)
})

it('dashboard client gets access_denied when the user declines', async () => {
  const server = await createServer()
  const browser = await signedIn(server.tenant.owner)
  const page = await browser.get(authorizePath(server, DASHBOARD, asked))
  const denied = await browser.post(consentPath(server), { ...(await consentForm(page)), decision: 'deny' })
  expect(callback(denied)).toMatchObject({ error: 'access_denied', state: 'a state', iss: server.urls.issuer })
})

it('dashboard client needs consent each time and PKCE', async () => {
  const server = await createServer()
  const browser = await signedIn(server.tenant.owner)
  await accessToken(server)
  expect(callback(await browser.get(authorizePath(server, DASHBOARD, { ...asked, prompt: 'none' })))).toMatchObject({
    error: 'consent_required',
  })
  expect(callback(await browser.get(authorizePath(server, DASHBOARD, { ...asked, code_challenge: undefined })))).toMatchObject({
    error: 'invalid_request',
  })
  const code = await authorizationCode(server, DASHBOARD, { change: asked })
  const response = await exchange(server, DASHBOARD, code, { ...asked, code_verifier: 'x'.repeat(43) })
  expect(await response.json()).toMatchObject({ error: 'invalid_grant' })
})

it('dashboard client gets no offline_access, refresh token grant or secret', async () => {
  const server = await createServer()
  const code = await authorizationCode(server, DASHBOARD, { change: { ...asked, scope: 'mcp:read offline_access' } })
  expect(await (await exchange(server, DASHBOARD, code, asked)).json()).toMatchObject({ scope: 'mcp:read' })
  const refreshed = await postForm(server, 'token', { grant_type: 'refresh_token', refresh_token: 'a:b:c', client_id: DASHBOARD.clientId })
  expect(await refreshed.json()).toMatchObject({ error: 'unauthorized_client' })
  const withSecret = await postForm(server, 'token', {
    grant_type: 'authorization_code',
    code: 'x',
    client_id: DASHBOARD.clientId,
    client_secret: 'x',
  })
  expect([withSecret.status, await withSecret.json()]).toMatchObject([401, { error: 'invalid_client' }])
})

it.each([
  ['a loopback URL on another port', 'http://localhost:5000/dashboard/oauth/callback'],
  ['a loopback URL without a port', 'http://localhost/dashboard/oauth/callback'],
  ['a loopback URL with another host name', 'http://127.0.0.1:8787/dashboard/oauth/callback'],
  ['another page of the dashboard', `${ORIGIN}/dashboard/oauth/callback/more`],
  ['its callback with a query', `${REDIRECT_URI}?a=b`],
  ['a page outside of the dashboard', `${ORIGIN}/auth/sign-in`],
  ['another host', 'https://evil.example/dashboard/oauth/callback'],
])('dashboard client is refused a redirect_uri that is %s', async (_, redirectUri) => {
  const server = await createServer()
  const response = await (await signedIn(server.tenant.owner)).get(authorizePath(server, DASHBOARD, { redirect_uri: redirectUri }))
  expect([response.status, response.headers.get('Location')]).toEqual([400, null])
})

it.each([
  ['a query', `${DASHBOARD.clientId}?`],
  ['a fragment', `${DASHBOARD.clientId}#x`],
  ['a trailing slash', `${DASHBOARD.clientId}/`],
  ['a doubled slash', `${ORIGIN}//dashboard/client.json`],
  ['dot segments', `${ORIGIN}/dashboard/x/../client.json`],
  ['a percent escape', `${ORIGIN}/dashboard/client%2Ejson`],
  ['another case of the path', `${ORIGIN}/dashboard/Client.json`],
  ['another case of the host', DASHBOARD.clientId.replace('localhost', 'LOCALHOST')],
  ['another scheme', DASHBOARD.clientId.replace('http:', 'https:')],
  ['the path of another page', `${ORIGIN}/dashboard/index.html`],
  ['no origin', '/dashboard/client.json'],
])('dashboard client is not recognised by an id with %s', async (_, clientId) => {
  const server = await createServer()
  const client = { clientId, secret: undefined }
  const response = await (await signedIn(server.tenant.owner)).get(authorizePath(server, client, asked))
  expect([response.status, response.headers.get('Location')]).toEqual([400, null])
  const code = await authorizationCode(server, DASHBOARD, { change: asked })
  expect(await (await exchange(server, client, code, asked)).json()).toMatchObject({ error: 'invalid_client' })
})

it('dashboard client ignores a stored client with its id and a foreign client with its callback', async () => {
  const server = await createServer()
  await createClient(server, { clientId: DASHBOARD.clientId, redirectUris: ['https://evil.example/cb'], name: 'Evil' })
  const browser = await signedIn(server.tenant.owner)
  expect((await browser.get(authorizePath(server, DASHBOARD, { redirect_uri: 'https://evil.example/cb' }))).status).toBe(400)

  // rows of earlier releases can have this callback; the authorization endpoint refuses it
  const other = await createClient(server, { redirectUris: [REDIRECT_URI], name: 'The dashboard of this platform' })
  const refused = await browser.get(authorizePath(server, other, asked))
  expect([refused.status, refused.headers.get('Location')]).toEqual([400, null])
  expect(await refused.text()).not.toContain('The dashboard of this platform wants')
})

it('dashboard client cannot be impersonated by a document on another host', async () => {
  const server = await createServer()
  const origin = 'https://documents.example'
  const url = `${origin}/put/claims-to-be-the-dashboard.json`
  const document = { client_id: DASHBOARD.clientId, redirect_uris: [REDIRECT_URI], grant_types: ['authorization_code'] }
  await fetch(inject('loopbackHosts')[origin] + new URL(url).pathname, { method: 'PUT', body: JSON.stringify(document) })
  const page = await (await signedIn(server.tenant.owner)).get(authorizePath(server, { clientId: url, secret: undefined }, asked))
  expect(page.status).toBe(400)
  expect(await page.text()).toContain('client_id in the document does not match the URL of the document')
})

describe('dashboard client at a server that requires approval', () => {
  it('is approved unless refused, at consent, token endpoint and bearer gate', async () => {
    const server = await serverThatAdds()
    await store.update(hostedServers).set({ clients: 'approved' }).where(eq(hostedServers.id, server.id))
    const browser = await signedIn(server.tenant.owner)
    expect(await add(server, await accessToken(server))).toBe('5')
    expect(await waiting(server)).toEqual([])

    const code = await authorizationCode(server, DASHBOARD, { change: asked })
    const { token } = await createToken(server, { clientId: DASHBOARD.clientId })
    await decide(server, 'refused')
    expect(callback(await browser.get(authorizePath(server, DASHBOARD, asked)))).toMatchObject({ error: 'unauthorized_client' })
    expect(await (await exchange(server, DASHBOARD, code, asked)).json()).toMatchObject({ error: 'invalid_grant' })
    expect((await callModern(server, { token, params: { name: 'add' } })).status).toBe(401)

    await decide(server, 'approved')
    expect(await add(server, token)).toBe('5')
  })

  it('does not approve a client with a similar id', async () => {
    const server = await serverThatAdds()
    await store.update(hostedServers).set({ clients: 'approved' }).where(eq(hostedServers.id, server.id))
    const { token } = await createToken(server, { clientId: `${DASHBOARD.clientId}x` })
    expect((await callModern(server, { token, params: { name: 'add' } })).status).toBe(401)
  })
})

it('dashboard client has no more rights than its user and its scopes', async () => {
  const server = await serverThatAdds()
  const stranger = await signedIn(await createUser())
  expect(callback(await stranger.get(authorizePath(server, DASHBOARD, asked)))).toMatchObject({ error: 'access_denied' })
  const read = await accessToken(server, { scope: 'mcp:read' })
  const refused = await callModern(server, { token: read, params: { name: 'add', arguments: { a: 2, b: 3 } } })
  expect(refused.status).toBe(403)
  expect(refused.headers.get('WWW-Authenticate')).toContain('insufficient_scope')
})

it('dashboard client cannot use a code or token of one server at another', async () => {
  const [one, other] = [await serverThatAdds(), await serverThatAdds()]
  const code = await authorizationCode(one, DASHBOARD, { change: asked })
  expect(await (await exchange(other, DASHBOARD, code, asked)).json()).toMatchObject({ error: 'invalid_grant' })
  const token = await accessToken(one)
  expect((await callModern(other, { token, params: { name: 'add' } })).status).toBe(401)
  expect(
    await store
      .select()
      .from(grants)
      .where(and(eq(grants.serverId, other.id))),
  ).toEqual([])
})

async function waiting(server: TestServer) {
  return store.select().from(clientApprovals).where(eq(clientApprovals.serverId, server.id))
}
