import { eq, sql } from 'drizzle-orm'
import { expect, inject, it } from 'vitest'
import { clients } from '../../store/schema/clients.ts'
import { authorizePath, REDIRECT_URI, signedIn, untilLimited } from '../support/oauth.ts'
import { createServer, fetchPlatform, store, type TestServer } from '../support/platform.ts'

const APP = { client_name: 'App', redirect_uris: [REDIRECT_URI], token_endpoint_auth_method: 'none' }

function register(server: TestServer, body: unknown, headers: Record<string, string> = { 'Content-Type': 'application/json' }) {
  const text = typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body)
  return fetchPlatform(`/${server.tenant.slug}/${server.slug}/register`, { method: 'POST', body: text, headers })
}

async function rows(server: TestServer): Promise<number> {
  return (await store.select().from(clients).where(eq(clients.serverId, server.id))).length
}

it('registration endpoint registers a public client and returns the stored metadata', async () => {
  const server = await createServer()
  const response = await register(server, {
    ...APP,
    grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
    client_uri: 'https://app.example/',
    logo_uri: '',
    client_id: 'chosen',
    client_secret: 'chosen',
    registration_access_token: 'chosen',
  })
  expect(response.status).toBe(201)
  expect(response.headers.get('Cache-Control')).toBe('no-store')
  expect(response.headers.get('Access-Control-Allow-Origin')).toBe('*')
  const answer = await response.json<Record<string, unknown>>()
  expect(answer).toEqual({
    client_id: expect.stringMatching(/^[\w-]{22}$/),
    client_id_issued_at: expect.closeTo(Date.now() / 1000, -1),
    redirect_uris: [REDIRECT_URI],
    grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
    application_type: 'web',
    client_name: 'App',
    client_uri: 'https://app.example/',
  })
})

it('registration endpoint returns only supported scopes when a client lists unknown ones', async () => {
  for (const [scope, answered] of [
    ['openid mcp:read offline_access', 'mcp:read offline_access'],
    ['claudeai', undefined],
  ]) {
    const answer = await (await register(await createServer(), { ...APP, scope })).json<Record<string, unknown>>()
    expect(answer['scope']).toBe(answered)
  }
})

it('registration endpoint issues a secret to a confidential client and stores only its hash', async () => {
  const server = await createServer()
  const response = await register(server, { redirect_uris: [REDIRECT_URI] })
  const answer = await response.json<Record<string, unknown>>()
  expect(answer).toMatchObject({
    token_endpoint_auth_method: 'client_secret_basic',
    grant_types: ['authorization_code'],
    client_secret: expect.stringMatching(/^[\w-]{43}$/),
    client_secret_expires_at: 0,
  })
  const [row] = await store.select().from(clients).where(eq(clients.serverId, server.id))
  expect(JSON.stringify(row)).not.toContain(answer['client_secret'])
})

it('registration endpoint returns one client id when the same public metadata is sent repeatedly or concurrently', async () => {
  const server = await createServer()
  const ids = new Set<unknown>()
  for (let round = 0; round < 10; round++) {
    const answers = await Promise.all(Array.from({ length: 20 }, () => register(server, APP)))
    for (const answer of answers) ids.add((await answer.json<{ client_id: string }>()).client_id)
  }
  expect(ids.size).toBe(1)
  expect(await rows(server)).toBe(1)
  const other = await createServer()
  ids.add((await (await register(other, APP)).json<{ client_id: string }>()).client_id)
  expect(ids.size).toBe(2)
})

it('registration endpoint answers 429 when one address registers too many new clients', async () => {
  const server = await createServer()
  const { before, limited } = await untilLimited((index) => register(server, { ...APP, client_name: `App ${index}` }))
  expect([before, limited.headers.get('Retry-After')]).toEqual([[201], '60'])
  // already registered, so not counted
  expect((await register(server, { ...APP, client_name: 'App 0' })).status).toBe(201)
})

it('registration deletes the oldest unused client when a server has a thousand', async () => {
  const server = await createServer()
  await store.run(sql`
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1005)
    INSERT INTO clients (issuer, client_id, tenant_id, server_id, redirect_uris, grant_types, response_types, token_endpoint_auth_method, metadata, created_at, last_used_at)
    SELECT ${server.urls.issuer}, 'c' || i, ${server.tenant.id}, ${server.id}, '[]', '[]', '[]', 'none', '{}', i, IIF(i <= 2, 1, NULL) FROM n`)
  expect((await register(server, APP)).status).toBe(201)
  const kept = await store.select({ clientId: clients.clientId }).from(clients).where(eq(clients.serverId, server.id))
  expect(kept).toHaveLength(1002) // 1,000 unused clients and the two used ones
  expect(kept.map(({ clientId }) => clientId)).toEqual(expect.arrayContaining(['c1', 'c2', 'c1005']))
})

const native = (uri: string) => ({ ...APP, redirect_uris: [uri] })

const keyed = (uri: string) => ({ ...APP, token_endpoint_auth_method: 'private_key_jwt', jwks_uri: uri })

it.each([
  ['an https redirect URI with a query', native('https://app.example/cb?x=1')],
  ['an https redirect URI with a port', native('https://app_1.xn--bcher-kva.example:8443?x')],
  ['an https redirect URI with an IPv6 address', native('https://[2001:db8::1]/cb')],
  ['an http redirect URI on localhost', native('http://localhost:3000/cb')],
  ['an http redirect URI on 127.0.0.1 without a port', native('http://127.0.0.1/cb')],
  ['an http redirect URI on [::1]', native('http://[::1]:9/cb')],
  [
    'a private-use redirect URI listed beside an https one',
    { ...APP, redirect_uris: ['cursor://anysphere.cursor-mcp/cb', 'https://app.example/cb'] },
  ],
  ['null members as if they were absent', { ...APP, logo_uri: null, scope: null, jwks: null, software_statement: null }],
  ['an https redirect URI on localhost', native('https://localhost:3000/cb')],
  ['a native client with a loopback redirect URI', { ...native('http://localhost:3000/cb'), application_type: 'native' }],
])('registration endpoint accepts %s', async (_, body) => {
  expect((await register(await createServer(), body)).status).toBe(201)
})

const REDIRECT = 'invalid_redirect_uri'
const METADATA = 'invalid_client_metadata'

it.each([
  ['a javascript: redirect URI', native('javascript:alert(1)'), REDIRECT],
  ['a javascript: redirect URI in mixed case', native('JaVaScRiPt:alert(1)'), REDIRECT],
  ['a data: redirect URI', native('data:text/html,x'), REDIRECT],
  ['a redirect URI with control characters', native('https://app.example/\ncb'), REDIRECT],
  ['an http redirect URI that is not on loopback', native('http://app.example/cb'), REDIRECT],
  ['an http redirect URI whose host only starts with localhost', native('http://localhost.evil.example/cb'), REDIRECT],
  ['an http redirect URI with localhost as its user name', native('http://localhost@evil.example/cb'), REDIRECT],
  ['a redirect URI with a fragment', native('https://app.example/cb#x'), REDIRECT],
  ['a redirect URI with an empty fragment', native('https://app.example/cb#'), REDIRECT],
  ['a redirect URI with user information', native('https://a:b@app.example/cb'), REDIRECT],
  ['a redirect URI with a backslash before the @', native('https://app.example\\@evil.example/cb'), REDIRECT],
  ['a redirect URI with several @', native('https://a@b@app.example/cb'), REDIRECT],
  ['a redirect URI whose host contains a semicolon, which would end a CSP directive', native('https://app.example;sandbox/cb'), REDIRECT],
  ['a redirect URI whose host contains a comma, which would end a CSP', native('https://app.example,x/cb'), REDIRECT],
  ['a redirect URI with a percent-encoded host', native('https://%65vil.example/cb'), REDIRECT],
  ['a redirect URI with a wildcard host', native('https://*.example/cb'), REDIRECT],
  ['a redirect URI with an empty host label', native('https://app..example/cb'), REDIRECT],
  ['a relative redirect URI', native('/cb'), REDIRECT],
  ['a private-use redirect URI as the only one', native('com.example.app:/cb'), REDIRECT],
  ['a web client with an http loopback redirect URI', { ...native('http://localhost:3000/cb'), application_type: 'web' }, REDIRECT],
  ['a web client with an https loopback redirect URI', { ...native('https://localhost:3000/cb'), application_type: 'web' }, REDIRECT],
  ['an empty list of redirect URIs', { ...APP, redirect_uris: [] }, REDIRECT],
  ['metadata without redirect_uris', { client_name: 'App' }, REDIRECT],
  ['eleven redirect URIs', { ...APP, redirect_uris: Array.from({ length: 11 }, (_, index) => `https://app.example/${index}`) }, REDIRECT],
  ['an http jwks_uri', keyed('http://app.example/keys'), METADATA],
  ['an http jwks_uri of a client that does not use keys', { ...APP, jwks_uri: 'http://app.example/keys' }, METADATA],
  ['a jwks_uri on 127.0.0.1', keyed('https://127.0.0.1/keys'), METADATA],
  ['a jwks_uri on loopback in hexadecimal', keyed('https://0x7f000001/keys'), METADATA],
  ['a jwks_uri with a link-local address', keyed('https://169.254.169.254/keys'), METADATA],
  ['a jwks_uri with a private IPv6 address', keyed('https://[fd00::1]/keys'), METADATA],
  ['a jwks_uri on localhost', keyed('https://localhost/keys'), METADATA],
  ['a jwks_uri with a private host name', keyed('https://metadata.google.internal/keys'), METADATA],
  ['a jwks_uri with user information', keyed('https://a:b@app.example/keys'), METADATA],
  ['a private key in jwks', { ...APP, token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [{ kty: 'EC', d: 'x' }] } }, METADATA],
  ['private_key_jwt without keys', { ...APP, token_endpoint_auth_method: 'private_key_jwt' }, METADATA],
  ['tls_client_auth, which is not supported', { ...APP, token_endpoint_auth_method: 'tls_client_auth' }, METADATA],
  ['the jwt-bearer grant type', { ...APP, grant_types: ['urn:ietf:params:oauth:grant-type:jwt-bearer'] }, METADATA],
  ['the password grant type', { ...APP, grant_types: ['authorization_code', 'password'] }, METADATA],
  ['the implicit grant type', { ...APP, grant_types: ['implicit'] }, METADATA],
  ['the response type token', { ...APP, response_types: ['token'] }, METADATA],
  ['a refresh_token grant type without authorization_code', { ...APP, grant_types: ['refresh_token'] }, METADATA],
  ['an authorization_code grant type without the response type code', { ...APP, response_types: [] }, METADATA],
  ['a client_name with a text-direction override', { ...APP, client_name: 'evil\u202egnp' }, METADATA],
  ['a software statement', { ...APP, software_statement: 'a.b.c' }, 'invalid_software_statement'],
  ['a JSON array', [APP], METADATA],
  ['a JSON null', 'null', METADATA],
  ['a JSON number', '7', METADATA],
  ['a JSON member that occurs twice', '{"client_name":"a","redirect_uris":["https://app.example/cb"],"client_n\\u0061me":"b"}', METADATA],
  ['a __proto__ member', `{"__proto__":{},"redirect_uris":["${REDIRECT_URI}"]}`, METADATA],
  ['a byte order mark', `\ufeff${JSON.stringify(APP)}`, METADATA],
  ['bytes that are not UTF-8', new Uint8Array([0x7b, 0xff, 0x7d]), METADATA],
  ['deeply nested JSON', `${'['.repeat(8000)}${']'.repeat(8000)}`, METADATA],
  ['a body that is not JSON', '{', METADATA],
])('registration endpoint refuses %s', async (_, body, error) => {
  const server = await createServer()
  const response = await register(server, body)
  expect([response.status, response.headers.get('Cache-Control')]).toEqual([400, 'no-store'])
  // RFC 6749 §5.2: ASCII, without quote and backslash
  expect(await response.json()).toEqual({ error, error_description: expect.stringMatching(/^[\x20\x21\x23-\x5b\x5d-\x7e]+$/) })
  expect(await rows(server)).toBe(0)
})

it.each([
  [{ application_type: 'browser' }, 'application_type must be web or native'],
  [{ grant_types: 'authorization_code' }, 'grant_types must be an array of strings'],
  [{ grant_types: [1] }, 'grant_types must be an array of strings'],
  [{ client_name: 'a\u202eb' }, 'client_name has the invisible character U+202E RIGHT-TO-LEFT OVERRIDE'],
  [{ client_name: 'Cl\u200baude' }, 'client_name has the invisible character U+200B ZERO WIDTH SPACE'],
  [{ client_name: 'Cl\u00adaude' }, 'client_name has the invisible character U+00AD SOFT HYPHEN'],
  [{ client_name: '\ufeffClaude' }, 'client_name has the invisible character U+FEFF ZERO WIDTH NO-BREAK SPACE'],
  [{ client_name: `Claude${'x'.repeat(60)}\u{e0041}` }, 'client_name has the invisible character U+E0041 TAG A'],
  [{ client_name: 'Claude\u3164' }, 'client_name has the invisible character U+1160 HANGUL JUNGSEONG FILLER'],
])('registration endpoint explains the fault in %o', async (change, description) => {
  const response = await register(await createServer(), { ...APP, ...change })
  expect([response.status, await response.json()]).toEqual([400, { error: METADATA, error_description: description }])
})

const LINK = 'must be an https URL at a public host name'

it.each([
  ['an http logo_uri', { logo_uri: 'http://app.example/logo' }, LINK],
  ['a logo_uri with a link-local address', { logo_uri: 'https://169.254.169.254/latest' }, LINK],
  ['a client_uri on localhost', { client_uri: 'http://localhost:3000' }, LINK],
  ['a policy_uri with a javascript: scheme', { policy_uri: 'javascript:alert(1)' }, LINK],
  ['a long tos_uri', { tos_uri: `https://app.example/${'x'.repeat(1024)}` }, 'is longer than 1024 characters'],
  ['a numeric software_id', { software_id: 1 }, 'must be text'],
  ['too many contacts', { contacts: Array.from({ length: 11 }, () => 'a@b.example') }, 'has more than 10 entries'],
  ['contacts that are no list', { contacts: 'a@b.example' }, 'must be an array of strings'],
])('registration endpoint leaves out %s and says why', async (_, change, fault) => {
  const server = await createServer()
  const [member = ''] = Object.keys(change)
  const response = await register(server, { ...APP, client_uri: 'https://app.example/', ...change })
  expect(response.status).toBe(201)
  const answer = await response.json<Record<string, unknown>>()
  expect([answer[member], answer['left_out']]).toEqual([undefined, { [member]: fault }])
  const [row] = await store.select().from(clients).where(eq(clients.serverId, server.id))
  expect(row?.metadata).toEqual(member === 'client_uri' ? {} : { client_uri: 'https://app.example/' })
})

it.each([
  ['full-width letters', '\uff23\uff4c\uff41\uff55\uff44\uff45', 'Claude'],
  ['ligatures and blanks', ' \ufb01ne\u3000\u00a0app ', 'fine app'],
  ['an emoji with a variation selector', 'App \u2764\ufe0f', 'App \u2764'],
  ['no letters', ' ', undefined],
])('registration endpoint returns a client_name with %s in its one spelling', async (_, client_name, name) => {
  const server = await createServer()
  const answer = await (await register(server, { ...APP, client_name })).json<Record<string, unknown>>()
  expect([answer['client_name'], answer['left_out']]).toEqual([name, undefined])
  const [row] = await store.select().from(clients).where(eq(clients.serverId, server.id))
  expect(row?.name).toBe(name ?? null)
  // the same name in another spelling is the same app
  const again = await (await register(server, { ...APP, client_name: name })).json<Record<string, unknown>>()
  expect(again['client_id']).toBe(answer['client_id'])
})

it('registration endpoint leaves out a client_name of more than 64 characters', async () => {
  for (const [length, kept] of [
    [64, true],
    [65, false],
  ] as const) {
    const client_name = '\u{1f600}'.repeat(length)
    const answer = await (await register(await createServer(), { ...APP, client_name })).json<Record<string, unknown>>()
    expect([answer['client_name'], answer['left_out']]).toEqual(
      kept ? [client_name, undefined] : [undefined, { client_name: 'is longer than 64 characters' }],
    )
  }
})

it('registration endpoint fetches none of the URLs in client metadata', async () => {
  const link = (name: string) => `https://documents.example/client/registered/${name}`
  const names = ['client_uri', 'logo_uri', 'policy_uri', 'tos_uri', 'jwks_uri']
  const links = Object.fromEntries(names.map((name) => [name, link(name)]))
  const response = await register(await createServer(), { ...keyed(''), ...links })
  expect([response.status, await response.json()]).toEqual([201, expect.objectContaining(links)])
  for (const name of names) {
    const asked = await fetch(`${inject('loopbackHosts')['https://documents.example']}/requests${new URL(link(name)).pathname}`)
    expect(await asked.json()).toBe(0)
  }
})

it('registration endpoint accepts only POSTed JSON of at most 16 KiB', async () => {
  const server = await createServer()
  expect((await register(server, { ...APP, unknown: 'x'.repeat(15_000) })).status).toBe(201)
  const tooLarge = await register(server, { ...APP, unknown: 'x'.repeat(20_000) })
  expect(tooLarge.status).toBe(413)
  expect(await tooLarge.json()).toMatchObject({ error: METADATA })
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', '']) {
    expect((await register(server, APP, { 'Content-Type': type })).status).toBe(415)
  }
  for (const method of ['GET', 'PUT', 'DELETE']) {
    const refused = await fetchPlatform(`/${server.tenant.slug}/${server.slug}/register`, { method })
    expect([refused.status, refused.headers.get('Allow')]).toEqual([405, 'POST, OPTIONS'])
  }
})

it('registration endpoint offers no management URL for a registered client', async () => {
  const server = await createServer()
  const { client_id } = await (await register(server, APP)).json<{ client_id: string }>()
  for (const method of ['GET', 'PUT', 'DELETE']) {
    expect((await fetchPlatform(`/${server.tenant.slug}/${server.slug}/register/${client_id}`, { method })).status).toBe(404)
  }
})

it('authorization endpoint rejects a client registered at another server of the tenant', async () => {
  const server = await createServer()
  const neighbour = await createServer({ tenant: server.tenant })
  const answer = await (await register(server, APP)).json<{ client_id: string }>()
  const client = { clientId: answer.client_id, secret: undefined }
  const browser = await signedIn(server.tenant.owner)
  expect((await browser.get(authorizePath(server, client))).status).toBe(200)
  expect((await browser.get(authorizePath(neighbour, client))).status).toBe(400)
})
