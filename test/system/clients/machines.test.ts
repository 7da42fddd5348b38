import {
  Client,
  ClientCredentialsProvider,
  PrivateKeyJwtProvider,
  StreamableHTTPClientTransport,
  type OAuthClientProvider,
} from '@modelcontextprotocol/client'
import {
  ClientCredentialsProvider as ClientCredentialsProviderV1,
  PrivateKeyJwtProvider as PrivateKeyJwtProviderV1,
} from '@modelcontextprotocol/sdk/client/auth-extensions.js'
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { exportJWK, exportPKCS8, generateKeyPair } from 'jose'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Site, startSite } from '../support.ts'

/** Clients without a person, by the official SDKs' own code: from nothing but a URL and what a member handed on, to a tool call. */
let site: Site
let url: string
let issuer: string
beforeAll(async () => {
  site = await startSite()
  url = await site.deployed('hello')
  issuer = url.slice(0, -'/mcp'.length)
})
afterAll(() => site?.stop())

const GREET = { name: 'greet', arguments: { name: 'Ada' } }
const GREETED = { content: [{ type: 'text', text: 'Hello, Ada!' }] }
const SERVER = '/api/tenants/demo/servers/hello'

interface Made {
  clientId: string
  secret: string
}

/** A client made by hand and let in at the server, as an admin does it. */
async function made(settings: Record<string, unknown> = {}): Promise<Made> {
  const asked = { name: 'Nightly', grantTypes: ['client_credentials'], ...settings }
  const client = (await site.management.call('POST', '/api/tenants/demo/clients', asked)) as Made
  await site.management.call('PUT', `${SERVER}/machine-grants/${client.clientId}`, { scopes: ['mcp:read', 'mcp:write'] })
  return client
}

/** With the private key's two forms that the SDKs take. */
async function madeWithKey() {
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true })
  const { clientId } = await made({ tokenEndpointAuthMethod: 'private_key_jwt', jwks: { keys: [await exportJWK(publicKey)] } })
  return { clientId, privateKey: await exportPKCS8(privateKey) }
}

async function greetModern(authProvider: OAuthClientProvider | undefined, pin: boolean, headers: Record<string, string> = {}) {
  const client = new Client({ name: 'machine', version: '1.0.0' }, { versionNegotiation: { mode: pin ? { pin: '2026-07-28' } : 'legacy' } })
  await client.connect(
    new StreamableHTTPClientTransport(new URL(url), { ...(authProvider ? { authProvider } : {}), requestInit: { headers } }),
  )
  const greeted = await client.callTool(GREET)
  await client.close()
  return greeted
}

it.each([
  ['of 2026-07-28', true],
  ['with a session', false],
])('lets the official client 2.x in by its secret, by its key and by an access key, %s', async (_, pin) => {
  const { clientId, secret: clientSecret } = await made()
  expect(await greetModern(new ClientCredentialsProvider({ clientId, clientSecret, expectedIssuer: issuer }), pin)).toMatchObject(GREETED)
  const signer = await madeWithKey()
  const signing = new PrivateKeyJwtProvider({ ...signer, algorithm: 'ES256', expectedIssuer: issuer })
  expect(await greetModern(signing, pin)).toMatchObject(GREETED)
  const { key } = (await site.management.call('POST', `${SERVER}/access-keys`, { name: 'Static', scopes: ['mcp:write'] })) as {
    key: string
  }
  expect(await greetModern(undefined, pin, { Authorization: `Bearer ${key}` })).toMatchObject(GREETED)
})

it('lets the official client 1.x in by its secret and by its key', async () => {
  const { clientId, secret: clientSecret } = await made()
  const signer = await madeWithKey()
  for (const authProvider of [
    new ClientCredentialsProviderV1({ clientId, clientSecret, expectedIssuer: issuer }),
    new PrivateKeyJwtProviderV1({ ...signer, algorithm: 'ES256', expectedIssuer: issuer }),
  ]) {
    const client = new ClientV1({ name: 'machine', version: '1.0.0' })
    // the package's own transport is not its own Transport type under exactOptionalPropertyTypes
    await client.connect(new TransportV1(new URL(url), { authProvider }) as Parameters<typeof client.connect>[0])
    expect(await client.callTool(GREET)).toMatchObject(GREETED)
    await client.close()
  }
})

it('has the official client ask for another token by itself when the one it has was ended', async () => {
  const { clientId, secret: clientSecret } = await made()
  const provider = new ClientCredentialsProvider({ clientId, clientSecret, expectedIssuer: issuer })
  const client = new Client({ name: 'machine', version: '1.0.0' }, { versionNegotiation: { mode: { pin: '2026-07-28' } } })
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { authProvider: provider }))
  const token = provider.tokens()?.access_token ?? ''
  const body = new URLSearchParams({ token, client_id: clientId, client_secret: clientSecret })
  expect((await fetch(`${issuer}/revoke`, { method: 'POST', body })).status).toBe(200)
  expect(await client.callTool(GREET)).toMatchObject(GREETED)
  expect(provider.tokens()?.access_token).not.toBe(token)
  await client.close()
})

it('tells the official client why it is not let in', async () => {
  const client = (await site.management.call('POST', '/api/tenants/demo/clients', {
    name: 'Stranger',
    grantTypes: ['client_credentials'],
  })) as Made
  const provider = new ClientCredentialsProvider({ clientId: client.clientId, clientSecret: client.secret, expectedIssuer: issuer })
  await expect(greetModern(provider, true)).rejects.toThrow('has not let this client act for itself')
})
