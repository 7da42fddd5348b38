import { createExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect, inject, it } from 'vitest'
import worker from '../../workers/index.ts'
import { atRoot, authorizePath, createClient, REDIRECT_URI, ROOT_CLIENT, signedIn } from '../support/oauth.ts'
import { person, tenantOf } from '../support/person.ts'
import { createServer, fetchPlatform, type TestServer } from '../support/platform.ts'

/** The platform on loopback, as in these tests, and with hosts of its own. */
const LOOPBACK = { PUBLIC_ORIGIN: 'http://localhost:8787', SERVER_HOST: '' }
const PUBLIC = { PUBLIC_ORIGIN: 'https://wharf.example', SERVER_HOST: '*.mcp.example' }

function register(addresses: typeof LOOPBACK, path: string, ...redirectUris: string[]): Promise<Response> {
  const request = new Request<unknown, IncomingRequestCfProperties>(`${addresses.PUBLIC_ORIGIN}${path}/register`, {
    method: 'POST',
    body: JSON.stringify({ redirect_uris: redirectUris, token_endpoint_auth_method: 'none' }),
    headers: { 'Content-Type': 'application/json' },
  })
  return Promise.resolve(worker.fetch(request, { ...env, ...addresses }, createExecutionContext()))
}

const pathOf = ({ tenant, slug }: TestServer) => `/${tenant.slug}/${slug}`

describe.each([
  ['at a server', pathOf],
  ['at the root', () => ''],
])('registration %s', (_, issuerPath) => {
  it.each([
    [PUBLIC, 'https://wharf.example/device'],
    [PUBLIC, 'https://wharf.example:443/auth/openid/callback'],
    [PUBLIC, 'https://WHARF.example/auth/openid/x/callback'],
    [PUBLIC, 'https://wharf.example./tenant/server/mcp'],
    [PUBLIC, 'https://wharf.example:8443/cb'],
    [PUBLIC, 'https://wharf.example/dashboard/oauth/callback'],
    [PUBLIC, 'https://server--tenant.mcp.example/mcp'],
    [PUBLIC, 'https://anything.MCP.example./cb'],
    [LOOPBACK, 'http://localhost:8787/device'],
    [LOOPBACK, 'http://LOCALHOST:8787/cb'],
    [LOOPBACK, 'http://127.0.0.1:8787/cb'],
    [LOOPBACK, 'http://[::1]:8787/cb'],
    [LOOPBACK, 'https://localhost:8787/cb'],
    [LOOPBACK, 'https://app.localhost:8787/cb'],
    [LOOPBACK, 'https://127.1.2.3:8787/cb'],
    [LOOPBACK, 'https://0x7f000001:8787/cb'],
    [LOOPBACK, 'https://[::ffff:127.0.0.1]:8787/cb'],
  ])('refuses a redirect URI of the platform itself: %o %s', async (addresses, redirectUri) => {
    const response = await register(addresses, issuerPath(await createServer()), redirectUri)
    expect([response.status, await response.json()]).toEqual([
      400,
      { error: 'invalid_redirect_uri', error_description: expect.stringContaining('redirect_uris[0] is an address of this platform') },
    ])
  })

  it.each([
    [PUBLIC, 'https://app.wharf.example/cb'],
    [PUBLIC, 'https://wharf.example.evil.example/cb'],
    [PUBLIC, 'https://mcp.example/cb'],
    [PUBLIC, 'http://localhost:8787/cb'],
    [LOOPBACK, 'http://localhost:8788/cb'],
    [LOOPBACK, 'http://127.0.0.1/cb'],
    [LOOPBACK, 'https://app.example:8787/cb'],
  ])('accepts a redirect URI of another program: %o %s', async (addresses, redirectUri) => {
    expect((await register(addresses, issuerPath(await createServer()), redirectUri)).status).toBe(201)
  })

  it('refuses such a URI beside other URIs, except on loopback, where one list serves all platforms and the URI is never used', async () => {
    const path = issuerPath(await createServer())
    const refused = await register(PUBLIC, path, REDIRECT_URI, 'https://wharf.example/device')
    expect([refused.status, await refused.json()]).toMatchObject([400, { error: 'invalid_redirect_uri' }])
    expect((await register(LOOPBACK, path, 'com.example.app:/cb', 'http://localhost:8787/callback')).status).toBe(400)
    const listed = [REDIRECT_URI, 'http://localhost:8787/callback', 'com.example.app:/cb']
    const registered = await register(LOOPBACK, path, ...listed)
    const { client_id: clientId, redirect_uris } = await registered.json<{ client_id: string; redirect_uris: string[] }>()
    expect([registered.status, redirect_uris]).toEqual([201, listed])
    const query = new URLSearchParams({ client_id: clientId, redirect_uri: 'http://localhost:8787/callback', response_type: 'code' })
    expect((await fetchPlatform(`${path}/authorize?${query}`)).status).toBe(400)
  })
})

it('client document with a redirect URI of the platform is refused', async () => {
  const server = await createServer({ settings: { access: 'signed-in' } })
  const browser = await signedIn(server.tenant.owner)
  for (const [name, redirectUri, status] of [
    ['own', 'http://localhost:8787/device', 400],
    ['foreign', 'http://localhost:8788/device', 200],
  ] as const) {
    const clientId = `https://documents.example/put/redirects-${name}.json`
    const type = encodeURIComponent(JSON.stringify({ 'Content-Type': 'application/json' }))
    await fetch(`${inject('loopbackHosts')['https://documents.example']}/put/redirects-${name}.json?headers=${type}`, {
      method: 'PUT',
      body: JSON.stringify({ client_id: clientId, redirect_uris: [redirectUri] }),
    })
    const page = await browser.get(authorizePath(server, { clientId, secret: undefined }, { redirect_uri: redirectUri }))
    expect(page.status).toBe(status)
    if (status === 400) expect(await page.text()).toContain('is an address of this platform')
  }
})

it('client made by hand gets no redirect URI of the platform, at its creation and later', async () => {
  const owner = await person()
  const base = `/tenants/${await tenantOf(owner)}/clients`
  const client = { name: 'Web', grantTypes: ['authorization_code'] }
  const own = 'http://127.0.0.1:8787/demo/hello/mcp'
  const refused = { status: 400, body: { errors: [{ pointer: '/redirectUris' }] } }
  expect(await owner.call('POST', base, { ...client, redirectUris: [REDIRECT_URI, own] })).toMatchObject(refused)
  const { status, body } = await owner.call('POST', base, { ...client, redirectUris: [REDIRECT_URI] })
  expect(status).toBe(201)
  expect(await owner.call('PATCH', `${base}/${body.clientId}`, { redirectUris: [own] })).toMatchObject(refused)
  expect((await owner.call('PATCH', `${base}/${body.clientId}`, { redirectUris: ['http://127.0.0.1:9/cb'] })).status).toBe(200)
})

it('authorization endpoint sends no code to the platform for a client that registered earlier or without a port', async () => {
  const server = await createServer()
  const redirectUris = ['http://localhost:8787/device', 'http://127.0.0.1/cb']
  const browser = await signedIn(server.tenant.owner)
  for (const [at, settings] of [[server, {}] as const, [atRoot(server), ROOT_CLIENT] as const]) {
    const client = await createClient(server, { redirectUris, ...settings })
    for (const [redirect_uri, status] of [
      ['http://localhost:8787/device', 400],
      ['http://127.0.0.1:8787/cb', 400],
      ['http://127.0.0.1:8788/cb', 200],
    ] as const) {
      const page = await browser.get(authorizePath(at, client, { redirect_uri }))
      expect([page.status, page.headers.get('Location')]).toEqual([status, null])
    }
  }
})

it('dashboard keeps its own redirect URI, which no other client may have', async () => {
  const { client_id: clientId, redirect_uris } = await (
    await fetchPlatform('/dashboard/client.json')
  ).json<{ client_id: string; redirect_uris: string[] }>()
  const server = await createServer()
  const browser = await signedIn(server.tenant.owner)
  const change = { redirect_uri: redirect_uris[0] }
  expect((await browser.get(authorizePath(server, { clientId, secret: undefined }, change))).status).toBe(200)
  const other = await createClient(server, { redirectUris: redirect_uris })
  expect((await browser.get(authorizePath(server, other, change))).status).toBe(400)
})
