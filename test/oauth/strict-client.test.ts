import * as oauth from 'oauth4webapi'
import { expect, it } from 'vitest'
import { consentForm, consentPath, REDIRECT_URI, signedIn } from '../support/oauth.ts'
import { createServer, fetchPlatform, type TestServer } from '../support/platform.ts'

/** Options of oauth4webapi, a client that rejects each response that violates an RFC. */
const options = {
  [oauth.customFetch]: (url: string, init: RequestInit) => fetchPlatform(url, init),
  [oauth.allowInsecureRequests]: true,
}

async function approveIn(server: TestServer, url: URL): Promise<URL> {
  const browser = await signedIn(server.tenant.owner)
  const page = await browser.get(`${url.pathname}${url.search}`)
  const approved = await browser.post(consentPath(server), { ...(await consentForm(page)), decision: 'approve' })
  return new URL(approved.headers.get('Location') ?? '')
}

it.each([
  ['none', () => oauth.None()],
  ['client_secret_basic', (secret: string) => oauth.ClientSecretBasic(secret)],
  ['client_secret_post', (secret: string) => oauth.ClientSecretPost(secret)],
])('strict client with authentication method %s completes all steps from discovery to revocation', async (method, authenticate) => {
  const server = await createServer()
  const resource = new URL(server.urls.resource)
  const described = await oauth.processResourceDiscoveryResponse(resource, await oauth.resourceDiscoveryRequest(resource, options))
  const issuer = new URL(described.authorization_servers?.[0] ?? '')
  for (const algorithm of ['oauth2', 'oidc'] as const) {
    await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, { ...options, algorithm }))
  }
  const as = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, { ...options, algorithm: 'oauth2' }))

  const client = await oauth.processDynamicClientRegistrationResponse(
    await oauth.dynamicClientRegistrationRequest(
      as,
      { redirect_uris: [REDIRECT_URI], token_endpoint_auth_method: method, grant_types: ['authorization_code', 'refresh_token'] },
      options,
    ),
  )
  const authentication = authenticate(String(client.client_secret))

  const verifier = oauth.generateRandomCodeVerifier()
  const state = oauth.generateRandomState()
  const url = new URL(as.authorization_endpoint ?? '')
  url.search = new URLSearchParams({
    response_type: 'code',
    client_id: client.client_id,
    redirect_uri: REDIRECT_URI,
    scope: 'mcp:read mcp:write',
    state,
    resource: resource.href,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  }).toString()
  const parameters = oauth.validateAuthResponse(as, client, await approveIn(server, url), state)
  const tokens = await oauth.processAuthorizationCodeResponse(
    as,
    client,
    await oauth.authorizationCodeGrantRequest(as, client, authentication, parameters, REDIRECT_URI, verifier, {
      ...options,
      additionalParameters: { resource: resource.href },
    }),
  )
  expect(tokens.scope).toBe('mcp:read mcp:write')

  const refreshed = await oauth.processRefreshTokenResponse(
    as,
    client,
    await oauth.refreshTokenGrantRequest(as, client, authentication, tokens.refresh_token ?? '', options),
  )
  expect(refreshed.access_token).not.toBe(tokens.access_token)
  await oauth.processRevocationResponse(await oauth.revocationRequest(as, client, authentication, refreshed.refresh_token ?? '', options))
  const refused = oauth.processRefreshTokenResponse(
    as,
    client,
    await oauth.refreshTokenGrantRequest(as, client, authentication, refreshed.refresh_token ?? '', options),
  )
  await expect(refused).rejects.toMatchObject({ error: 'invalid_grant', status: 400 })
})
