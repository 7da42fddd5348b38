import { expect, it } from 'vitest'
import { add, approve, authorizationUrl, discover, serverThatAdds, type Discovered } from '../support/app.ts'
import { signedIn, VERIFIER } from '../support/oauth.ts'
import { fetchPlatform } from '../support/platform.ts'
import { REGISTERING_APPS, type RegisteringApp } from './client-fixtures.ts'

function register(known: Discovered, body: Record<string, unknown>): Promise<Response> {
  return fetchPlatform(known.registrationEndpoint, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  })
}

function urlOf(known: Discovered, app: RegisteringApp, clientId: string): string {
  return authorizationUrl(known, {
    client_id: clientId,
    redirect_uri: app.redirectUri,
    state: app.state,
    scope: app.scope(known),
    resource: app.sendsResource ? known.resource : undefined,
    ...app.extra,
  })
}

interface RegisteredClient {
  client_id: string
  client_secret?: string
}

function requestTokens(known: Discovered, app: RegisteringApp, client: RegisteredClient, form: Record<string, string>) {
  const { client_id: id, client_secret: secret = '' } = client
  const body = new URLSearchParams(form)
  const headers = new Headers()
  if (app.authentication === 'client_secret_basic') headers.set('Authorization', `Basic ${btoa(`${id}:${secret}`)}`)
  else body.set('client_id', id)
  if (app.authentication === 'client_secret_post') body.set('client_secret', secret)
  return fetchPlatform(known.tokenEndpoint, { method: 'POST', headers, body })
}

it.each(REGISTERING_APPS)('$app discovers, registers, authorizes and calls a tool with only the URL', async (app) => {
  const server = await serverThatAdds()
  const known = await discover(server)
  const body = app.registration(known)
  const registered = await register(known, body)
  expect(registered.status).toBe(201)
  const client = await registered.json<RegisteredClient & { redirect_uris: string[]; token_endpoint_auth_method: string }>()
  expect(client.redirect_uris).toEqual(body['redirect_uris'])
  expect(client.token_endpoint_auth_method).toBe(app.authentication)
  expect(typeof client.client_secret).toBe(app.authentication === 'none' ? 'undefined' : 'string')

  const { back } = await approve(server, urlOf(known, app, client.client_id))
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

  const grantTypes = body['grant_types']
  if (!Array.isArray(grantTypes) || !grantTypes.includes('refresh_token')) return
  const refreshed = await requestTokens(known, app, client, {
    grant_type: 'refresh_token',
    refresh_token: tokens.refresh_token ?? '',
    ...(app.refreshes?.(known) ?? resource),
  })
  expect(refreshed.status).toBe(200)
  expect(await add(server, (await refreshed.json<{ access_token: string }>()).access_token)).toBe('5')
})

// https://github.com/anthropics/claude-ai-mcp/issues/966: two registrations per connection.
it('app that registers twice can use either client', async () => {
  const server = await serverThatAdds()
  const known = await discover(server)
  const claude = REGISTERING_APPS[0]!
  const both = await Promise.all([1, 2].map(async () => (await register(known, claude.registration(known))).json<RegisteredClient>()))
  for (const client of both) {
    const { back } = await approve(server, urlOf(known, claude, client.client_id))
    const answered = await requestTokens(known, claude, client, {
      grant_type: 'authorization_code',
      code: back.searchParams.get('code') ?? '',
      redirect_uri: claude.redirectUri,
      code_verifier: VERIFIER,
    })
    expect(answered.status).toBe(200)
  }
})

// google-gemini/gemini-cli packages/core/src/mcp/oauth-provider.ts, seen with 0.61.0: fetches the
// metadata of the origin first, even if the issuer has a path.
it('Gemini CLI registers at the root issuer and gets tokens at the issuer of the server', async () => {
  const server = await serverThatAdds()
  const known = await discover(server)
  const gemini = REGISTERING_APPS.find(({ app }) => app === 'Gemini CLI')!
  const { origin } = new URL(known.resource)
  const root = await (await fetchPlatform(`${origin}/.well-known/oauth-authorization-server`)).json<{ registration_endpoint: string }>()
  const body = gemini.registration(known)
  const client = await (await register({ ...known, registrationEndpoint: root.registration_endpoint }, body)).json<RegisteredClient>()
  const { back } = await approve(server, urlOf(known, gemini, client.client_id))
  const { searchParams } = back
  expect(searchParams.get('iss')).toBe(server.urls.issuer)
  const resource = { resource: known.resource }
  const ask = async (form: Record<string, string>) =>
    (await requestTokens(known, gemini, client, form)).json<{ access_token: string; refresh_token: string }>()
  const code = { code: searchParams.get('code') ?? '', redirect_uri: gemini.redirectUri, code_verifier: VERIFIER }
  const tokens = await ask({ grant_type: 'authorization_code', ...code, ...resource })
  expect(await add(server, tokens.access_token)).toBe('5')
  const refreshed = await ask({ grant_type: 'refresh_token', refresh_token: tokens.refresh_token, ...gemini.refreshes?.(known) })
  expect(await add(server, refreshed.access_token)).toBe('5')
})

// Cursor registers the private-use scheme beside two usable redirect URIs.
it('error page lists the usable redirect URIs when Cursor requests its private-use scheme', async () => {
  const server = await serverThatAdds()
  const known = await discover(server)
  const cursor = REGISTERING_APPS.find(({ app }) => app === 'Cursor, desktop')!
  const client = await (await register(known, cursor.registration(known))).json<RegisteredClient>()
  const redirectUri = 'cursor://anysphere.cursor-mcp/oauth/callback'
  const url = authorizationUrl(known, { client_id: client.client_id, redirect_uri: redirectUri })
  const page = await (await signedIn(server.tenant.owner)).get(url)
  expect([page.status, page.headers.get('Location')]).toEqual([400, null])
  const text = await page.text()
  expect(text).toContain(redirectUri)
  expect(text).toContain('https://www.cursor.com/agents/mcp/oauth/callback')
})

// https://github.com/jentic/jentic-one/issues/1245: an older Cursor.
it('registration names the required schemes when an app registers only a private-use scheme', async () => {
  const known = await discover(await serverThatAdds())
  const answered = await register(known, {
    redirect_uris: ['cursor://anysphere.cursor-mcp/oauth/callback'],
    token_endpoint_auth_method: 'none',
  })
  expect(answered.status).toBe(400)
  expect(await answered.json()).toEqual({
    error: 'invalid_redirect_uri',
    error_description: expect.stringContaining('https URI, or http on loopback'),
  })
})

// The web page of MCP Inspector and hosted apps whose pages read the metadata in the browser.
it('browser script can discover, register and get tokens through CORS', async () => {
  const server = await serverThatAdds()
  const known = await discover(server)
  for (const [url, method] of [
    [server.urls.resourceMetadata, 'GET'],
    [known.registrationEndpoint, 'POST'],
    [known.tokenEndpoint, 'POST'],
  ] as const) {
    const preflight = await fetchPlatform(url, {
      method: 'OPTIONS',
      headers: {
        Origin: 'http://localhost:6274',
        'Access-Control-Request-Method': method,
        'Access-Control-Request-Headers': 'content-type, mcp-protocol-version',
      },
    })
    expect([preflight.status, preflight.headers.get('Access-Control-Allow-Origin')]).toEqual([204, '*'])
    expect(preflight.headers.get('Access-Control-Allow-Methods')).toContain(method)
    expect(preflight.headers.get('Access-Control-Allow-Headers')?.toLowerCase()).toContain('mcp-protocol-version')
  }
})
