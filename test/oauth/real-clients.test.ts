import { expect, it } from 'vitest'
import { callModern, wireServer } from '../support/modern.ts'
import { consentForm, consentPath, signedIn, VERIFIER, CHALLENGE } from '../support/oauth.ts'
import { createServer, fetchPlatform, ORIGIN, surfaceOf, type TestServer } from '../support/platform.ts'
import { REGISTERING_APPS, type RegisteringApp, type ServerMetadata } from './client-fixtures.ts'

const TOOLS = `{ add: async ({ a, b }) => ({ content: [{ type: 'text', text: String(a + b) }] }) }`

function serverWithATool(): Promise<TestServer> {
  return createServer({ code: wireServer(TOOLS), surface: surfaceOf([{ name: 'add', inputSchema: { type: 'object' } }]) })
}

interface Discovered extends ServerMetadata {
  authorizationEndpoint: string
  tokenEndpoint: string
  registrationEndpoint: string
}

/** The way every one of them goes: the 401's challenge, the resource's metadata, the authorization server's. */
async function discover(server: TestServer): Promise<Discovered> {
  const refused = await callModern(server, { params: { name: 'add' } })
  expect(refused.status).toBe(401)
  const [, resourceMetadata = '', scope = ''] =
    /resource_metadata="([^"]+)", scope="([^"]+)"/.exec(refused.headers.get('WWW-Authenticate') ?? '') ?? []
  const described = await (
    await fetchPlatform(resourceMetadata)
  ).json<{ resource: string; authorization_servers: string[]; scopes_supported: string[] }>()
  expect([described.resource, described.scopes_supported]).toEqual([server.urls.resource, scope.split(' ')])
  const issuer = new URL(described.authorization_servers[0] ?? '')
  const metadata = await (
    await fetchPlatform(`/.well-known/oauth-authorization-server${issuer.pathname}`)
  ).json<Record<string, string & string[]>>()
  expect(metadata['issuer']).toBe(issuer.href)
  return {
    resource: described.resource,
    challengeScopes: described.scopes_supported,
    scopesSupported: metadata['scopes_supported'] ?? [],
    grantTypesSupported: metadata['grant_types_supported'] ?? [],
    authorizationEndpoint: metadata['authorization_endpoint'] ?? '',
    tokenEndpoint: metadata['token_endpoint'] ?? '',
    registrationEndpoint: metadata['registration_endpoint'] ?? '',
  }
}

function register(known: Discovered, app: RegisteringApp): Promise<Response> {
  return fetchPlatform(known.registrationEndpoint, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(app.registration(known)),
  })
}

/** A person approves; what comes back is for the app. */
async function approve(server: TestServer, known: Discovered, app: RegisteringApp, clientId: string): Promise<URL> {
  const url = new URL(known.authorizationEndpoint)
  url.search = new URLSearchParams({
    response_type: 'code',
    client_id: clientId,
    code_challenge: CHALLENGE,
    code_challenge_method: 'S256',
    redirect_uri: app.redirectUri,
    state: app.state,
    ...asScope(app.scope(known)),
    ...(app.sendsResource ? { resource: known.resource } : {}),
    ...app.extra,
  }).toString()
  const browser = await signedIn(server.tenant.owner)
  const page = await browser.get(url.href)
  expect(page.status).toBe(200)
  const approved = await browser.post(consentPath(server), { ...(await consentForm(page)), decision: 'approve' })
  expect(approved.status).toBe(303)
  return new URL(approved.headers.get('Location') ?? '')
}

function asScope(scope: string | undefined): { scope?: string } {
  return scope === undefined ? {} : { scope }
}

function requestTokens(
  known: Discovered,
  app: RegisteringApp,
  client: { client_id: string; client_secret?: string },
  form: Record<string, string>,
) {
  const { client_id: id, client_secret: secret = '' } = client
  const credentials =
    app.authentication === 'client_secret_basic'
      ? {}
      : { client_id: id, ...(app.authentication === 'none' ? {} : { client_secret: secret }) }
  return fetchPlatform(known.tokenEndpoint, {
    method: 'POST',
    headers: app.authentication === 'client_secret_basic' ? { Authorization: `Basic ${btoa(`${id}:${secret}`)}` } : {},
    body: new URLSearchParams({ ...form, ...credentials }),
  })
}

it.each(REGISTERING_APPS)('lets $app in, from the bare URL to a tool’s answer', async (app) => {
  const server = await serverWithATool()
  const known = await discover(server)
  const registered = await register(known, app)
  expect(registered.status).toBe(201)
  const client = await registered.json<{
    client_id: string
    client_secret?: string
    redirect_uris: string[]
    token_endpoint_auth_method: string
  }>()
  expect(client.redirect_uris).toEqual(app.registration(known)['redirect_uris'])
  expect([client.token_endpoint_auth_method, typeof client.client_secret]).toEqual([
    app.authentication,
    app.authentication === 'none' ? 'undefined' : 'string',
  ])

  const back = await approve(server, known, app, client.client_id)
  expect(back.href.startsWith(app.redirectUri)).toBe(true)
  expect(Object.fromEntries(back.searchParams)).toEqual({ code: expect.any(String), state: app.state, iss: server.urls.issuer })

  const resource: Record<string, string> = app.sendsResource ? { resource: known.resource } : {}
  const answered = await requestTokens(known, app, client, {
    grant_type: 'authorization_code',
    code: back.searchParams.get('code') ?? '',
    redirect_uri: app.redirectUri,
    code_verifier: VERIFIER,
    ...resource,
  })
  expect(answered.status).toBe(200)
  const tokens = await answered.json<{ access_token: string; refresh_token?: string; token_type: string }>()
  expect(tokens.token_type.toLowerCase()).toBe('bearer')
  expect(await add(server, tokens.access_token)).toBe('5')

  const grantTypes = app.registration(known)['grant_types']
  if (!Array.isArray(grantTypes) || !grantTypes.includes('refresh_token')) return
  const refreshed = await requestTokens(known, app, client, {
    grant_type: 'refresh_token',
    refresh_token: tokens.refresh_token ?? '',
    ...(app.refreshes?.(known) ?? resource),
  })
  expect(refreshed.status).toBe(200)
  expect(await add(server, (await refreshed.json<{ access_token: string }>()).access_token)).toBe('5')
})

async function add(server: TestServer, token: string): Promise<unknown> {
  const called = await callModern(server, { token, params: { name: 'add', arguments: { a: 2, b: 3 } } })
  expect(called.status).toBe(200)
  return (await called.json<{ result: { content: { text: string }[] } }>()).result.content[0]?.text
}

/** https://github.com/anthropics/claude-ai-mcp/issues/966: a second or two apart, and only the second's id is used, or the first's. */
it('lets an app that registers twice for one connection use either client', async () => {
  const server = await serverWithATool()
  const known = await discover(server)
  const claude = REGISTERING_APPS[0]!
  const clients = await Promise.all(
    (await Promise.all([register(known, claude), register(known, claude)])).map((answer) =>
      answer.json<{ client_id: string; client_secret: string }>(),
    ),
  )
  for (const client of clients) {
    const back = await approve(server, known, claude, client.client_id)
    const answered = await requestTokens(known, claude, client, {
      grant_type: 'authorization_code',
      code: back.searchParams.get('code') ?? '',
      redirect_uri: claude.redirectUri,
      code_verifier: VERIFIER,
    })
    expect(answered.status).toBe(200)
  }
})

/** It registers this one beside two that are used (https://github.com/bytebase/bytebase/issues/20510 says it never is). */
it('sends no code to Cursor’s private-use scheme, and says which addresses would do', async () => {
  const server = await serverWithATool()
  const known = await discover(server)
  const cursor = REGISTERING_APPS.find(({ app }) => app === 'Cursor, desktop')!
  const { client_id: clientId } = await (await register(known, cursor)).json<{ client_id: string }>()
  const redirectUri = 'cursor://anysphere.cursor-mcp/oauth/callback'
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: clientId,
    code_challenge: CHALLENGE,
    code_challenge_method: 'S256',
    redirect_uri: redirectUri,
  })
  const page = await (await signedIn(server.tenant.owner)).get(`${known.authorizationEndpoint}?${query}`)
  expect([page.status, page.headers.get('Location')]).toEqual([400, null])
  const text = await page.text()
  expect(text).toContain(redirectUri)
  expect(text).toContain('http://localhost:8787/callback')
})

/** https://github.com/jentic/jentic-one/issues/1245: an older Cursor, with nothing beside it. */
it('tells an app with a private-use scheme alone what its list lacks', async () => {
  const server = await serverWithATool()
  const known = await discover(server)
  const answered = await fetchPlatform(known.registrationEndpoint, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ redirect_uris: ['cursor://anysphere.cursor-mcp/oauth/callback'], token_endpoint_auth_method: 'none' }),
  })
  expect(answered.status).toBe(400)
  expect(await answered.json()).toEqual({
    error: 'invalid_redirect_uri',
    error_description: expect.stringContaining('https, or http on loopback'),
  })
})

/** Clients that keep the origin of the page they run in: MCP Inspector, and hosted apps whose pages probe the metadata themselves. */
it('lets a page’s script read metadata and register', async () => {
  const server = await serverWithATool()
  const known = await discover(server)
  for (const [path, method] of [
    [server.urls.resourceMetadata, 'GET'],
    [known.registrationEndpoint, 'POST'],
    [known.tokenEndpoint, 'POST'],
  ] as const) {
    const preflight = await fetchPlatform(path, {
      method: 'OPTIONS',
      headers: {
        Origin: 'http://localhost:6274',
        'Access-Control-Request-Method': method,
        'Access-Control-Request-Headers': 'content-type, mcp-protocol-version',
      },
    })
    expect([preflight.status, preflight.headers.get('Access-Control-Allow-Origin')]).toEqual([204, '*'])
    expect(preflight.headers.get('Access-Control-Allow-Methods')).toContain(method)
  }
  expect(new URL(known.registrationEndpoint).origin).toBe(ORIGIN)
})
