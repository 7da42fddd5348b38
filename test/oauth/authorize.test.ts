import { and, eq } from 'drizzle-orm'
import { expect, it } from 'vitest'
import { clientApprovals } from '../../store/schema/clients.ts'
import { oauthTransactions } from '../../store/schema/grants.ts'
import {
  atRoot,
  authorizePath,
  authorizationCode,
  Browser,
  callback,
  createClient,
  exchange,
  REDIRECT_URI,
  refresh,
  ROOT_CLIENT,
  signedIn,
  type Tokens,
} from '../support/oauth.ts'
import { createServer, createUser, fetchPlatform, ORIGIN, store, surfaceOf, type TestServer } from '../support/platform.ts'

const LOOPBACK = 'http://127.0.0.1:5000/cb'

async function transactions(server: TestServer): Promise<number> {
  return (await store.select().from(oauthTransactions).where(eq(oauthTransactions.serverId, server.id))).length
}

it('authorization endpoint stores nothing before the user has signed in', async () => {
  const server = await createServer()
  const client = await createClient(server)
  const path = authorizePath(server, client)
  const response = await new Browser().get(path)
  expect(response.status).toBe(303)
  const location = new URL(response.headers.get('Location') ?? '', 'http://localhost:8787')
  expect(location.pathname).toBe('/auth/sign-in')
  expect(location.searchParams.get('continue')).toBe(path)
  expect(await transactions(server)).toBe(0)

  expect((await (await signedIn(server.tenant.owner)).get(path)).status).toBe(200)
  expect(await transactions(server)).toBe(1)
})

it.each([
  ['no client_id', { client_id: undefined }],
  ['an unknown client_id', { client_id: 'unknown' }],
  ['a repeated client_id', { client_id: ['a', 'b'] }],
  ['no redirect_uri', { redirect_uri: undefined }],
  ['a repeated redirect_uri', { redirect_uri: [REDIRECT_URI, REDIRECT_URI] }],
  ['a redirect_uri that is a prefix of a registered one', { redirect_uri: 'https://app.example/' }],
  ['a redirect_uri that extends a registered one', { redirect_uri: `${REDIRECT_URI}/more` }],
  ['a redirect_uri with dot segments', { redirect_uri: 'https://app.example/x/../callback' }],
  ['a redirect_uri in another case', { redirect_uri: 'https://app.example/Callback' }],
  ['a redirect_uri with an added query', { redirect_uri: `${REDIRECT_URI}?a=b` }],
  ['a redirect_uri with a trailing slash', { redirect_uri: `${REDIRECT_URI}/` }],
  ['a redirect_uri with user information', { redirect_uri: 'https://x@app.example/callback' }],
  ['a redirect_uri with a path parameter', { redirect_uri: 'https://app.example/..;/callback' }],
  ['a redirect_uri on another host', { redirect_uri: 'https://evil.example/callback' }],
  ['a loopback redirect_uri with another path', { redirect_uri: 'http://127.0.0.1:5000/other' }],
  ['a loopback redirect_uri with dot segments', { redirect_uri: 'http://127.0.0.1:5000/x/../cb' }],
  ['a loopback redirect_uri with another host name', { redirect_uri: 'http://localhost:5000/cb' }],
  ['a redirect_uri with loopback as user information', { redirect_uri: 'http://127.0.0.1:5000@evil.example/cb' }],
  ['a registered private-use redirect_uri', { redirect_uri: 'com.example.app:/cb' }],
  ['a state of more than 1 KiB', { state: 'x'.repeat(1025) }],
  ['a client_id of more than 1 KiB', { client_id: `https://documents.example/client/${'x'.repeat(1025)}` }],
  ['a redirect_uri of more than 1 KiB', { redirect_uri: `${REDIRECT_URI}?${'x'.repeat(1025)}` }],
  ['a scope of more than 1 KiB', { scope: `${'mcp:read '.repeat(114)}` }],
  ['a resource of more than 1 KiB', { resource: `https://app.example/${'x'.repeat(1025)}` }],
  ['a code_challenge of more than 1 KiB', { code_challenge: 'x'.repeat(1025) }],
  ['a response_type of more than 1 KiB', { response_type: `code${' '.repeat(1025)}` }],
  ['a prompt of more than 1 KiB', { prompt: 'x'.repeat(1025) }],
  ['an unknown parameter of more than 1 KiB', { x: 'x'.repeat(1025) }],
  ['a repeated parameter with a second value over 1 KiB', { x: ['x', 'x'.repeat(1025)] }],
])('authorization endpoint answers 400 without a redirect for %s', async (_, change) => {
  const server = await createServer()
  const client = await createClient(server, { redirectUris: [REDIRECT_URI, LOOPBACK, 'com.example.app:/cb'] })
  const response = await (await signedIn(server.tenant.owner)).get(authorizePath(server, client, change))
  expect([response.status, response.headers.get('Location')]).toEqual([400, null])
  expect(response.headers.get('Content-Type')).toMatch(/^text\/html/)
  expect(response.headers.get('X-Frame-Options')).toBe('DENY')
})

it('authorization endpoint answers 414 when the query is longer than 8 KiB', async () => {
  const server = await createServer()
  const client = await createClient(server)
  const many = Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`x${index}`, 'x'.repeat(1000)]))
  expect((await fetchPlatform(authorizePath(server, client, many))).status).toBe(414)
})

it('error page names the requested and the usable redirect URI when the requested one is private-use', async () => {
  const server = await createServer()
  const client = await createClient(server, { redirectUris: ['com.example.app:/cb', REDIRECT_URI] })
  const response = await fetchPlatform(authorizePath(server, client, { redirect_uri: 'com.example.app:/cb' }))
  expect(await response.text()).toMatch(/com\.example\.app:\/cb[\s\S]*https:\/\/app\.example\/callback/)
})

it('authorization endpoint accepts a loopback redirect_uri with any port', async () => {
  const server = await createServer()
  const client = await createClient(server, { redirectUris: [LOOPBACK] })
  for (const redirect_uri of [LOOPBACK, 'http://127.0.0.1:61234/cb', 'http://127.0.0.1/cb']) {
    const code = await authorizationCode(server, client, { change: { redirect_uri } })
    expect((await exchange(server, client, code, { redirect_uri })).status).toBe(200)
  }
})

it.each([
  ['no response_type', { response_type: undefined }, 'invalid_request'],
  ['the response type token', { response_type: 'token' }, 'unsupported_response_type'],
  ['a hybrid response type', { response_type: 'code token' }, 'unsupported_response_type'],
  ['a repeated response_type', { response_type: ['code', 'code'] }, 'invalid_request'],
  ['a repeated scope', { scope: ['mcp:read', 'mcp:write'] }, 'invalid_request'],
  ['no code_challenge', { code_challenge: undefined }, 'invalid_request'],
  ['a repeated code_challenge', { code_challenge: ['x'.repeat(43), 'y'.repeat(43)] }, 'invalid_request'],
  ['a short code_challenge', { code_challenge: 'abc' }, 'invalid_request'],
  ['a code_challenge that is not base64url', { code_challenge: `${'x'.repeat(42)}+` }, 'invalid_request'],
  ['code_challenge_method plain', { code_challenge_method: 'plain' }, 'invalid_request'],
  ['no code_challenge_method, which means plain', { code_challenge_method: undefined }, 'invalid_request'],
  ['a quote in scope', { scope: 'mcp:read"' }, 'invalid_scope'],
  ['a backslash in scope', { scope: 'mcp:read\\' }, 'invalid_scope'],
  ['a control character in scope', { scope: 'mcp:read\u0000' }, 'invalid_scope'],
  ['another resource', { resource: 'https://other.example/mcp' }, 'invalid_target'],
  ['a resource with a trailing slash', { resource: 'RESOURCE/' }, 'invalid_target'],
  ['a resource with a fragment', { resource: 'RESOURCE#x' }, 'invalid_target'],
  ['a resource with an upper-case path', { resource: `${ORIGIN}/CAPITALS/SERVER/MCP` }, 'invalid_target'],
  ['a resource with a query', { resource: 'RESOURCE?x' }, 'invalid_target'],
  ['a repeated resource', { resource: ['RESOURCE', 'https://other.example/mcp'] }, 'invalid_target'],
  ['response_mode fragment', { response_mode: 'fragment' }, 'invalid_request'],
  ['a request object', { request: 'a.b.c' }, 'request_not_supported'],
  ['a request_uri', { request_uri: 'https://app.example/request' }, 'request_uri_not_supported'],
  ['prompt=none from a signed-in user', { prompt: 'none' }, 'consent_required'],
])('authorization endpoint redirects with an error for %s', async (_, change: Record<string, string | string[] | undefined>, error) => {
  const server = await createServer()
  const client = await createClient(server)
  const resource = [change['resource'] ?? []].flat().map((value) => value.replace('RESOURCE', server.urls.resource))
  const browser = await signedIn(server.tenant.owner)
  const response = await browser.get(authorizePath(server, client, { ...change, ...(resource.length > 0 ? { resource } : {}) }))
  expect(response.status).toBe(302)
  expect(response.headers.get('Cache-Control')).toBe('no-store')
  expect(response.headers.get('Location')).toMatch(/^https:\/\/app\.example\/callback\?/)
  expect(callback(response)).toEqual({ error, error_description: expect.any(String), state: 'a state', iss: server.urls.issuer })
  expect(await transactions(server)).toBe(0)
})

it('authorization endpoint requires PKCE from a confidential client', async () => {
  const server = await createServer()
  const client = await createClient(server, { secret: 'secret' })
  const browser = await signedIn(server.tenant.owner)
  expect(callback(await browser.get(authorizePath(server, client, { code_challenge: undefined })))).toMatchObject({
    error: 'invalid_request',
  })
})

it.each([
  ['a malformed scope', { scope: 'mcp:read"' }],
  ['another resource', { resource: 'https://other.example/mcp' }],
  ['no code_challenge', { code_challenge: undefined }],
  ['prompt=none beside another prompt', { prompt: ['none', 'login'] }],
])('authorization endpoint sends a visitor to sign-in, and to the app only afterwards, for %s', async (_, change) => {
  const server = await createServer()
  const client = await createClient(server)
  for (const at of [server, atRoot(server)]) {
    const asked = at === server ? client : await createClient(server, ROOT_CLIENT)
    const path = authorizePath(at, asked, { resource: server.urls.resource, ...change })
    const visited = await fetchPlatform(path)
    const signIn = new URL(visited.headers.get('Location') ?? '', ORIGIN)
    expect([visited.status, signIn.pathname, signIn.searchParams.get('continue')]).toEqual([303, '/auth/sign-in', path])
    const afterwards = await (await signedIn(server.tenant.owner)).get(signIn.searchParams.get('continue') ?? '')
    expect(callback(afterwards)).toMatchObject({ error: expect.any(String), state: 'a state', iss: at.urls.issuer })
  }
})

it('authorization endpoint redirects a visitor with an error when the app sends prompt=none', async () => {
  const server = await createServer()
  const client = await createClient(server)
  const answer = callback(await fetchPlatform(authorizePath(server, client, { prompt: 'none', scope: 'mcp:read"' })))
  expect(answer).toMatchObject({ error: 'invalid_scope', state: 'a state' })
})

it.each([
  ['openid email profile', 'mcp:read mcp:write'],
  ['openid mcp:read email', 'mcp:read'],
  ['admin mcp:read mcp:write https://www.example.com/auth/x', 'mcp:read mcp:write'],
])('consent leaves out the unknown scopes of %j, and so does a refresh', async (scope, granted) => {
  const tool = { name: 'change', inputSchema: { type: 'object' } }
  const server = await createServer({ code: '', surface: surfaceOf([tool]) })
  const client = await createClient(server)
  const response = await exchange(server, client, await authorizationCode(server, client, { change: { scope } }), { scope })
  const tokens = await response.json<Tokens>()
  expect(tokens.scope).toBe(granted)
  expect(await (await refresh(server, client, tokens.refresh_token, { scope })).json()).toMatchObject({ scope: granted })
})

it('authorization endpoint returns login_required for prompt=none when the user is not signed in', async () => {
  const server = await createServer()
  const client = await createClient(server)
  expect(callback(await fetchPlatform(authorizePath(server, client, { prompt: 'none' })))).toMatchObject({ error: 'login_required' })
})

it('authorization endpoint returns an error without state when state is repeated', async () => {
  const server = await createServer()
  const client = await createClient(server)
  const answer = callback(await (await signedIn(server.tenant.owner)).get(authorizePath(server, client, { state: ['one', 'two'] })))
  expect(answer).toEqual({ error: 'invalid_request', error_description: expect.any(String), iss: server.urls.issuer })
})

it('authorization and token endpoints treat empty parameters as absent', async () => {
  const server = await createServer()
  const client = await createClient(server)
  const empty = { resource: '', state: '', prompt: '', response_mode: '', request: '', request_uri: '' }
  const code = await authorizationCode(server, client, { change: empty })
  expect((await exchange(server, client, code, { resource: '', scope: '', redirect_uri: '', refresh_token: '' })).status).toBe(200)
})

it('authorization endpoint returns state unchanged', async () => {
  const server = await createServer()
  const client = await createClient(server)
  const browser = await signedIn(server.tenant.owner)
  for (const state of ['a+b c%20d&e=f"<>\u00e4\u{1f600}/?#', 'x'.repeat(1024)])
    expect(callback(await browser.get(authorizePath(server, client, { state, scope: '"' })))['state']).toBe(state)
})

it.each([
  ['all requested scopes', 'mcp:read mcp:write offline_access', 'mcp:read mcp:write offline_access'],
  ['a repeated scope once', 'mcp:read mcp:read', 'mcp:read'],
  ['mcp:read too when only mcp:write is requested', 'mcp:write', 'mcp:read mcp:write'],
  ['the scopes of the challenge when scope is absent', undefined, 'mcp:read mcp:write'],
  ['the scopes of the challenge when scope is empty', '', 'mcp:read mcp:write'],
])('consent grants %s', async (_, scope, granted) => {
  const tool = { name: 'change', inputSchema: { type: 'object' } }
  const server = await createServer({ code: '', surface: surfaceOf([tool]) })
  const client = await createClient(server)
  const response = await exchange(server, client, await authorizationCode(server, client, { change: { scope } }))
  expect((await response.json<Tokens>()).scope).toBe(granted)
})

it('authorization endpoint refuses non-members unless access is signed-in', async () => {
  const [members, open] = [await createServer(), await createServer({ settings: { access: 'signed-in' } })]
  const stranger = await createUser()
  const browser = await signedIn(stranger)
  const refused = await browser.get(authorizePath(members, await createClient(members)))
  expect(callback(refused)).toMatchObject({ error: 'access_denied', state: 'a state', iss: members.urls.issuer })
  expect((await browser.get(authorizePath(open, await createClient(open)))).status).toBe(200)
})

it('authorization endpoint refuses unapproved clients and lists them as waiting when approval is required', async () => {
  const server = await createServer({ settings: { clients: 'approved' } })
  const client = await createClient(server)
  const browser = await signedIn(server.tenant.owner)
  for (let visit = 0; visit < 2; visit++) {
    expect(callback(await browser.get(authorizePath(server, client)))).toMatchObject({
      error: 'unauthorized_client',
      iss: server.urls.issuer,
    })
  }
  const asked = and(eq(clientApprovals.serverId, server.id), eq(clientApprovals.clientId, client.clientId))
  expect(await store.select().from(clientApprovals).where(asked)).toMatchObject([{ state: 'waiting', name: 'Test App' }])

  await store.update(clientApprovals).set({ state: 'approved' }).where(asked)
  expect((await browser.get(authorizePath(server, client))).status).toBe(200)
  await store.update(clientApprovals).set({ state: 'refused' }).where(asked)
  expect(callback(await browser.get(authorizePath(server, client)))).toMatchObject({
    error: 'unauthorized_client',
    error_description: expect.stringMatching(/the app was refused$/),
  })
})

it('authorization endpoint accepts a client made by a tenant at all servers of that tenant only', async () => {
  const server = await createServer()
  const neighbour = await createServer({ tenant: server.tenant })
  const foreign = await createServer({ settings: { access: 'signed-in' } })
  const client = await createClient(server, { issuer: `tenant:${server.tenant.id}`, serverId: null })
  const browser = await signedIn(server.tenant.owner)
  for (const [at, status] of [
    [server, 200],
    [neighbour, 200],
    [foreign, 400],
  ] as const) {
    expect((await browser.get(authorizePath(at, client))).status).toBe(status)
  }
})

it('authorization endpoint answers only GET and sends no CORS headers', async () => {
  const server = await createServer()
  const path = authorizePath(server, await createClient(server))
  const posted = await fetchPlatform(path, { method: 'POST' })
  expect([posted.status, posted.headers.get('Allow')]).toEqual([405, 'GET'])
  expect((await fetchPlatform(path)).headers.get('Access-Control-Allow-Origin')).toBeNull()
})
