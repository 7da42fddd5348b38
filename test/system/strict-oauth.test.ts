import * as oauth from 'oauth4webapi'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { authorize, Browser } from '../../scripts/browser.ts'
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

it('takes a strict OAuth client from the 401 through registration, authorization, a call, a refresh and a step up to revocation', async () => {
  const resource = new URL(url)
  const challenged = await fetch(url, { method: 'POST', body: '{}' })
  await challenged.body?.cancel()
  expect(challenged.status).toBe(401)
  const described = await oauth.processResourceDiscoveryResponse(resource, await oauth.resourceDiscoveryRequest(resource, options))
  expect(challenged.headers.get('www-authenticate')).toContain(
    `resource_metadata="${site.platform.origin}/.well-known/oauth-protected-resource/demo/trip/mcp"`,
  )
  const issuer = new URL(described.authorization_servers?.[0] ?? '')
  const as = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, { ...options, algorithm: 'oauth2' }))
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

/** One call at 2026-07-28, by hand. */
async function call(token: string, name: string, given: Record<string, unknown> = {}): Promise<Response> {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      Authorization: `Bearer ${token}`,
      'Content-Type': 'application/json',
      Accept: 'application/json, text/event-stream',
      'MCP-Protocol-Version': '2026-07-28',
      'Mcp-Method': 'tools/call',
      'Mcp-Name': name,
    },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: {
        name,
        arguments: given,
        _meta: {
          'io.modelcontextprotocol/protocolVersion': '2026-07-28',
          'io.modelcontextprotocol/clientInfo': { name: 'strict', version: '1' },
          'io.modelcontextprotocol/clientCapabilities': { elicitation: { form: {} } },
        },
      },
    }),
  })
  await response.body?.cancel()
  return response
}
