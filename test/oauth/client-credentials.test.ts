import { eq } from 'drizzle-orm'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import { newId, randomToken } from '../../protocol/random.ts'
import { clientApprovals, clients } from '../../store/schema/clients.ts'
import { machineGrants, machineTokens } from '../../store/schema/machines.ts'
import { auditEvents } from '../../store/schema/tenants.ts'
import { openSession } from '../support/legacy.ts'
import { callModern, eventsOf } from '../support/modern.ts'
import {
  requestMachineToken,
  authorizePath,
  createClient,
  createMachine,
  grantMachine,
  machineToken,
  postForm,
  REDIRECT_URI,
  signedIn,
  untilLimited,
  type TestClient,
  type Tokens,
} from '../support/oauth.ts'
import { createServer, createTenant, fetchPlatform, store, type TestServer } from '../support/platform.ts'
import { call, serverWithTools } from '../support/server-with-tools.ts'

const basic = ({ clientId, secret }: TestClient) => ({
  Authorization: `Basic ${btoa(`${encodeURIComponent(clientId)}:${encodeURIComponent(secret ?? '')}`)}`,
})

/** Returns a caller of the management API of the server, signed in as the owner. */
async function administrator(server: TestServer) {
  const browser = await signedIn(server.tenant.owner)
  const base = `/api/tenants/${server.tenant.slug}/servers/${server.slug}`
  return (method: string, path: string, body?: unknown) =>
    browser.get(`${base}${path}`, {
      method,
      headers: { Origin: 'http://localhost:8787', 'Content-Type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
}

async function expectRefusal(response: Response, status: number, error: string): Promise<void> {
  expect([response.status, response.headers.get('Cache-Control')]).toEqual([status, 'no-store'])
  expect(await response.json()).toMatchObject({ error, error_description: expect.any(String) })
}

describe('client made by a tenant', () => {
  it('gets a token of one hour for its granted scopes and no refresh token', async () => {
    const server = await serverWithTools()
    const client = await createMachine(server, { scopes: ['mcp:read', 'mcp:write'] })
    const response = await requestMachineToken(server, client, { resource: server.urls.resource })
    expect([response.status, response.headers.get('Cache-Control')]).toEqual([200, 'no-store'])
    const answer = await response.json<Tokens>()
    expect(answer).toEqual({
      access_token: expect.stringMatching(/^wharf_machine_[\w-]{43}$/),
      token_type: 'bearer',
      expires_in: 3600,
      scope: 'mcp:read mcp:write',
    })
    const looked = await (await call(server, answer.access_token)).json<{ result: { content: { text: string }[] } }>()
    expect(JSON.parse(looked.result.content[0]?.text ?? '')).toMatchObject({ client: client.clientId, scopes: ['mcp:read', 'mcp:write'] })
    expect((await call(server, answer.access_token, 'change')).status).toBe(200)
    const rows = await store.select().from(machineTokens).where(eq(machineTokens.serverId, server.id))
    expect(JSON.stringify(rows)).not.toContain(answer.access_token)
  })

  it('authenticates with its secret in the Basic header or in the body', async () => {
    const server = await serverWithTools()
    for (const tokenEndpointAuthMethod of ['client_secret_basic', 'client_secret_post']) {
      const client = await createMachine(server, { scopes: ['mcp:read'], tokenEndpointAuthMethod })
      expect((await requestMachineToken(server, client)).status).toBe(200)
      expect((await postForm(server, 'token', { grant_type: 'client_credentials' }, basic(client))).status).toBe(200)
      await expectRefusal(await requestMachineToken(server, { ...client, secret: 'x' }), 401, 'invalid_client')
      await expectRefusal(await requestMachineToken(server, { ...client, secret: undefined }), 401, 'invalid_client')
      const wrong = await postForm(server, 'token', { grant_type: 'client_credentials' }, basic({ ...client, secret: 'x' }))
      expect(wrong.headers.get('WWW-Authenticate')).toBe('Basic realm="OAuth client"')
      await expectRefusal(wrong, 401, 'invalid_client')
    }
  })

  it('authenticates with private_key_jwt and uses each assertion once', async () => {
    const server = await serverWithTools()
    const { publicKey, privateKey } = await generateKeyPair('ES256')
    const client = await createMachine(server, {
      scopes: ['mcp:read'],
      tokenEndpointAuthMethod: 'private_key_jwt',
      secretHash: null,
      keys: { jwks: { keys: [await exportJWK(publicKey)] } },
    })
    const sign = (aud: string, by = privateKey) => {
      const now = Math.floor(Date.now() / 1000)
      return new SignJWT({ iss: client.clientId, sub: client.clientId, aud, jti: randomToken(8), iat: now, exp: now + 60 })
        .setProtectedHeader({ alg: 'ES256' })
        .sign(by)
    }
    const ask = (assertion: string) =>
      postForm(server, 'token', {
        grant_type: 'client_credentials',
        client_assertion: assertion,
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      })
    const assertion = await sign(server.urls.issuer)
    expect((await ask(assertion)).status).toBe(200)
    await expectRefusal(await ask(assertion), 401, 'invalid_client')
    await expectRefusal(await ask(await sign('https://other.example')), 401, 'invalid_client')
    await expectRefusal(await ask(await sign(server.urls.issuer, (await generateKeyPair('ES256')).privateKey)), 401, 'invalid_client')
    await expectRefusal(await requestMachineToken(server, { ...client, secret: 'x' }), 401, 'invalid_client')
    const tenAtOnce = await sign(server.urls.tokenEndpoint)
    const statuses = await Promise.all(Array.from({ length: 10 }, async () => (await ask(tenAtOnce)).status))
    expect(statuses.toSorted()).toEqual([200, ...Array.from({ length: 9 }, () => 401)])
  })

  it.each([
    ['requests an unknown scope', { scope: 'mcp:admin' }, 'invalid_scope'],
    ['requests a scope that it was not granted', { scope: 'mcp:write' }, 'invalid_scope'],
    ['requests only offline_access', { scope: 'offline_access' }, 'invalid_scope'],
    ['names another resource', { resource: 'https://other.example/mcp' }, 'invalid_target'],
    ['names two resources', { resource: ['a', 'b'] }, 'invalid_target'],
    ['sends no grant_type', { grant_type: undefined }, 'invalid_request'],
    ['uses the password grant', { grant_type: 'password', username: 'a', password: 'b' }, 'unsupported_grant_type'],
    ['uses a grant type that it is not registered for', { grant_type: 'refresh_token', refresh_token: 'x' }, 'unauthorized_client'],
  ])('is refused when it %s', async (_, change, error) => {
    const server = await createServer()
    const client = await createMachine(server, { scopes: ['mcp:read'] })
    await expectRefusal(await requestMachineToken(server, client, change), 400, error)
    expect((await requestMachineToken(server, client)).status).toBe(200)
  })

  it('is refused when it has no machine grant, no authentication or no client_credentials grant type', async () => {
    const server = await createServer()
    await expectRefusal(await requestMachineToken(server, await createMachine(server)), 400, 'unauthorized_client')
    await expectRefusal(await requestMachineToken(server, await createMachine(server, { scopes: [] })), 400, 'unauthorized_client')
    const unauthenticated = await createMachine(server, { scopes: ['mcp:read'], tokenEndpointAuthMethod: 'none', secretHash: null })
    await expectRefusal(await requestMachineToken(server, { ...unauthenticated, secret: undefined }), 400, 'unauthorized_client')
    const forPeople = await createMachine(server, { scopes: ['mcp:read'], grantTypes: ['authorization_code'] })
    await expectRefusal(await requestMachineToken(server, forPeople), 400, 'unauthorized_client')
  })

  it('gets those requested scopes that it was granted', async () => {
    const server = await serverWithTools()
    const wide = await createMachine(server, { scopes: ['mcp:read', 'mcp:write'] })
    const narrow = await machineToken(server, wide, { scope: 'mcp:read' })
    const refused = await call(server, narrow, 'change')
    expect(refused.status).toBe(403)
    expect(refused.headers.get('WWW-Authenticate')).toContain('error="insufficient_scope"')
    const modest = await createMachine(server, { scopes: ['mcp:read'] })
    const answer = await requestMachineToken(server, modest, { scope: 'mcp:read mcp:write offline_access' })
    expect(await answer.json()).toMatchObject({ scope: 'mcp:read' })
  })

  it('lists and calls only the tools of its grant', async () => {
    const server = await serverWithTools()
    const token = await machineToken(server, await createMachine(server, { scopes: ['mcp:read', 'mcp:write'], tools: ['change'] }))
    const { result } = await (await callModern(server, { token, method: 'tools/list' })).json<{ result: { tools: { name: string }[] } }>()
    expect(result.tools.map(({ name }) => name)).toEqual(['change'])
    expect(await (await call(server, token, 'look')).json()).toMatchObject({ error: { message: 'Unknown tool: look' } })
  })

  it('can be granted access to each server of its tenant and is unknown to other tenants', async () => {
    const tenant = await createTenant()
    const [here, there] = [await serverWithTools({}, tenant), await serverWithTools({}, tenant)]
    const foreign = await createServer()
    const client = await createMachine(here, { scopes: ['mcp:read'] })
    const token = await machineToken(here, client)
    expect((await call(there, token)).status).toBe(401)
    await expectRefusal(await requestMachineToken(there, client), 400, 'unauthorized_client')
    await grantMachine(there, client, ['mcp:read'])
    expect((await call(there, await machineToken(there, client))).status).toBe(200)
    await expectRefusal(await requestMachineToken(foreign, client), 401, 'invalid_client')
  })

  it('needs no approval at a server that requires approval, but can be refused', async () => {
    const server = await serverWithTools({ clients: 'approved' })
    const client = await createMachine(server, { scopes: ['mcp:read'] })
    const token = await machineToken(server, client)
    expect((await call(server, token)).status).toBe(200)
    const admin = await administrator(server)
    expect((await admin('POST', '/client-approvals', { clientId: client.clientId, state: 'refused' })).status).toBe(200)
    expect((await call(server, token)).status).toBe(401)
    await expectRefusal(await requestMachineToken(server, client), 400, 'unauthorized_client')
    expect((await admin('POST', '/client-approvals', { clientId: client.clientId, state: 'undecided' })).status).toBe(200)
    expect((await requestMachineToken(server, client)).status).toBe(200)
  })

  it('can also use authorization codes when it has redirect URIs', async () => {
    const server = await createServer({ settings: { clients: 'approved' } })
    const both = { grantTypes: ['authorization_code', 'client_credentials'], responseTypes: ['code'], redirectUris: [REDIRECT_URI] }
    const client = await createMachine(server, { scopes: ['mcp:read'], ...both })
    expect((await requestMachineToken(server, client)).status).toBe(200)
    const browser = await signedIn(server.tenant.owner)
    expect((await browser.get(authorizePath(server, client))).status).toBe(200)
  })

  it('loses its oldest token when its grant has more than a hundred', async () => {
    const server = await serverWithTools()
    const client = await createMachine(server, { scopes: ['mcp:read'] })
    const first = await machineToken(server, client)
    const [grant] = await store.select().from(machineGrants).where(eq(machineGrants.serverId, server.id))
    const [made] = await store.select().from(machineTokens).where(eq(machineTokens.serverId, server.id))
    if (!grant || !made) throw new Error('no token was kept')
    // a D1 statement binds at most a hundred values
    const others = Array.from({ length: 100 }, (_, index) => ({ ...made, hash: `other-${index}`, createdAt: new Date(Date.now() + 1000) }))
    for (let from = 0; from < others.length; from += 10) await store.insert(machineTokens).values(others.slice(from, from + 10))
    await requestMachineToken(server, client)
    const left = await store.select().from(machineTokens).where(eq(machineTokens.grantId, grant.id))
    expect(left).toHaveLength(100)
    expect((await call(server, first)).status).toBe(401)
  })

  it('can still use its secret after repeated wrong secrets were answered 429', async () => {
    const server = await createServer()
    const client = await createMachine(server, { scopes: ['mcp:read'] })
    const { before, limited } = await untilLimited(() => requestMachineToken(server, { ...client, secret: 'guess' }))
    expect(before).toEqual([401])
    expect(Number(limited.headers.get('Retry-After'))).toBeGreaterThan(0)
    expect((await requestMachineToken(server, client)).status).toBe(200)
  })
})

describe('machine token', () => {
  const opened = async () => {
    const server = await serverWithTools()
    const client = await createMachine(server, { scopes: ['mcp:read', 'mcp:write'] })
    const token = await machineToken(server, client)
    expect((await call(server, token)).status).toBe(200)
    return { server, client, token }
  }

  it.each([
    ['its grant is deleted', (clientId: string) => ['DELETE', `/machine-grants/${clientId}`, undefined] as const],
    ['its grant is reduced to no scopes', (clientId: string) => ['PUT', `/machine-grants/${clientId}`, { scopes: [] }] as const],
  ])('is refused and its streams closed at once when %s', async (_, change) => {
    const { server, client, token } = await opened()
    const stream = await callModern(server, {
      token,
      method: 'subscriptions/listen',
      params: { notifications: { toolsListChanged: true } },
    })
    const events = eventsOf(stream)
    await events.next()
    const session = await openSession(server, { token })
    const admin = await administrator(server)
    const [method, path, body] = change(client.clientId)
    expect((await admin(method, path, body)).status).toBeLessThan(300)
    expect((await events.next()).value?.message).toHaveProperty('result')
    expect((await events.next()).done).toBe(true)
    expect((await call(server, token)).status).toBe(401)
    expect((await session.request(1, 'ping')).status).toBe(401)
    await expectRefusal(await requestMachineToken(server, client), 400, 'unauthorized_client')
  })

  it('loses scopes and tools at once when its grant is narrowed', async () => {
    const { server, client, token } = await opened()
    const admin = await administrator(server)
    const put = await admin('PUT', `/machine-grants/${client.clientId}`, { scopes: ['mcp:read'], tools: ['look'] })
    expect(await put.json()).toMatchObject({ items: [{ clientId: client.clientId, scopes: ['mcp:read'], tools: ['look'] }] })
    expect((await call(server, token)).status).toBe(200)
    expect(await (await call(server, token, 'change')).json()).toMatchObject({ error: { message: 'Unknown tool: change' } })
  })

  it('is revoked without other tokens, and only when its own client requests the revocation', async () => {
    const { server, client, token } = await opened()
    const another = await machineToken(server, client)
    const other = await createMachine(server, { scopes: ['mcp:read'] })
    const revoke = ({ clientId, secret }: TestClient) => postForm(server, 'revoke', { client_id: clientId, client_secret: secret, token })
    expect((await revoke(other)).status).toBe(200)
    expect((await call(server, token)).status).toBe(200)
    expect((await revoke(client)).status).toBe(200)
    expect((await call(server, token)).status).toBe(401)
    expect((await call(server, another)).status).toBe(200)
  })

  it('is refused when its client is deleted', async () => {
    const { server, client, token } = await opened()
    const browser = await signedIn(server.tenant.owner)
    const gone = await browser.get(`/api/tenants/${server.tenant.slug}/clients/${client.clientId}`, {
      method: 'DELETE',
      headers: { Origin: 'http://localhost:8787' },
    })
    expect(gone.status).toBe(204)
    expect((await call(server, token)).status).toBe(401)
    await expectRefusal(await requestMachineToken(server, client), 401, 'invalid_client')
  })

  it('is not valid when it is issued while its grant is deleted', async () => {
    const server = await serverWithTools()
    const admin = await administrator(server)
    for (let round = 0; round < 3; round++) {
      const client = await createMachine(server, { scopes: ['mcp:read'] })
      const asking = Array.from({ length: 4 }, () => requestMachineToken(server, client))
      const ended = await admin('DELETE', `/machine-grants/${client.clientId}`)
      expect(ended.status).toBe(204)
      for (const response of await Promise.all(asking)) {
        if (response.status === 200) expect((await call(server, (await response.json<Tokens>()).access_token)).status).toBe(401)
        else await expectRefusal(response, 400, 'unauthorized_client')
      }
      expect(await store.select().from(machineTokens).where(eq(machineTokens.serverId, server.id))).toEqual([])
    }
  })
})

describe('dynamically registered machine client', () => {
  const MACHINE = { client_name: 'Nightly', grant_types: ['client_credentials'] }
  const register = (server: TestServer, metadata: Record<string, unknown>) =>
    fetchPlatform(`/${server.tenant.slug}/${server.slug}/register`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(metadata),
    })
  const registered = async (server: TestServer, metadata: Record<string, unknown> = MACHINE) => {
    const response = await register(server, metadata)
    expect(response.status).toBe(201)
    const { client_id, client_secret } = await response.json<{ client_id: string; client_secret: string }>()
    return { clientId: client_id, secret: client_secret }
  }

  it('gets the scopes that the machine policy of the server allows', async () => {
    const server = await serverWithTools({ machineScopes: ['mcp:read'] })
    const response = await register(server, MACHINE)
    expect(response.status).toBe(201)
    const answer = await response.json<{ client_id: string; client_secret: string }>()
    expect(answer).toMatchObject({
      client_secret: expect.any(String),
      grant_types: ['client_credentials'],
      response_types: [],
      redirect_uris: [],
      token_endpoint_auth_method: 'client_secret_basic',
    })
    const client = { clientId: answer.client_id, secret: answer.client_secret }
    const given = await requestMachineToken(server, client, { scope: 'mcp:read mcp:write' })
    const { access_token, scope } = await given.json<Tokens>()
    expect(scope).toBe('mcp:read')
    expect((await call(server, access_token)).status).toBe(200)
    await machineToken(server, client)
    const admin = await administrator(server)
    expect(await (await admin('GET', '/machine-grants')).json()).toMatchObject({
      items: [{ clientId: client.clientId, clientName: 'Nightly', madeBy: 'registration', scopes: ['mcp:read'], createdBy: null }],
    })
  })

  it('is refused at registration without a machine policy or without authentication', async () => {
    const [closed, open] = [await createServer(), await createServer({ settings: { machineScopes: ['mcp:read'] } })]
    await expectRefusal(await register(closed, MACHINE), 400, 'invalid_client_metadata')
    await expectRefusal(await register(open, { ...MACHINE, token_endpoint_auth_method: 'none' }), 400, 'invalid_client_metadata')
    await expectRefusal(await register(open, { ...MACHINE, response_types: ['token'] }), 400, 'invalid_client_metadata')
  })

  it('keeps authorization_code but loses client_credentials when it is not allowed (RFC 7591 §3.2.1)', async () => {
    const [closed, open] = [await createServer(), await createServer({ settings: { machineScopes: ['mcp:read'] } })]
    const both = { grant_types: ['authorization_code', 'client_credentials'], redirect_uris: [REDIRECT_URI] }
    for (const [server, change, granted] of [
      [closed, {}, ['authorization_code']],
      [open, { token_endpoint_auth_method: 'none' }, ['authorization_code']],
      [open, {}, ['authorization_code', 'client_credentials']],
    ] as const) {
      expect(await (await register(server, { ...both, ...change })).json()).toMatchObject({ grant_types: granted })
    }
  })

  it('loses access when the policy is withdrawn or a member sets its grant to no scopes', async () => {
    const server = await serverWithTools({ machineScopes: ['mcp:read'] })
    const admin = await administrator(server)
    const client = await registered(server)
    const token = await machineToken(server, client)
    expect((await call(server, token)).status).toBe(200)

    expect((await admin('DELETE', `/machine-grants/${client.clientId}`)).status).toBe(204)
    expect((await call(server, token)).status).toBe(401)
    const again = await machineToken(server, client)
    expect((await admin('PUT', `/machine-grants/${client.clientId}`, { scopes: [] })).status).toBe(200)
    expect((await call(server, again)).status).toBe(401)
    await expectRefusal(await requestMachineToken(server, client), 400, 'unauthorized_client')

    const other = await registered(server)
    const others = await machineToken(server, other)
    expect((await call(server, others)).status).toBe(200)
    expect((await admin('PATCH', '', { machineScopes: [] })).status).toBe(200)
    expect((await call(server, others)).status).toBe(401)
    await expectRefusal(await requestMachineToken(server, other), 400, 'unauthorized_client')
  })

  it('is put on the waiting list under its name when clients must be approved', async () => {
    const server = await serverWithTools({ machineScopes: ['mcp:read'], clients: 'approved' })
    const client = await registered(server)
    for (let times = 0; times < 2; times++) await expectRefusal(await requestMachineToken(server, client), 400, 'unauthorized_client')
    const admin = await administrator(server)
    expect(await (await admin('GET', '/clients')).json()).toMatchObject({
      items: [{ clientId: client.clientId, name: 'Nightly', state: 'waiting', askedBy: null, decidedBy: null }],
    })
    const decided = await admin('POST', '/client-approvals', { clientId: client.clientId, state: 'approved' })
    expect(await decided.json()).toMatchObject({ items: [{ state: 'approved', decidedBy: server.tenant.owner.id }] })
    const token = await machineToken(server, client)
    expect((await call(server, token)).status).toBe(200)
    await admin('POST', '/client-approvals', { clientId: client.clientId, state: 'refused' })
    expect((await call(server, token)).status).toBe(401)
    await expectRefusal(await requestMachineToken(server, client), 400, 'unauthorized_client')
  })

  it('leaves room for apps of users when the waiting list is full of machine clients', async () => {
    const server = await createServer({ settings: { machineScopes: ['mcp:read'], clients: 'approved' } })
    const waiting = Array.from({ length: 50 }, (_, index) => ({
      tenantId: server.tenant.id,
      serverId: server.id,
      clientId: `machine-${index}`,
      state: 'waiting' as const,
    }))
    for (let from = 0; from < 50; from += 10) await store.insert(clientApprovals).values(waiting.slice(from, from + 10))
    await expectRefusal(await requestMachineToken(server, await registered(server)), 400, 'unauthorized_client')
    const browser = await signedIn(server.tenant.owner)
    const app = await createClient(server)
    await browser.get(authorizePath(server, app))
    const listed = await store.select().from(clientApprovals).where(eq(clientApprovals.serverId, server.id))
    expect(listed).toHaveLength(51)
    expect(listed.filter(({ clientId }) => clientId === app.clientId)).toMatchObject([{ askedBy: server.tenant.owner.id }])
  })

  it('replaces the least recently used machine client when the server has five hundred', async () => {
    const server = await serverWithTools({ machineScopes: ['mcp:read'] })
    const first = await registered(server)
    const token = await machineToken(server, first)
    expect((await call(server, token)).status).toBe(200)
    const byMember = await registered(server)
    await grantMachine(server, { clientId: byMember.clientId, issuer: server.urls.issuer }, ['mcp:read'])
    await store
      .update(machineGrants)
      .set({ lastUsedAt: new Date(0) })
      .where(eq(machineGrants.serverId, server.id))
    const template = await store.select().from(clients).where(eq(clients.clientId, first.clientId))
    const owner = { tenantId: server.tenant.id, serverId: server.id }
    for (let from = 0; from < 500; from += 4) {
      const some = Array.from({ length: 4 }, () => ({ ...template[0]!, clientId: newId() }))
      await store.insert(clients).values(some)
      await store.insert(machineGrants).values(
        some.map(({ clientId }) => ({
          ...owner,
          id: newId(),
          clientIssuer: server.urls.issuer,
          clientId,
          scopes: [],
          lastUsedAt: new Date(),
        })),
      )
    }
    await machineToken(server, await registered(server))
    expect(await store.$count(machineGrants, eq(machineGrants.serverId, server.id))).toBe(500)
    expect((await call(server, token)).status).toBe(401)
    await expectRefusal(await requestMachineToken(server, first), 401, 'invalid_client')
    // the end of a grant created by a member is recorded in the audit log
    const ended = await store.select({ detail: auditEvents.detail }).from(auditEvents).where(eq(auditEvents.serverId, server.id))
    expect(ended).toEqual([{ detail: { clientId: byMember.clientId, because: 'too many' } }])
  })
})

it('metadata lists client_credentials and its client authentication methods', async () => {
  const server = await createServer()
  const metadata = await (await fetchPlatform(`/.well-known/oauth-authorization-server/${server.tenant.slug}/${server.slug}`)).json()
  expect(metadata).toMatchObject({
    grant_types_supported: expect.arrayContaining(['client_credentials']),
    token_endpoint_auth_methods_supported: expect.arrayContaining(['client_secret_basic', 'client_secret_post', 'private_key_jwt']),
    token_endpoint_auth_signing_alg_values_supported: expect.arrayContaining(['ES256', 'RS256']),
  })
})
