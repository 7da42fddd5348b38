import { Client, CrossAppAccessProvider, discoverAndRequestJwtAuthGrant, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import * as oauth from 'oauth4webapi'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type LoopbackHosts, startLoopbackHosts } from '../../support/loopback-hosts.ts'
import { type Site, startSite } from '../support.ts'

/**
 * Enterprise-managed authorization with the official client. The user signs in at the identity
 * provider of the organization and sees no consent page.
 */
const IDP = 'https://idp-33.example'
const REDIRECT_URI = 'http://127.0.0.1:3000/callback'

let hosts: LoopbackHosts
let site: Site
let url: string
let issuer: string
let provider: string
beforeAll(async () => {
  hosts = await startLoopbackHosts()
  site = await startSite({ DEV_ORIGINS: JSON.stringify(hosts.origins) })
  url = await site.deployed('hello')
  issuer = url.slice(0, -'/mcp'.length)
  const made = await site.management.call('POST', '/api/tenants/demo/identity-providers', {
    name: 'Acme ID',
    issuer: IDP,
    assertions: true,
  })
  provider = (made as { id: string }).id
})
afterAll(async () => {
  await site?.stop()
  await hosts?.stop()
})

/** Fetches from the provider, with its https origin replaced by its loopback origin. */
const atProvider = ((input: string | URL, init?: RequestInit) =>
  fetch(String(input).replace(IDP, hosts.origins[IDP] ?? ''), init)) as typeof fetch

/** Creates a client of the tenant, and registers it at the provider under the same id. */
async function app() {
  const asked = { name: 'Office', grantTypes: ['urn:ietf:params:oauth:grant-type:jwt-bearer'] }
  const { clientId, secret } = (await site.management.call('POST', '/api/tenants/demo/clients', asked)) as {
    clientId: string
    secret: string
  }
  const body = JSON.stringify({ client_secret: secret, redirect_uris: [REDIRECT_URI] })
  expect((await atProvider(`${IDP}/clients/${clientId}`, { method: 'PUT', body })).status).toBe(204)
  return { clientId, clientSecret: secret }
}

/** Signs a user in at the provider. Returns an ID token for the app. */
async function idTokenFor({ clientId, clientSecret }: { clientId: string; clientSecret: string }, sub: string): Promise<string> {
  const options = { [oauth.customFetch]: atProvider }
  const idp = new URL(IDP)
  const server = await oauth.processDiscoveryResponse(idp, await oauth.discoveryRequest(idp, options))
  const client = { client_id: clientId }
  const verifier = oauth.generateRandomCodeVerifier()
  const state = oauth.generateRandomState()
  const asked = new URL(server.authorization_endpoint ?? '')
  asked.search = new URLSearchParams({
    response_type: 'code',
    client_id: clientId,
    redirect_uri: REDIRECT_URI,
    scope: 'openid email',
    state,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    'sign-in': JSON.stringify({ claims: { sub } }),
  }).toString()
  const back = new URL((await atProvider(asked, { redirect: 'manual' })).headers.get('Location') ?? '')
  const parameters = oauth.validateAuthResponse(server, client, back, state)
  const authenticate = oauth.ClientSecretPost(clientSecret)
  const answer = await oauth.authorizationCodeGrantRequest(server, client, authenticate, parameters, REDIRECT_URI, verifier, options)
  const { id_token: idToken } = await oauth.processAuthorizationCodeResponse(server, client, answer)
  return idToken ?? ''
}

async function connectAs(sub: string, pin: boolean) {
  const credentials = await app()
  const idToken = await idTokenFor(credentials, sub)
  const authProvider = new CrossAppAccessProvider({
    ...credentials,
    expectedIssuer: issuer,
    assertion: async ({ authorizationServerUrl, resourceUrl, scope }) => {
      const asked = { idpUrl: IDP, audience: authorizationServerUrl, resource: resourceUrl, idToken, ...credentials, fetchFn: atProvider }
      return (await discoverAndRequestJwtAuthGrant({ ...asked, ...(scope === undefined ? {} : { scope }) })).jwtAuthGrant
    },
  })
  const client = new Client({ name: 'office', version: '1.0.0' }, { versionNegotiation: { mode: pin ? { pin: '2026-07-28' } : 'legacy' } })
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { authProvider }))
  return { client, authProvider, ...credentials }
}

const GREET = { name: 'greet', arguments: { name: 'Ada' } }
const GREETED = { content: [{ type: 'text', text: 'Hello, Ada!' }] }

it.each([
  ['at 2026-07-28', true],
  ['with a session', false],
])('official client %s authorizes by identity provider assertion, and again after token revocation', async (_, pin) => {
  const { user } = (await site.management.call('GET', '/api/me')) as { user: { id: string } }
  const links = `/api/tenants/demo/identity-providers/${provider}/links`
  const { id } = (await site.management.call('POST', links, { subject: 'ada', userId: user.id })) as { id: string }
  const { client, authProvider, clientId, clientSecret } = await connectAs('ada', pin)
  expect(await client.callTool(GREET)).toMatchObject(GREETED)
  const tokens = authProvider.tokens()
  expect(tokens).toMatchObject({ expires_in: 3600 })
  expect(tokens?.refresh_token).toBeUndefined()

  const body = new URLSearchParams({ token: tokens?.access_token ?? '', client_id: clientId, client_secret: clientSecret })
  expect((await fetch(`${issuer}/revoke`, { method: 'POST', body })).status).toBe(200)
  expect(await client.callTool(GREET)).toMatchObject(GREETED)
  expect(authProvider.tokens()?.access_token).not.toBe(tokens?.access_token)

  // without the link, the client has no access
  await site.management.call('DELETE', `${links}/${id}`)
  await expect(client.callTool(GREET)).rejects.toThrow()
  await client.close()
})

it('official client gets an error with the reason when its user is not linked to a member', async () => {
  await expect(connectAs('a stranger', true)).rejects.toThrow(/not linked to a member of demo/)
})
