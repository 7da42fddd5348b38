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

/** Clients of the official SDKs without a user, with credentials from a member. */
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

interface CreatedClient {
  clientId: string
  secret: string
}

/** Creates a client and gives it access to the server, as an admin does. */
async function createClient(settings: Record<string, unknown> = {}): Promise<CreatedClient> {
  const asked = { name: 'Nightly', grantTypes: ['client_credentials'], ...settings }
  const client = (await site.management.call('POST', '/api/tenants/demo/clients', asked)) as CreatedClient
  await site.management.call('PUT', `${SERVER}/machine-grants/${client.clientId}`, { scopes: ['mcp:read', 'mcp:write'] })
  return client
}

/** Creates a client that authenticates with a key. Returns the private key. */
async function createClientWithKey() {
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true })
  const { clientId } = await createClient({ tokenEndpointAuthMethod: 'private_key_jwt', jwks: { keys: [await exportJWK(publicKey)] } })
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
  ['at 2026-07-28', true],
  ['with a session', false],
])('official client 2.x %s authorizes by secret, by private key and by access key', async (_, pin) => {
  const { clientId, secret: clientSecret } = await createClient()
  expect(await greetModern(new ClientCredentialsProvider({ clientId, clientSecret, expectedIssuer: issuer }), pin)).toMatchObject(GREETED)
  const signer = await createClientWithKey()
  const signing = new PrivateKeyJwtProvider({ ...signer, algorithm: 'ES256', expectedIssuer: issuer })
  expect(await greetModern(signing, pin)).toMatchObject(GREETED)
  const { key } = (await site.management.call('POST', `${SERVER}/access-keys`, { name: 'Static', scopes: ['mcp:write'] })) as {
    key: string
  }
  expect(await greetModern(undefined, pin, { Authorization: `Bearer ${key}` })).toMatchObject(GREETED)
})

it('official client 1.x authorizes by secret and by private key', async () => {
  const { clientId, secret: clientSecret } = await createClient()
  const signer = await createClientWithKey()
  for (const authProvider of [
    new ClientCredentialsProviderV1({ clientId, clientSecret, expectedIssuer: issuer }),
    new PrivateKeyJwtProviderV1({ ...signer, algorithm: 'ES256', expectedIssuer: issuer }),
  ]) {
    const client = new ClientV1({ name: 'machine', version: '1.0.0' })
    // with exactOptionalPropertyTypes, the transport does not fit the type of its package
    await client.connect(new TransportV1(new URL(url), { authProvider }) as Parameters<typeof client.connect>[0])
    expect(await client.callTool(GREET)).toMatchObject(GREETED)
    await client.close()
  }
})

it('official client requests another token when its token was revoked', async () => {
  const { clientId, secret: clientSecret } = await createClient()
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

it('official client gets an error with the reason when it has no access to the server', async () => {
  const client = (await site.management.call('POST', '/api/tenants/demo/clients', {
    name: 'Stranger',
    grantTypes: ['client_credentials'],
  })) as CreatedClient
  const provider = new ClientCredentialsProvider({ clientId: client.clientId, clientSecret: client.secret, expectedIssuer: issuer })
  await expect(greetModern(provider, true)).rejects.toThrow('has granted this client no scopes')
})
