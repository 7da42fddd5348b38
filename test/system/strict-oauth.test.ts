import { connect } from 'node:net'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import * as oauth from 'oauth4webapi'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Browser } from '../../scripts/browser.ts'
import type { Page } from '../../scripts/html.ts'
import { authorize } from '../../scripts/browser-flows.ts'
import { modernRequest } from './modern-request.ts'
import { PERSON, type Site, startSite } from './support.ts'

const REDIRECT_URI = 'http://127.0.0.1:33419/callback'
const options = { [oauth.allowInsecureRequests]: true }

let site: Site
let url: string
beforeAll(async () => {
  site = await startSite()
  url = await site.deployed('trip', { challenge: 'least' })
})
afterAll(() => site?.stop())

/** Finds the authorization server from the URL of the hosted server alone. */
async function discover(): Promise<oauth.AuthorizationServer> {
  const resource = new URL(url)
  const described = await oauth.processResourceDiscoveryResponse(resource, await oauth.resourceDiscoveryRequest(resource, options))
  const issuer = new URL(described.authorization_servers?.[0] ?? '')
  return oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, { ...options, algorithm: 'oauth2' }))
}

it('strict OAuth client completes discovery, registration, authorization, step-up, refresh and revocation', async () => {
  const challenged = await fetch(url, { method: 'POST', body: '{}' })
  await challenged.body?.cancel()
  expect(challenged.status).toBe(401)
  expect(challenged.headers.get('www-authenticate')).toContain(
    `resource_metadata="${site.platform.origin}/.well-known/oauth-protected-resource/demo/trip/mcp"`,
  )
  const as = await discover()
  const client = await oauth.processDynamicClientRegistrationResponse(
    await oauth.dynamicClientRegistrationRequest(
      as,
      {
        redirect_uris: [REDIRECT_URI],
        token_endpoint_auth_method: 'client_secret_basic',
        grant_types: ['authorization_code', 'refresh_token'],
      },
      options,
    ),
  )
  const authentication = oauth.ClientSecretBasic(String(client.client_secret))

  const obtain = async (scope: string): Promise<oauth.TokenEndpointResponse> => {
    const verifier = oauth.generateRandomCodeVerifier()
    const state = oauth.generateRandomState()
    const page = new URL(as.authorization_endpoint ?? '')
    page.search = new URLSearchParams({
      response_type: 'code',
      client_id: client.client_id,
      redirect_uri: REDIRECT_URI,
      scope,
      state,
      resource: url,
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    }).toString()
    const callback = await authorize(new Browser(site.platform.origin), page, PERSON)
    const parameters = oauth.validateAuthResponse(as, client, callback, state)
    const response = await oauth.authorizationCodeGrantRequest(as, client, authentication, parameters, REDIRECT_URI, verifier, {
      ...options,
      additionalParameters: { resource: url },
    })
    return oauth.processAuthorizationCodeResponse(as, client, response)
  }

  const narrow = await obtain('mcp:read')
  expect((await call(narrow.access_token, 'destinations')).status).toBe(200)
  expect((await call(narrow.access_token, 'book_trip', { destination: 'Lisbon' })).status).toBe(403)

  const wide = await obtain('mcp:read mcp:write')
  const booked = await call(wide.access_token, 'book_trip', { destination: 'Lisbon' })
  expect(booked.status).toBe(200)

  const refreshed = await oauth.processRefreshTokenResponse(
    as,
    client,
    await oauth.refreshTokenGrantRequest(as, client, authentication, wide.refresh_token ?? '', options),
  )
  expect(refreshed.access_token).not.toBe(wide.access_token)
  expect((await call(refreshed.access_token, 'destinations')).status).toBe(200)

  await oauth.processRevocationResponse(await oauth.revocationRequest(as, client, authentication, refreshed.refresh_token ?? '', options))
  await expect.poll(async () => (await call(refreshed.access_token, 'destinations')).status, { timeout: 11_000, interval: 500 }).toBe(401)
  expect((await call(narrow.access_token, 'destinations')).status).toBe(200)
})

describe('strict OAuth client on a device without a browser', () => {
  /** Registers for the device flow only, and requests both codes. */
  async function start() {
    const as = await discover()
    const client = await oauth.processDynamicClientRegistrationResponse(
      await oauth.dynamicClientRegistrationRequest(
        as,
        {
          client_name: 'Television',
          redirect_uris: [],
          response_types: [],
          grant_types: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'],
          token_endpoint_auth_method: 'none',
        },
        options,
      ),
    )
    const asked = { scope: 'mcp:read mcp:write', resource: url }
    const codes = await oauth.processDeviceAuthorizationResponse(
      as,
      client,
      await oauth.deviceAuthorizationRequest(as, client, oauth.None(), asked, options),
    )
    return {
      as,
      client,
      codes,
      poll: async () =>
        oauth.processDeviceCodeResponse(
          as,
          client,
          await oauth.deviceCodeGrantRequest(as, client, oauth.None(), codes.device_code, options),
        ),
    }
  }

  /** Signs in on a phone, enters the user code and decides. Returns the last page. */
  async function decide(address: string, userCode: string, decision: 'approve' | 'deny'): Promise<Page> {
    const phone = new Browser(site.platform.origin)
    const enter = await phone.submit(await phone.visit(address), '/auth/sign-in', PERSON)
    const consent = await phone.submit(enter, '/device', { user_code: userCode })
    expect(consent.html).toContain(userCode)
    return phone.submit(consent, /\/consent$/, { decision })
  }

  it('polls until its user approves, then calls and refreshes with its tokens', async () => {
    const { as, client, codes, poll } = await start()
    expect(codes).toMatchObject({ verification_uri: `${site.platform.origin}/device`, interval: 5 })
    await expect(poll()).rejects.toMatchObject({ status: 400, error: 'authorization_pending' })
    await expect(poll()).rejects.toMatchObject({ status: 400, error: 'slow_down' })
    expect((await decide(codes.verification_uri, codes.user_code, 'approve')).url.search).toBe('?outcome=allowed')

    const tokens = await poll()
    expect(tokens).toMatchObject({ token_type: 'bearer', scope: 'mcp:read mcp:write' })
    const transport = new StreamableHTTPClientTransport(new URL(url), { authProvider: { token: async () => tokens.access_token } })
    const television = new Client({ name: 'television', version: '1.0.0' }, { versionNegotiation: { mode: { pin: '2026-07-28' } } })
    await television.connect(transport)
    const { content } = await television.callTool({ name: 'destinations', arguments: {} })
    expect(JSON.stringify(content)).toContain('Lisbon')
    await television.close()

    const refreshed = await oauth.processRefreshTokenResponse(
      as,
      client,
      await oauth.refreshTokenGrantRequest(as, client, oauth.None(), tokens.refresh_token ?? '', options),
    )
    expect((await call(refreshed.access_token, 'destinations')).status).toBe(200)
    await expect(poll()).rejects.toMatchObject({ error: 'invalid_grant' })
  })

  it('gets access_denied when its user declines', async () => {
    const { codes, poll } = await start()
    const page = await decide(codes.verification_uri_complete ?? '', codes.user_code, 'deny')
    expect(page.url.search).toBe('?outcome=denied')
    await expect(poll()).rejects.toMatchObject({ status: 400, error: 'access_denied' })
  })
})

/** Sends one call of revision 2026-07-28 without an SDK. */
async function call(token: string, name: string, given: Record<string, unknown> = {}): Promise<Response> {
  const headers = { Authorization: `Bearer ${token}` }
  const capabilities = { elicitation: { form: {} } }
  const response = await fetch(url, modernRequest('tools/call', { name, arguments: given }, { capabilities, headers }))
  await response.body?.cancel()
  return response
}

/** A client cut off while it sends would see a broken connection in place of the error. */
it.each([
  ['a form', 'token', 'application/x-www-form-urlencoded', 413],
  ['a registration', 'register', 'application/json', 413],
  ['a call without a token', 'mcp', 'application/json', 401],
])('platform answers %s of half a million bytes with its error, not a broken connection', async (_, path, type, status) => {
  const issuer = url.slice(0, -'/mcp'.length)
  const answered = await fetch(`${issuer}/${path}`, { method: 'POST', headers: { 'Content-Type': type }, body: 'x'.repeat(500_000) })
  expect(answered.status).toBe(status)
  expect(await answered.json()).toHaveProperty('error_description')
})

/** Sends a request with any Host header, which `fetch` would correct. */
function askAs(host: string): Promise<string> {
  const { port } = new URL(url)
  return new Promise((resolve, reject) => {
    let text = ''
    const socket = connect({ host: '127.0.0.1', port: Number(port) }, () =>
      socket.write(`GET /healthz HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`),
    )
    socket.on('data', (chunk) => (text += chunk.toString()))
    socket.on('end', () => resolve(text)).on('error', reject)
  })
}

it.each(['[bad', 'a b', 'foo:bar', '%zz', 'user@HOST', 'HOST/x', 'HOST\r\nHost: evil.example'])(
  'platform answers a request with the malformed Host header %j with 400 and a body',
  async (host) => {
    const answer = await askAs(host.replace('HOST', new URL(url).host))
    expect(answer).toMatch(/^HTTP\/1\.1 400 /)
    expect(answer).toMatch(/x-content-type-options: nosniff/i)
    expect(answer).toContain('"title":"Malformed host"')
    expect(await askAs(new URL(url).host)).toMatch(/^HTTP\/1\.1 200 /)
  },
)

it('endpoint with a trailing slash leads a client that follows redirects to the same challenge', async () => {
  const ask = (at: string) => fetch(at, { method: 'POST', body: '{"jsonrpc":"2.0","id":1,"method":"ping"}' })
  const [direct, followed] = [await ask(url), await ask(`${url}/`)]
  expect([followed.redirected, followed.status, followed.url]).toEqual([true, 401, url])
  expect(followed.headers.get('www-authenticate')).toBe(direct.headers.get('www-authenticate'))
  await Promise.all([direct.body?.cancel(), followed.body?.cancel()])
})
