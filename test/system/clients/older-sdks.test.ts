import { Client as Client11 } from 'mcp-sdk-1-11/client/index.js'
import { StreamableHTTPClientTransport as Transport11 } from 'mcp-sdk-1-11/client/streamableHttp.js'
import { Client as Client17 } from 'mcp-sdk-1-17/client/index.js'
import { StreamableHTTPClientTransport as Transport17 } from 'mcp-sdk-1-17/client/streamableHttp.js'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Browser } from '../../../scripts/browser.ts'
import { authorize } from '../../../scripts/browser-flows.ts'
import { PERSON, type Site, startSite } from '../support.ts'

/**
 * Old versions of the official client that apps still ship. Each version discovers in a different
 * way. The interfaces below are what the versions have in common.
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

/** State of an app that uses these versions. A script approves as its user. */
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
  /** URL of the hosted server that the user entered. */
  readonly #server: string
  /** Authorization request that the app opened, and the callback that followed. */
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
    '1.11.5 of revision 2025-03-26', // strips the path and sends no resource
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

it.each(VERSIONS)('official client %s authorizes at %s and calls a tool', async (_, path, version) => {
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
