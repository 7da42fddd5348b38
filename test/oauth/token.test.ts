import { and, eq, isNotNull } from 'drizzle-orm'
import { describe, expect, it, vi } from 'vitest'
import type { AuditAction } from '../../protocol/audit.ts'
import { clientApprovals } from '../../store/schema/clients.ts'
import { grants, refreshTokens } from '../../store/schema/grants.ts'
import { hostedServers } from '../../store/schema/servers.ts'
import { auditEvents, members, tenants } from '../../store/schema/tenants.ts'
import {
  authorizationCode,
  createClient,
  exchange,
  obtainTokens,
  postForm,
  REDIRECT_URI,
  refresh,
  untilLimited,
  VERIFIER,
  type TestClient,
  type Tokens,
} from '../support/oauth.ts'
import { callModern } from '../support/modern.ts'
import { createServer, fetchPlatform, ORIGIN, store, type TestServer } from '../support/platform.ts'

async function expectRefusal(response: Response, error: string, status = 400) {
  expect([response.status, await response.json()]).toEqual([status, { error, error_description: expect.any(String) }])
  expect(response.headers.get('Cache-Control')).toBe('no-store')
  expect(response.headers.get('Content-Type')).toBe('application/json')
}

const ago = (seconds: number) => new Date(Date.now() - seconds * 1000)

async function grantsOf(server: TestServer): Promise<number> {
  return (await store.select().from(grants).where(eq(grants.serverId, server.id))).length
}

describe('authorization code', () => {
  it('yields no refresh token when the client lacks the refresh_token grant type', async () => {
    const server = await createServer()
    const client = await createClient(server, { grantTypes: ['authorization_code'] })
    const code = await authorizationCode(server, client, { change: { scope: 'mcp:read offline_access' } })
    const response = await exchange(server, client, code)
    expect(await response.json()).toEqual({
      access_token: expect.any(String),
      token_type: 'bearer',
      expires_in: 3600,
      scope: 'mcp:read',
      resource: server.urls.resource,
    })
    expect([response.headers.get('Cache-Control'), response.headers.get('Access-Control-Allow-Origin')]).toEqual(['no-store', '*'])
  })

  it('is exchanged with an explicit resource and without redirect_uri, as OAuth 2.1 allows', async () => {
    const server = await createServer()
    const client = await createClient(server)
    const code = await authorizationCode(server, client, { change: { resource: server.urls.resource } })
    expect((await exchange(server, client, code, { resource: server.urls.resource, redirect_uri: undefined })).status).toBe(200)
    // MCP requires tolerance of upper case in the scheme and host of a resource
    const upperCase = server.urls.resource.replace(ORIGIN, ORIGIN.toUpperCase())
    const again = await authorizationCode(server, client, { change: { resource: upperCase } })
    expect(await (await exchange(server, client, again, { resource: upperCase })).json()).toMatchObject({ resource: server.urls.resource })
  })

  it.each([
    ['a wrong code_verifier', { code_verifier: 'x'.repeat(43) }, 'invalid_grant'],
    ['a short code_verifier', { code_verifier: 'a' }, 'invalid_request'],
    ['no code_verifier', { code_verifier: undefined }, 'invalid_request'],
    ['another redirect_uri', { redirect_uri: 'https://evil.example/cb' }, 'invalid_grant'],
    ['another registered redirect_uri', { redirect_uri: 'https://app.example/other' }, 'invalid_grant'],
    ['another resource', { resource: 'https://other.example/mcp' }, 'invalid_target'],
    ['a repeated resource', { resource: ['https://other.example/mcp', 'https://other.example/mcp'] }, 'invalid_target'],
    ['a scope that was not granted', { scope: 'offline_access' }, 'invalid_scope'],
    ['a scope with a quote', { scope: 'mcp:read"' }, 'invalid_scope'],
    ['no code', { code: undefined }, 'invalid_request'],
    ['an unknown code', { code: 'a:b:c' }, 'invalid_grant'],
    ['a malformed code', { code: 'abc' }, 'invalid_grant'],
    ['no grant_type', { grant_type: undefined }, 'invalid_request'],
    ['the password grant', { grant_type: 'password' }, 'unsupported_grant_type'],
    ['an unknown grant_type', { grant_type: 'x' }, 'unsupported_grant_type'],
    ['a repeated code', { code: ['a:b:c', 'a:b:c'] }, 'invalid_request'],
    ['a repeated unknown parameter', { x: ['1', '2'] }, 'invalid_request'],
  ])('is refused with %s and stays valid', async (_, change, error) => {
    const server = await createServer()
    const client = await createClient(server, { redirectUris: [REDIRECT_URI, 'https://app.example/other'] })
    const code = await authorizationCode(server, client)
    await expectRefusal(await exchange(server, client, code, change), error)
    expect((await exchange(server, client, code)).status).toBe(200)
  })

  it('revokes its grant and all tokens when it is used twice', async () => {
    const server = await createServer()
    const client = await createClient(server)
    const code = await authorizationCode(server, client)
    const { refresh_token } = await (await exchange(server, client, code)).json<Tokens>()
    await expectRefusal(await exchange(server, client, code), 'invalid_grant')
    await expectRefusal(await refresh(server, client, refresh_token), 'invalid_grant')
    expect(await grantsOf(server)).toBe(0)
    await expectRefusal(await exchange(server, client, code), 'invalid_grant')
    expect(await auditsOf(server, 'grant.code-reused')).toMatchObject([
      { actor: `client:${client.clientId}`, detail: { grantId: code.split(':')[1], userId: server.tenant.owner.id } },
    ])
  })

  it.each([
    ['a wrong code_verifier', { code_verifier: 'x'.repeat(43) }],
    ['another redirect_uri', { redirect_uri: 'https://evil.example/cb' }],
    ['another registered redirect_uri', { redirect_uri: 'https://app.example/other' }],
    ['a wrong code_verifier and no redirect_uri', { code_verifier: 'y'.repeat(64), redirect_uri: undefined }],
  ])('revokes nothing when it is reused with %s, and revokes its grant when the reuse is proven', async (_, change) => {
    const server = await createServer()
    const client = await createClient(server, { redirectUris: [REDIRECT_URI, 'https://app.example/other'] })
    const code = await authorizationCode(server, client)
    const { access_token, refresh_token } = await (await exchange(server, client, code)).json<Tokens>()
    await expectRefusal(await exchange(server, client, code, change), 'invalid_grant')
    expect((await callModern(server, { token: access_token })).status).not.toBe(401)
    expect((await refresh(server, client, refresh_token)).status).toBe(200)
    await expectRefusal(await exchange(server, client, code, change), 'invalid_grant')
    expect([await grantsOf(server), await auditsOf(server, 'grant.code-reused')]).toEqual([1, []])

    await expectRefusal(await exchange(server, client, code, { redirect_uri: undefined }), 'invalid_grant')
    expect([await grantsOf(server), (await auditsOf(server, 'grant.code-reused')).length]).toEqual([0, 1])
  })

  it('revokes nothing when a client with a wrong secret reuses it', async () => {
    const server = await createServer()
    const client = await createClient(server, { secret: 'a secret' })
    const code = await authorizationCode(server, client)
    const { refresh_token } = await (await exchange(server, client, code)).json<Tokens>()
    await expectRefusal(await exchange(server, client, code, { client_secret: 'a guess' }), 'invalid_client', 401)
    expect((await refresh(server, client, refresh_token)).status).toBe(200)
  })

  it('revokes nothing when it is reused after its lifetime', async () => {
    const server = await createServer()
    const client = await createClient(server)
    const code = await authorizationCode(server, client)
    const { refresh_token } = await (await exchange(server, client, code)).json<Tokens>()
    await store
      .update(grants)
      .set({ createdAt: ago(62) })
      .where(eq(grants.serverId, server.id))
    await expectRefusal(await exchange(server, client, code), 'invalid_grant')
    expect((await refresh(server, client, refresh_token)).status).toBe(200)
  })

  it('expires after 60 s', async () => {
    const server = await createServer()
    const client = await createClient(server)
    const [early, late] = [await authorizationCode(server, client), await authorizationCode(server, client)]
    const [row] = await store
      .select()
      .from(grants)
      .where(eq(grants.id, early.split(':')[1] ?? ''))
    expect((row?.expiresAt?.getTime() ?? 0) - (row?.createdAt.getTime() ?? 0)).toBe(60_000)
    await store
      .update(grants)
      .set({ expiresAt: ago(1) })
      .where(eq(grants.id, late.split(':')[1] ?? ''))
    await expectRefusal(await exchange(server, client, late), 'invalid_grant')
    expect((await exchange(server, client, early)).status).toBe(200)
  })

  it('is refused when another client or another issuer presents it', async () => {
    const server = await createServer()
    const neighbour = await createServer({ tenant: server.tenant })
    const byHand = { issuer: `tenant:${server.tenant.id}`, serverId: null }
    const [client, other] = [await createClient(server, byHand), await createClient(server)]
    const code = await authorizationCode(server, client)
    await expectRefusal(await exchange(server, other, code), 'invalid_grant')
    await expectRefusal(await exchange(neighbour, client, code), 'invalid_grant')
    await expectRefusal(await exchange(neighbour, other, code), 'invalid_client', 401)
    expect((await exchange(server, client, code)).status).toBe(200)
  })

  it('is refused when the user left the tenant or the client was refused after consent', async () => {
    for (const shutOut of [leave, refuseClient]) {
      const server = await createServer()
      const client = await createClient(server)
      const code = await authorizationCode(server, client)
      await shutOut(server, client)
      await expectRefusal(await exchange(server, client, code), 'invalid_grant')
    }
  })
})

it('token endpoint answers 404 when the server was deleted, and 503 while its tenant is suspended', async () => {
  for (const [status, end] of [
    [404, (server: TestServer) => store.delete(hostedServers).where(eq(hostedServers.id, server.id))],
    [503, (server: TestServer) => store.update(tenants).set({ suspendedAt: new Date() }).where(eq(tenants.id, server.tenant.id))],
  ] as const) {
    const server = await createServer()
    const client = await createClient(server)
    const { refresh_token } = await obtainTokens(server, client)
    const code = await authorizationCode(server, client)
    await end(server)
    expect((await exchange(server, client, code)).status).toBe(status)
    expect((await refresh(server, client, refresh_token)).status).toBe(status)
  }
})

async function rotatedAgo(server: TestServer, seconds: number) {
  await store
    .update(refreshTokens)
    .set({ rotatedAt: ago(seconds) })
    .where(and(eq(refreshTokens.serverId, server.id), isNotNull(refreshTokens.rotatedAt)))
}

function auditsOf(server: TestServer, action: AuditAction = 'grant.refresh-token-reused') {
  return store
    .select()
    .from(auditEvents)
    .where(and(eq(auditEvents.serverId, server.id), eq(auditEvents.action, action)))
}

async function leave(server: TestServer) {
  await store.delete(members).where(and(eq(members.tenantId, server.tenant.id), eq(members.userId, server.tenant.owner.id)))
}

async function refuseClient(server: TestServer, client: TestClient) {
  await store.update(hostedServers).set({ clients: 'approved' }).where(eq(hostedServers.id, server.id))
  await store
    .insert(clientApprovals)
    .values({ tenantId: server.tenant.id, serverId: server.id, clientId: client.clientId, state: 'refused' })
}

describe('refresh token', () => {
  it('yields a narrower access token on request and keeps its own scopes', async () => {
    const server = await createServer()
    const client = await createClient(server)
    const { refresh_token } = await obtainTokens(server, client)
    const narrow = await (await refresh(server, client, refresh_token, { scope: 'mcp:read' })).json<Tokens>()
    expect(narrow.scope).toBe('mcp:read')
    const wide = await (await refresh(server, client, narrow.refresh_token, { resource: server.urls.resource })).json<Tokens>()
    expect(wide.scope).toBe('mcp:read mcp:write')
  })

  it('yields no scope beyond the grant', async () => {
    const server = await createServer()
    const client = await createClient(server)
    const { refresh_token } = await obtainTokens(server, client, { change: { scope: 'mcp:read' } })
    await expectRefusal(await refresh(server, client, refresh_token, { scope: 'mcp:write' }), 'invalid_scope')
    const both = await refresh(server, client, refresh_token, { scope: 'mcp:read mcp:write' })
    expect(await both.json()).toMatchObject({ scope: 'mcp:read' })
  })

  it('yields the same token pair again when it is reused within 30 s of rotation', async () => {
    const server = await createServer()
    const client = await createClient(server)
    const { refresh_token } = await obtainTokens(server, client)
    const pair = await (await refresh(server, client, refresh_token)).json()
    expect(await (await refresh(server, client, refresh_token)).json()).toEqual(pair)
    await rotatedAgo(server, 25)
    expect(await (await refresh(server, client, refresh_token)).json()).toEqual(pair)
    expect((await refresh(server, client, refresh_token)).headers.get('Cache-Control')).toBe('no-store')
  })

  it('revokes its grant and records an audit event when it is reused later than 30 s after rotation', async () => {
    const server = await createServer()
    const client = await createClient(server)
    const { refresh_token } = await obtainTokens(server, client)
    const next = await (await refresh(server, client, refresh_token)).json<Tokens>()
    await rotatedAgo(server, 31)
    await expectRefusal(await refresh(server, client, refresh_token), 'invalid_grant')
    await expectRefusal(await refresh(server, client, next.refresh_token), 'invalid_grant')
    expect(await grantsOf(server)).toBe(0)
    expect(await auditsOf(server)).toMatchObject([
      { action: 'grant.refresh-token-reused', actor: `client:${client.clientId}`, detail: { userId: server.tenant.owner.id } },
    ])
  })

  it('revokes its grant when it is reused after its successor was used', async () => {
    const server = await createServer()
    const client = await createClient(server)
    const { refresh_token } = await obtainTokens(server, client)
    const next = await (await refresh(server, client, refresh_token)).json<Tokens>()
    const last = await (await refresh(server, client, next.refresh_token)).json<Tokens>()
    const reuses = await Promise.all(Array.from({ length: 5 }, () => refresh(server, client, refresh_token)))
    for (const reuse of reuses) await expectRefusal(reuse, 'invalid_grant')
    await expectRefusal(await refresh(server, client, last.refresh_token), 'invalid_grant')
    expect(await auditsOf(server)).toHaveLength(1)
  })

  it.each([
    ['within one second', [0, 0, 0]],
    ['while the clock runs backwards', [-10_000, -20_000, -30_000]],
  ])('is ordered by generation, not by time, when its family is rotated %s', async (_, steps) => {
    const server = await createServer()
    const client = await createClient(server)
    const { refresh_token: first } = await obtainTokens(server, client)
    const family = [first]
    const now = Date.now()
    vi.useFakeTimers({ toFake: ['Date'] })
    try {
      for (const step of steps) {
        vi.setSystemTime(now + step)
        family.push((await (await refresh(server, client, family.at(-1) ?? '')).json<Tokens>()).refresh_token)
      }
      const rows = await store.select().from(refreshTokens).where(eq(refreshTokens.serverId, server.id)).orderBy(refreshTokens.generation)
      expect(rows.map(({ generation }) => generation)).toEqual([1, 2, 3, 4])
      // the predecessor of the newest token is accepted, because its response may have been lost
      expect(await (await refresh(server, client, family[2] ?? '')).json()).toMatchObject({ refresh_token: family[3] })
      await expectRefusal(await refresh(server, client, family[1] ?? ''), 'invalid_grant')
      await expectRefusal(await refresh(server, client, family[3] ?? ''), 'invalid_grant')
      expect(await auditsOf(server)).toHaveLength(1)
    } finally {
      vi.useRealTimers()
    }
  })

  it('is refused and stays valid when another client or another issuer presents it', async () => {
    const server = await createServer()
    const neighbour = await createServer({ tenant: server.tenant })
    const byHand = { issuer: `tenant:${server.tenant.id}`, serverId: null }
    const [client, other] = [await createClient(server, byHand), await createClient(server)]
    const { refresh_token } = await obtainTokens(server, client)
    await expectRefusal(await refresh(server, other, refresh_token), 'invalid_grant')
    await expectRefusal(await refresh(neighbour, client, refresh_token), 'invalid_grant')
    expect((await refresh(server, client, refresh_token)).status).toBe(200)
  })

  it.each([
    ['a foreign resource', { resource: 'https://other.example/mcp' }, 'invalid_target'],
    ['no refresh_token', { refresh_token: undefined }, 'invalid_request'],
    ['an unknown refresh_token', { refresh_token: 'a:b:c' }, 'invalid_grant'],
    ['an access token as refresh_token', { refresh_token: 'ACCESS' }, 'invalid_grant'],
  ])('request is refused with %s and leaves the token valid', async (_, change: Record<string, string | undefined>, error) => {
    const server = await createServer()
    const client = await createClient(server)
    const tokens = await obtainTokens(server, client)
    const sent = change['refresh_token'] === 'ACCESS' ? { refresh_token: tokens.access_token } : change
    await expectRefusal(await refresh(server, client, tokens.refresh_token, sent), error)
    expect((await refresh(server, client, tokens.refresh_token)).status).toBe(200)
  })

  it('is refused when the client lacks the grant type or the user left the tenant', async () => {
    const server = await createServer()
    const client = await createClient(server)
    const other = await createClient(server, { grantTypes: ['authorization_code'] })
    const { refresh_token } = await obtainTokens(server, client)
    await expectRefusal(await refresh(server, other, refresh_token), 'unauthorized_client')
    await leave(server)
    await expectRefusal(await refresh(server, client, refresh_token), 'invalid_grant')
  })

  it('is refused when its grant has expired', async () => {
    const server = await createServer()
    const client = await createClient(server)
    const { refresh_token } = await obtainTokens(server, client)
    await store
      .update(grants)
      .set({ expiresAt: ago(1) })
      .where(eq(grants.serverId, server.id))
    await expectRefusal(await refresh(server, client, refresh_token), 'invalid_grant')
  })
})

describe('client authentication', () => {
  const basic = (id: string, secret: string) => ({
    Authorization: `Basic ${btoa(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`)}`,
  })
  const SECRET = 'a secret: with+all%of=it'

  it('accepts a secret in the Basic header or in the body', async () => {
    const server = await createServer()
    const client = await createClient(server, { secret: SECRET })
    const { refresh_token } = await obtainTokens(server, client) // in the body
    const form = { grant_type: 'refresh_token', refresh_token }
    expect((await postForm(server, 'token', form, basic(client.clientId, SECRET))).status).toBe(200)
    expect((await postForm(server, 'token', { ...form, client_id: client.clientId }, basic(client.clientId, SECRET))).status).toBe(200)
  })

  it.each<[string, (client: TestClient) => [Record<string, string>, Record<string, string>], string, number, boolean]>([
    ['a wrong secret', ({ clientId }) => [{ client_id: clientId, client_secret: 'wrong' }, {}], 'invalid_client', 401, false],
    ['a wrong Basic secret', ({ clientId }) => [{}, basic(clientId, 'wrong')], 'invalid_client', 401, true],
    ['a confidential client without a secret', ({ clientId }) => [{ client_id: clientId }, {}], 'invalid_client', 401, false],
    ['a request without client_id', () => [{}, {}], 'invalid_client', 401, false],
    ['an unknown client', () => [{ client_id: 'unknown', client_secret: SECRET }, {}], 'invalid_client', 401, false],
    ['a Basic header that is not base64', () => [{}, { Authorization: 'Basic !!!' }], 'invalid_client', 401, true],
    [
      'a Basic header with an invalid escape',
      ({ clientId }) => [{}, { Authorization: `Basic ${btoa(`${clientId}:%zz`)}` }],
      'invalid_client',
      401,
      true,
    ],
    ['an empty Basic secret of a client with a secret', ({ clientId }) => [{}, basic(clientId, '')], 'invalid_client', 401, true],
    ['a Basic header without a colon', ({ clientId }) => [{}, { Authorization: `Basic ${btoa(clientId)}` }], 'invalid_client', 401, true],
    ['an empty Basic header', () => [{}, { Authorization: 'Basic' }], 'invalid_client', 401, true],
    [
      'secrets in both the Basic header and the body',
      ({ clientId }) => [{ client_secret: SECRET }, basic(clientId, SECRET)],
      'invalid_request',
      400,
      false,
    ],
    [
      'a Basic header whose client differs from client_id',
      ({ clientId }) => [{ client_id: 'x' }, basic(clientId, SECRET)],
      'invalid_request',
      400,
      false,
    ],
    [
      'a client_assertion without client_assertion_type',
      ({ clientId }) => [{ client_id: clientId, client_assertion: 'a.b.c' }, {}],
      'invalid_request',
      400,
      false,
    ],
    [
      'a client_assertion of a client registered with a secret',
      ({ clientId }) => [
        { client_id: clientId, client_assertion: 'a.b.c', client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer' },
        {},
      ],
      'invalid_client',
      401,
      false,
    ],
  ])('refuses %s', async (_, credentials, error, status, challenged) => {
    const server = await createServer()
    const client = await createClient(server, { secret: SECRET })
    const [form, headers] = credentials(client)
    const response = await postForm(server, 'token', { grant_type: 'refresh_token', refresh_token: 'a:b:c', ...form }, headers)
    expect(response.headers.get('WWW-Authenticate')).toBe(challenged ? 'Basic realm="OAuth client"' : null)
    await expectRefusal(response, error, status)
  })

  it('treats an empty Basic secret as none and challenges a private_key_jwt client that uses Basic', async () => {
    const server = await createServer()
    const form = { grant_type: 'refresh_token', refresh_token: 'a:b:c' }
    const client = await createClient(server)
    const { refresh_token } = await obtainTokens(server, client)
    expect((await postForm(server, 'token', { ...form, refresh_token }, basic(client.clientId, ''))).status).toBe(200)
    await expectRefusal(await postForm(server, 'token', form, basic(client.clientId, 'x')), 'invalid_client', 401)
    const signer = await createClient(server, { tokenEndpointAuthMethod: 'private_key_jwt', keys: { jwks: { keys: [] } } })
    const refused = await postForm(server, 'token', form, basic(signer.clientId, 'x'))
    expect(refused.headers.get('WWW-Authenticate')).toBe('Basic realm="OAuth client"')
    await expectRefusal(refused, 'invalid_client', 401)
  })

  it('refuses a secret sent by a public client', async () => {
    const server = await createServer()
    const client = await createClient(server)
    const code = await authorizationCode(server, client)
    await expectRefusal(await exchange(server, client, code, { client_secret: 'x' }), 'invalid_client', 401)
    expect((await exchange(server, client, code, { client_secret: '' })).status).toBe(200)
  })

  it('answers 429 to repeated wrong secrets but accepts the right one', async () => {
    const server = await createServer()
    const client = await createClient(server, { secret: SECRET })
    const code = await authorizationCode(server, client)
    const { before, limited } = await untilLimited((guess) => exchange(server, client, code, { client_secret: `guess ${guess}` }))
    expect([before, limited.headers.get('Retry-After')]).toEqual([[401], '60'])
    expect((await exchange(server, client, code)).status).toBe(200)
  })
})

it('token endpoint answers 429 to repeated unknown refresh tokens but accepts a valid one', async () => {
  const server = await createServer()
  const client = await createClient(server)
  const { refresh_token } = await obtainTokens(server, client)
  const { before } = await untilLimited((guess) => refresh(server, client, `${refresh_token}${guess}`))
  expect(before).toEqual([400])
  expect((await refresh(server, client, refresh_token)).status).toBe(200)
})

describe('token endpoint', () => {
  const at = (server: TestServer) => `/${server.tenant.slug}/${server.slug}/token`

  it('accepts only URL-encoded forms of at most 16 KiB', async () => {
    const server = await createServer()
    const client = await createClient(server)
    const code = await authorizationCode(server, client)
    const form = { grant_type: 'authorization_code', client_id: client.clientId, code, code_verifier: VERIFIER }
    const post = (body: BodyInit, headers: Record<string, string> = {}) => fetchPlatform(at(server), { method: 'POST', body, headers })

    await expectRefusal(await post(JSON.stringify(form), { 'Content-Type': 'application/json' }), 'invalid_request')
    const multipart = new FormData()
    for (const [name, value] of Object.entries(form)) multipart.set(name, value)
    await expectRefusal(await post(multipart), 'invalid_request')
    await expectRefusal(await post(new URLSearchParams({ ...form, x: 'x'.repeat(20_000) })), 'invalid_request', 413)
    await expectRefusal(
      await fetchPlatform(`${at(server)}?${new URLSearchParams(form)}`, { method: 'POST', body: new URLSearchParams() }),
      'invalid_client',
      401,
    )
    expect((await post(new URLSearchParams(form))).status).toBe(200)
  })

  it('answers 405 to methods other than POST and OPTIONS', async () => {
    const server = await createServer()
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const response = await fetchPlatform(at(server), { method })
      expect([response.status, response.headers.get('Allow')]).toEqual([405, 'POST, OPTIONS'])
    }
    expect((await fetchPlatform(at(server), { method: 'OPTIONS' })).status).toBe(204)
  })
})

it('token endpoint does not support token exchange', async () => {
  const server = await createServer()
  const client = await createClient(server)
  const form = {
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    client_id: client.clientId,
    subject_token: 'x',
    subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
  }
  const refused = await postForm(server, 'token', form)
  expect([refused.status, refused.headers.get('Cache-Control')]).toEqual([400, 'no-store'])
  expect(await refused.json()).toMatchObject({ error: 'unsupported_grant_type' })
  const metadata = await fetchPlatform(`/.well-known/oauth-authorization-server/${server.tenant.slug}/${server.slug}`)
  expect(JSON.stringify(await metadata.json())).not.toContain('token-exchange')
})
