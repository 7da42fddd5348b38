import { randomUUID } from 'node:crypto'
import type { Readable } from 'node:stream'
import { type AddClientAuthentication, Client, createPrivateKeyJwtAuth } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js'
import { Client as OldClient } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as OldTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { exportJWK, generateKeyPair } from 'jose'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { connect, ScriptedProvider } from '../../../scripts/scripted-client.ts'
import { type LoopbackHosts, startLoopbackHosts } from '../../support/loopback-hosts.ts'
import { freePort, PERSON, type Site, startSite } from '../support.ts'
import { approveFrom, connectMcpc, type Home, makeHome, packageFile, run } from './program.ts'

/** Clients identified by the URL of a Client ID Metadata Document, without registration. */
let hosts: LoopbackHosts
let site: Site
let url: string
let home: Home
beforeAll(async () => {
  hosts = await startLoopbackHosts()
  site = await startSite({ DEV_ORIGINS: JSON.stringify(hosts.origins) })
  url = await site.deployed('hello')
})
afterAll(async () => {
  await site?.stop()
  await hosts?.stop()
})
beforeEach(async () => {
  home = await makeHome()
  return () => home.remove()
})

async function publish(redirectUri: string, rest: Record<string, unknown> = {}): Promise<string> {
  const documentUrl = `https://documents.example/put/${randomUUID()}/client.json`
  await put(documentUrl, {
    client_id: documentUrl,
    client_name: 'Documented client',
    redirect_uris: [redirectUri],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
    ...rest,
  })
  return documentUrl
}

async function put(documentUrl: string, body: unknown): Promise<void> {
  const { origin, pathname } = new URL(documentUrl)
  const answer = await fetch(`${hosts.origins[origin]}${pathname}`, { method: 'PUT', body: JSON.stringify(body) })
  expect(answer.status).toBe(204)
}

class DocumentedProvider extends ScriptedProvider {
  readonly clientMetadataUrl: string
  addClientAuthentication?: AddClientAuthentication
  constructor(clientMetadataUrl: string) {
    super(PERSON)
    this.clientMetadataUrl = clientMetadataUrl
  }
}

it.each([
  ['at 2026-07-28', { pin: '2026-07-28' }],
  ['with a session', 'legacy'],
] as const)('official client 2.x %s authorizes by its document', async (_, mode) => {
  const documentUrl = await publish('http://127.0.0.1/callback')
  const provider = new DocumentedProvider(documentUrl)
  const client = await connect(url, provider, mode)
  expect(provider.stored.client?.client_id).toBe(documentUrl)
  expect((await client.callTool({ name: 'greet', arguments: { name: 'Ada' } })).content).toEqual([{ type: 'text', text: 'Hello, Ada!' }])
  await client.close()
})

it.each([['in its document'], ['at a URL of its own']])('official client 2.x authorizes by its document and a key %s', async (where) => {
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true })
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'one', alg: 'ES256', use: 'sig' }] }
  const keysUrl = `https://keys.example/put/${randomUUID()}/keys.json`
  await put(keysUrl, jwks)
  const keys = where === 'in its document' ? { jwks } : { jwks_uri: keysUrl }
  const documentUrl = await publish('http://127.0.0.1/callback', { token_endpoint_auth_method: 'private_key_jwt', ...keys })
  const provider = new DocumentedProvider(documentUrl)
  const credentials = { issuer: documentUrl, subject: documentUrl, alg: 'ES256' }
  provider.addClientAuthentication = createPrivateKeyJwtAuth({ ...credentials, privateKey: { ...(await exportJWK(privateKey)) } })
  const client = await connect(url, provider, 'auto')
  expect((await client.callTool({ name: 'greet', arguments: { name: 'Ada' } })).content).toEqual([{ type: 'text', text: 'Hello, Ada!' }])
  await client.close()

  const impostor = new DocumentedProvider(documentUrl)
  await expect(connect(url, impostor, 'auto')).rejects.toThrow()
  expect(impostor.tokens()).toBeUndefined()
})

it('official client 1.x authorizes by its document', async () => {
  const documentUrl = await publish('http://127.0.0.1/callback')
  const provider = new DocumentedProvider(documentUrl)
  const authProvider = provider as unknown as NonNullable<ConstructorParameters<typeof OldTransport>[1]>['authProvider'] & object
  const first = new OldTransport(new URL(url), { authProvider })
  await expect(new OldClient({ name: 'old', version: '1.0.0' }).connect(first)).rejects.toBeInstanceOf(UnauthorizedError)
  await first.finishAuth(provider.callback?.searchParams.get('code') ?? '')
  const client = new OldClient({ name: 'old', version: '1.0.0' })
  await client.connect(new OldTransport(new URL(url), { authProvider }))
  expect(provider.stored.client?.client_id).toBe(documentUrl)
  expect((await client.callTool({ name: 'greet', arguments: { name: 'Ada' } })).content).toEqual([{ type: 'text', text: 'Hello, Ada!' }])
  await client.close()
})

it('mcp-remote authorizes by its document', async () => {
  const port = await freePort()
  const documentUrl = await publish(`http://localhost:${port}/oauth/callback`)
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [packageFile('mcp-remote/dist/proxy.js'), url, String(port), '--client-metadata-url', documentUrl],
    env: home.env,
    stderr: 'pipe',
  })
  const terminal = approveFrom(transport.stderr as Readable, site.platform.origin)
  const client = new Client({ name: 'local app', version: '1.0.0' })
  await client.connect(transport).catch((error: unknown) => {
    throw new Error(terminal.text(), { cause: error })
  })
  expect(terminal.approved().map((asked) => asked.searchParams.get('client_id'))).toEqual([documentUrl])
  expect((await client.callTool({ name: 'greet', arguments: { name: 'Ada' } })).content).toEqual([{ type: 'text', text: 'Hello, Ada!' }])
  await client.close()
})

it('mcpc authorizes by its document', async () => {
  const documentUrl = await publish('http://localhost/callback')
  const mcpc = (...args: string[]) => run(packageFile('@apify/mcpc/bin/mcpc'), ['--json', ...args], home, site.platform.origin)
  const login = await mcpc('login', url, '--client-metadata-url', documentUrl)
  expect([login.code, login.stderr]).toEqual([0, expect.stringContaining('[the browser: 200')])
  expect(login.approved.map((asked) => asked.searchParams.get('client_id'))).toEqual([documentUrl])
  try {
    expect(await connectMcpc(() => mcpc('connect', url, '@documented'))).toMatchObject({ code: 0 })
    const called = await mcpc('@documented', 'tools-call', 'greet', 'name:=Ada')
    expect([called.code, called.stdout]).toEqual([0, expect.stringContaining('Hello, Ada!')])
  } finally {
    await mcpc('@documented', 'close')
  }
})

it('MCP Inspector command line authorizes by its document', async () => {
  const documentUrl = await publish('http://127.0.0.1/oauth/callback')
  const called = await run(
    packageFile('@modelcontextprotocol/inspector/clients/launcher/build/index.js'),
    ['--cli', url, '--client-metadata-url', documentUrl, '--method', 'tools/call', '--tool-name', 'greet', '--tool-arg', 'name=Ada'],
    home,
    site.platform.origin,
  )
  expect([called.code, called.stdout, called.stderr]).toEqual([
    0,
    expect.stringContaining('Hello, Ada!'),
    expect.stringContaining('[the browser: 200'),
  ])
  expect(called.approved.map((asked) => asked.searchParams.get('client_id'))).toEqual([documentUrl])
})

/** The rows use two hosts, because each host is fetched at most ten times a minute. */
it.each([
  ['redirects', 'other-documents.example', 'redirect/302/client.json', 'redirect'],
  ['never answers', 'other-documents.example', 'stall/client.json', '5 s', true],
  ['never ends', 'other-documents.example', 'endless/client.json', '5120 bytes', true],
  ['sends a byte a second', 'other-documents.example', 'drip/client.json', '5 s', true],
  ['sends 10 MB', 'other-documents.example', 'large/10485760/client.json', '5120 bytes', true],
  ['sends 10 MB compressed', 'other-documents.example', 'bomb/client.json', '5120 bytes'],
  ['sends a Content-Length that is too small', 'keys.example', 'short-length/client.json', 'JSON'],
  ['sends a Content-Length that is too large', 'keys.example', 'long-length/client.json', 'cannot be used'],
  ['answers with another client_id', 'keys.example', 'other-id/client.json', 'client_id in the document does not match the URL'],
  ['answers HTML', 'keys.example', 'type/text%2Fhtml/client.json', 'Content-Type must be application/json'],
  ['answers half a document', 'keys.example', 'broken/client.json', 'JSON'],
  ['answers 404', 'keys.example', 'status/404/client.json', '404'],
])(
  'authorization endpoint shows an error page within its limits when a document host %s',
  async (_, host, path, reason, breaksOff = false) => {
    const query = new URLSearchParams({
      response_type: 'code',
      client_id: `https://${host}/${path}`,
      redirect_uri: 'https://app.example/callback',
      code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
      code_challenge_method: 'S256',
    })
    const page = await fetch(`${site.platform.origin}/demo/hello/authorize?${query}`, { redirect: 'manual' })
    expect([page.status, page.headers.get('content-type')]).toEqual([400, expect.stringContaining('text/html')])
    const text = (await page.text()).replaceAll(/<style[\s\S]*?<\/style>|<[^>]*>|\s+/g, ' ')
    expect(text).toContain(reason)
    if (breaksOff) expect(await (await fetch(`${hosts.origins[`https://${host}`]}/hung-up/${path}`)).json()).toBe(true)
    expect((await fetch(`${site.platform.origin}/healthz`)).status).toBe(200)
  },
)
