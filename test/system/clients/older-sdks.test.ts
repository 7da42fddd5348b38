import { Client as Client11 } from 'mcp-sdk-1-11/client/index.js'
import { StreamableHTTPClientTransport as Transport11 } from 'mcp-sdk-1-11/client/streamableHttp.js'
import { Client as Client17 } from 'mcp-sdk-1-17/client/index.js'
import { StreamableHTTPClientTransport as Transport17 } from 'mcp-sdk-1-17/client/streamableHttp.js'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { authorize, Browser } from '../../../scripts/browser.ts'
import { PERSON, type Site, startSite } from '../support.ts'

/**
 * The official client as shipped in apps that have not moved on. Each of these versions discovers in another way; what they have in common is little
 * enough to write down here.
 */
interface OldClient {
  connect(transport: OldTransport): Promise<void>
  callTool(call: { name: string; arguments: Record<string, unknown> }): Promise<unknown>
  close(): Promise<void>
}
interface OldTransport {
  finishAuth(code: string): Promise<void>
  start(): Promise<void>
  send(message: never): Promise<void>
  close(): Promise<void>
}
interface Version {
  client: () => OldClient
  transport: (url: URL, app: App) => OldTransport
}

/** What an app gives these versions to keep its state in; its person approves by script. */
class App {
  readonly redirectUrl = 'http://localhost:8090/callback'
  readonly clientMetadata = {
    client_name: 'Older app',
    redirect_uris: [this.redirectUrl],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
  }
  readonly #kept = new Map<string, unknown>()
  /** The one its person gave it the address of. */
  readonly #server: string
  /** The authorization request it opened, and where that led. */
  asked: URL | undefined
  callback: URL | undefined

  constructor(server: string) {
    this.#server = server
  }

  clientInformation = () => this.#kept.get('client') as never
  saveClientInformation = (client: unknown) => void this.#kept.set('client', client)
  tokens = () => this.#kept.get('tokens') as never
  saveTokens = (tokens: unknown) => void this.#kept.set('tokens', tokens)
  codeVerifier = () => this.#kept.get('verifier') as never
  saveCodeVerifier = (verifier: string) => void this.#kept.set('verifier', verifier)
  async redirectToAuthorization(url: URL): Promise<void> {
    this.asked = url
    this.callback = await authorize(new Browser(url.origin), url, PERSON, { server: this.#server })
  }
}

const VERSIONS: [string, string, Version][] = [
  [
    '1.11.5, of revision 2025-03-26,', // it strips the path, and knows of no resource
    '/authorize',
    {
      client: () => new Client11({ name: 'app', version: '1' }),
      transport: (url, app) => new Transport11(url, { authProvider: app }),
    },
  ],
  [
    '1.17.5',
    '/demo/hello/authorize',
    {
      client: () => new Client17({ name: 'app', version: '1' }),
      transport: (url, app) => new Transport17(url, { authProvider: app }),
    },
  ],
]

let site: Site
let url: string
beforeAll(async () => {
  site = await startSite()
  await site.deployed('weather')
  url = await site.deployed('hello')
})
afterAll(() => site?.stop())

it.each(VERSIONS)('lets the official client %s in, which asks at %s', async (_, path, version) => {
  const app = new App(url)
  const first = version.transport(new URL(url), app)
  await expect(version.client().connect(first)).rejects.toThrow('Unauthorized')
  expect(app.asked?.pathname).toBe(path)
  await first.finishAuth(app.callback?.searchParams.get('code') ?? '')

  const client = version.client()
  await client.connect(version.transport(new URL(url), app))
  expect(await client.callTool({ name: 'greet', arguments: { name: 'Ada' } })).toMatchObject({
    content: [{ type: 'text', text: 'Hello, Ada!' }],
  })
  await client.close()
})
