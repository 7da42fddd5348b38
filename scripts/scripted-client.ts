import { randomUUID } from 'node:crypto'
import {
  Client,
  type ClientCapabilities,
  type OAuthClientProvider,
  StreamableHTTPClientTransport,
  UnauthorizedError,
} from '@modelcontextprotocol/client'
import { Browser } from './browser.ts'
import { authorize, type Decision } from './browser-flows.ts'

type Provider = Required<Pick<OAuthClientProvider, 'saveClientInformation' | 'state' | 'invalidateCredentials' | 'saveDiscoveryState'>> &
  OAuthClientProvider
type ClientInformation = Parameters<Provider['saveClientInformation']>[0]
type Discovered = Parameters<Provider['saveDiscoveryState']>[0]
type Tokens = Parameters<Provider['saveTokens']>[0]
export type Mode = 'legacy' | 'auto' | { pin: string }

const REDIRECT_URI = 'http://127.0.0.1:33418/callback'

/**
 * OAuth provider for the official SDK. Signs in and consents as `person` with a scripted browser.
 */
export class ScriptedProvider implements Provider {
  readonly redirectUrl = REDIRECT_URI
  readonly clientMetadata = { client_name: 'Scripted client', redirect_uris: [REDIRECT_URI], token_endpoint_auth_method: 'none' }
  /** Redirect URL with the authorization code. */
  callback: URL | undefined
  /** Decision on the next consent page. */
  decision: Decision = { decision: 'approve' }
  consentPage = ''
  stored: { client?: ClientInformation; tokens?: Tokens; verifier?: string; state?: string; discovered?: Discovered } = {}
  readonly #person: { email: string; password: string }
  readonly #onStep: (step: string) => void

  constructor(person: { email: string; password: string }, onStep: (step: string) => void = () => {}) {
    this.#person = person
    this.#onStep = onStep
  }

  state(): string {
    return (this.stored.state = randomUUID())
  }
  clientInformation(): ClientInformation | undefined {
    return this.stored.client
  }
  saveClientInformation(client: ClientInformation): void {
    this.#onStep(`registered as client ${client.client_id}`)
    this.stored.client = client
  }
  tokens(): Tokens | undefined {
    return this.stored.tokens
  }
  saveTokens(tokens: Tokens): void {
    this.#onStep(
      `received an access token for scope "${tokens.scope ?? ''}", valid for ${tokens.expires_in} s${tokens.refresh_token ? ', and a refresh token' : ''}`,
    )
    this.stored.tokens = tokens
  }
  saveDiscoveryState(discovered: Discovered): void {
    this.stored.discovered = discovered
  }
  discoveryState(): Discovered | undefined {
    return this.stored.discovered
  }
  saveCodeVerifier(verifier: string): void {
    this.stored.verifier = verifier
  }
  codeVerifier(): string {
    return this.stored.verifier ?? ''
  }
  invalidateCredentials(scope: 'all' | 'client' | 'tokens' | 'verifier' | 'discovery'): void {
    if (scope === 'all' || scope === 'tokens') delete this.stored.tokens
    if (scope === 'all' || scope === 'client') delete this.stored.client
    if (scope === 'all' || scope === 'discovery') delete this.stored.discovered
  }
  async redirectToAuthorization(url: URL): Promise<void> {
    this.#onStep(
      `opens ${url.origin}${url.pathname} with an S256 code challenge, requesting "${url.searchParams.get('scope')}" for ${url.searchParams.get('resource')}`,
    )
    this.callback = await authorize(new Browser(url.origin), url, this.#person, {
      onPage: (title, { html }) => {
        this.#onStep(`the user sees "${title}"`)
        this.consentPage = html
      },
      decision: this.decision,
    })
    const { state, iss, error } = Object.fromEntries(this.callback.searchParams)
    if (state !== this.stored.state) throw new Error('state in the redirect does not match the request')
    this.#onStep(`the browser returns with ${error ?? 'a code'} from ${iss}`)
  }
}

interface Extras {
  capabilities?: ClientCapabilities
  fetcher?: typeof fetch
}

/**
 * Returns an official client connected to `url`. Runs the authorization if the stored tokens do not
 * suffice.
 */
export async function connect(
  url: string,
  provider: ScriptedProvider,
  mode: Mode,
  { capabilities = {}, fetcher }: Extras = {},
): Promise<Client> {
  const transport = (): StreamableHTTPClientTransport =>
    new StreamableHTTPClientTransport(new URL(url), { authProvider: provider, ...(fetcher ? { fetch: fetcher } : {}) })
  const client = (): Client => new Client({ name: 'scripted-client', version: '1.0.0' }, { capabilities, versionNegotiation: { mode } })
  const first = client()
  const firstTransport = transport()
  try {
    await first.connect(firstTransport)
    return first
  } catch (error) {
    if (!(error instanceof UnauthorizedError) || !provider.callback) throw error
  }
  await firstTransport.finishAuth(provider.callback.searchParams)
  const authorized = client()
  await authorized.connect(transport())
  return authorized
}
