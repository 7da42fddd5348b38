import { auth, createMCPClient, type OAuthClientInformation, type OAuthClientProvider, type OAuthTokens } from '@ai-sdk/mcp'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Browser } from '../../../scripts/browser.ts'
import { authorize } from '../../../scripts/browser-flows.ts'
import { PERSON, type Site, startSite } from '../support.ts'

type Issuer = Parameters<NonNullable<OAuthClientProvider['saveAuthorizationServerInformation']>>[0]

/** State of an app built on the AI SDK. A script approves as its user. */
class App implements OAuthClientProvider {
  readonly redirectUrl = 'http://localhost:8090/callback'
  readonly clientMetadata = {
    client_name: 'AI SDK app',
    redirect_uris: [this.redirectUrl],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
  }
  callback: URL | undefined
  #client: OAuthClientInformation | undefined
  #tokens: OAuthTokens | undefined
  #verifier = ''
  #state = ''
  #issuer: Issuer | undefined

  tokens = () => this.#tokens
  saveTokens = (tokens: OAuthTokens) => void (this.#tokens = tokens)
  clientInformation = () => this.#client
  saveClientInformation = (client: OAuthClientInformation) => void (this.#client = client)
  authorizationServerInformation = () => this.#issuer
  saveAuthorizationServerInformation = (issuer: Issuer) => void (this.#issuer = issuer)
  codeVerifier = () => this.#verifier
  saveCodeVerifier = (verifier: string) => void (this.#verifier = verifier)
  state = () => 'state of the AI SDK app'
  saveState = (state: string) => void (this.#state = state)
  storedState = () => this.#state
  async redirectToAuthorization(url: URL): Promise<void> {
    this.callback = await authorize(new Browser(url.origin), url, PERSON)
  }
}

let site: Site
let url: string
beforeAll(async () => {
  site = await startSite()
  url = await site.deployed('hello')
})
afterAll(() => site?.stop())

it.each([
  ['with revision discovery', true],
  ['without revision discovery', false],
])('AI SDK client %s authorizes and calls a tool', async (_, protocolVersionDiscovery) => {
  const app = new App()
  expect(await auth(app, { serverUrl: url })).toBe('REDIRECT')
  const { code, state, iss } = Object.fromEntries(app.callback?.searchParams ?? [])
  expect(iss).toBe(`${site.platform.origin}/demo/hello`)
  expect(await auth(app, { serverUrl: url, authorizationCode: code, callbackState: state, callbackIssuer: iss })).toBe('AUTHORIZED')

  const client = await createMCPClient({ transport: { type: 'http', url, authProvider: app }, protocolVersionDiscovery })
  expect(Object.keys(await client.tools())).toEqual(['greet', 'whoami'])
  const { content } = await client.callTool({ name: 'greet', arguments: { name: 'Ada' } })
  expect(content).toEqual([{ type: 'text', text: 'Hello, Ada!' }])
  await client.close()
})
