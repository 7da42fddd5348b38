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
import { createServer, fetchPlatform, ORIGIN, store, type TestServer } from '../support/platform.ts'

async function expectRefusal(response: Response, error: string, status = 400) {
  expect([response.status, await response.json()]).toEqual([status, { error, error_description: expect.any(String) }])
  expect(response.headers.get('Cache-Control')).toBe('no-store')
  expect(response.headers.get('Content-Type')).toBe('application/json')
}

/** Another time, for rows of ours. */
const ago = (seconds: number) => new Date(Date.now() - seconds * 1000)

async function grantsOf(server: TestServer): Promise<number> {
  return (await store.select().from(grants).where(eq(grants.serverId, server.id))).length
}

describe('a code', () => {
  it('is exchanged for an access token alone by a client that does not refresh', async () => {
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

  it('may be exchanged with the resource named and without the redirect URI, which OAuth 2.1 no longer asks for', async () => {
    const server = await createServer()
    const client = await createClient(server)
    const code = await authorizationCode(server, client, { change: { resource: server.urls.resource } })
    expect((await exchange(server, client, code, { resource: server.urls.resource, redirect_uri: undefined })).status).toBe(200)
    // MCP asks to bear with capitals where a URL has no case
    const shouted = server.urls.resource.replace(ORIGIN, ORIGIN.toUpperCase())
    const again = await authorizationCode(server, client, { change: { resource: shouted } })
    expect(await (await exchange(server, client, again, { resource: shouted })).json()).toMatchObject({ resource: server.urls.resource })
  })

  it.each([
    ['a wrong code_verifier', { code_verifier: 'x'.repeat(43) }, 'invalid_grant'],
    ['a short code_verifier', { code_verifier: 'a' }, 'invalid_request'],
    ['no code_verifier', { code_verifier: undefined }, 'invalid_request'],
    ['another redirect_uri', { redirect_uri: 'https://evil.example/cb' }, 'invalid_grant'],
    ['another of its redirect URIs', { redirect_uri: 'https://app.example/other' }, 'invalid_grant'],
    ['another resource', { resource: 'https://other.example/mcp' }, 'invalid_target'],
    ['the resource twice', { resource: ['https://other.example/mcp', 'https://other.example/mcp'] }, 'invalid_target'],
    ['a scope that was not granted', { scope: 'offline_access' }, 'invalid_scope'],
    ['an unknown scope', { scope: 'admin' }, 'invalid_scope'],
    ['no code', { code: undefined }, 'invalid_request'],
    ['a made-up code', { code: 'a:b:c' }, 'invalid_grant'],
    ['a code of another shape', { code: 'abc' }, 'invalid_grant'],
    ['no grant_type', { grant_type: undefined }, 'invalid_request'],
    ['the password grant', { grant_type: 'password' }, 'unsupported_grant_type'],
    ['an unknown grant', { grant_type: 'x' }, 'unsupported_grant_type'],
    ['code twice', { code: ['a:b:c', 'a:b:c'] }, 'invalid_request'],
    ['an unknown parameter twice', { x: ['1', '2'] }, 'invalid_request'],
  ])('is not exchanged with %s, and still good after it', async (_, change, error) => {
    const server = await createServer()
    const client = await createClient(server, { redirectUris: [REDIRECT_URI, 'https://app.example/other'] })
    const code = await authorizationCode(server, client)
    await expectRefusal(await exchange(server, client, code, change), error)
    expect((await exchange(server, client, code)).status).toBe(200)
  })

  it('used twice is refused, and everything it gave ends', async () => {
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

  it('found after its life signs nobody out', async () => {
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

  it('is good for 60 s', async () => {
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

  it('is nothing to another client and at another issuer', async () => {
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

  it('is refused to who was shut out since', async () => {
    for (const shutOut of [leave, refuseClient]) {
      const server = await createServer()
      const client = await createClient(server)
      const code = await authorizationCode(server, client)
      await shutOut(server, client)
      await expectRefusal(await exchange(server, client, code), 'invalid_grant')
    }
  })
})

it('gives nothing for a code or refresh token once its server or tenant is gone', async () => {
  for (const end of [
    (server: TestServer) => store.delete(hostedServers).where(eq(hostedServers.id, server.id)),
    (server: TestServer) => store.update(tenants).set({ suspendedAt: new Date() }).where(eq(tenants.id, server.tenant.id)),
  ]) {
    const server = await createServer()
    const client = await createClient(server)
    const { refresh_token } = await obtainTokens(server, client)
    const code = await authorizationCode(server, client)
    await end(server)
    expect((await exchange(server, client, code)).status).toBe(404)
    expect((await refresh(server, client, refresh_token)).status).toBe(404)
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

describe('a refresh token', () => {
  it('gives a narrower access token when asked, and keeps its own width', async () => {
    const server = await createServer()
    const client = await createClient(server)
    const { refresh_token } = await obtainTokens(server, client)
    const narrow = await (await refresh(server, client, refresh_token, { scope: 'mcp:read' })).json<Tokens>()
    expect(narrow.scope).toBe('mcp:read')
    const wide = await (await refresh(server, client, narrow.refresh_token, { resource: server.urls.resource })).json<Tokens>()
    expect(wide.scope).toBe('mcp:read mcp:write')
  })

  it('gives no more than was granted', async () => {
    const server = await createServer()
    const client = await createClient(server)
    const { refresh_token } = await obtainTokens(server, client, { change: { scope: 'mcp:read' } })
    await expectRefusal(await refresh(server, client, refresh_token, { scope: 'mcp:write' }), 'invalid_scope')
    const both = await refresh(server, client, refresh_token, { scope: 'mcp:read mcp:write' })
    expect(await both.json()).toMatchObject({ scope: 'mcp:read' })
  })

  it('that was rotated gives the same pair again for 30 s', async () => {
    const server = await createServer()
    const client = await createClient(server)
    const { refresh_token } = await obtainTokens(server, client)
    const pair = await (await refresh(server, client, refresh_token)).json()
    expect(await (await refresh(server, client, refresh_token)).json()).toEqual(pair)
    await rotatedAgo(server, 25)
    expect(await (await refresh(server, client, refresh_token)).json()).toEqual(pair)
    expect((await refresh(server, client, refresh_token)).headers.get('Cache-Control')).toBe('no-store')
  })

  it('that was rotated longer ago ends its family, and says so to the tenant', async () => {
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

  it('whose successor was used ends its family at once', async () => {
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
    ['all in one second', [0, 0, 0]],
    ['by a clock that goes back', [-10_000, -20_000, -30_000]],
  ])('is known by its generation where its family was rotated %s', async (_, steps) => {
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
      // the last but one may not have reached its holder
      expect(await (await refresh(server, client, family[2] ?? '')).json()).toMatchObject({ refresh_token: family[3] })
      await expectRefusal(await refresh(server, client, family[1] ?? ''), 'invalid_grant')
      await expectRefusal(await refresh(server, client, family[3] ?? ''), 'invalid_grant')
      expect(await auditsOf(server)).toHaveLength(1)
    } finally {
      vi.useRealTimers()
    }
  })

  it('of another client or issuer is refused and ends nothing', async () => {
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
    ['a resource of somebody else', { resource: 'https://other.example/mcp' }, 'invalid_target'],
    ['no token', { refresh_token: undefined }, 'invalid_request'],
    ['a made-up token', { refresh_token: 'a:b:c' }, 'invalid_grant'],
    ['an access token', { refresh_token: 'ACCESS' }, 'invalid_grant'],
  ])('is not used with %s', async (_, change: Record<string, string | undefined>, error) => {
    const server = await createServer()
    const client = await createClient(server)
    const tokens = await obtainTokens(server, client)
    const sent = change['refresh_token'] === 'ACCESS' ? { refresh_token: tokens.access_token } : change
    await expectRefusal(await refresh(server, client, tokens.refresh_token, sent), error)
    expect((await refresh(server, client, tokens.refresh_token)).status).toBe(200)
  })

  it('is refused to a client that does not refresh, and to who was shut out', async () => {
    const server = await createServer()
    const client = await createClient(server)
    const other = await createClient(server, { grantTypes: ['authorization_code'] })
    const { refresh_token } = await obtainTokens(server, client)
    await expectRefusal(await refresh(server, other, refresh_token), 'unauthorized_client')
    await leave(server)
    await expectRefusal(await refresh(server, client, refresh_token), 'invalid_grant')
  })

  it('ends with its grant', async () => {
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

  it('takes a secret by Basic or in the body', async () => {
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
    ['no secret', ({ clientId }) => [{ client_id: clientId }, {}], 'invalid_client', 401, false],
    ['no client', () => [{}, {}], 'invalid_client', 401, false],
    ['an unknown client', () => [{ client_id: 'unknown', client_secret: SECRET }, {}], 'invalid_client', 401, false],
    ['Basic that is no base64', () => [{}, { Authorization: 'Basic !!!' }], 'invalid_client', 401, true],
    ['Basic with a bad escape', ({ clientId }) => [{}, { Authorization: `Basic ${btoa(`${clientId}:%zz`)}` }], 'invalid_client', 401, true],
    ['Basic with no secret, of a client that has one', ({ clientId }) => [{}, basic(clientId, '')], 'invalid_client', 401, true],
    ['Basic without a colon', ({ clientId }) => [{}, { Authorization: `Basic ${btoa(clientId)}` }], 'invalid_client', 401, true],
    ['empty Basic', () => [{}, { Authorization: 'Basic' }], 'invalid_client', 401, true],
    ['Basic and a body secret', ({ clientId }) => [{ client_secret: SECRET }, basic(clientId, SECRET)], 'invalid_request', 400, false],
    ['Basic of one and the id of another', ({ clientId }) => [{ client_id: 'x' }, basic(clientId, SECRET)], 'invalid_request', 400, false],
    [
      'an assertion without its type',
      ({ clientId }) => [{ client_id: clientId, client_assertion: 'a.b.c' }, {}],
      'invalid_request',
      400,
      false,
    ],
    [
      'an assertion of a client that has a secret',
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

  it('takes an empty secret by Basic as none, and challenges whoever is to sign and comes by Basic', async () => {
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

  it('refuses a secret of a client that has none', async () => {
    const server = await createServer()
    const client = await createClient(server)
    const code = await authorizationCode(server, client)
    await expectRefusal(await exchange(server, client, code, { client_secret: 'x' }), 'invalid_client', 401)
    expect((await exchange(server, client, code, { client_secret: '' })).status).toBe(200)
  })

  it('answers guessing with 429 and the right secret all the same', async () => {
    const server = await createServer()
    const client = await createClient(server, { secret: SECRET })
    const code = await authorizationCode(server, client)
    const { before, limited } = await untilLimited((guess) => exchange(server, client, code, { client_secret: `guess ${guess}` }))
    expect([before, limited.headers.get('Retry-After')]).toEqual([[401], '60'])
    expect((await exchange(server, client, code)).status).toBe(200)
  })
})

it('answers guessing of refresh tokens with 429 and the right one all the same', async () => {
  const server = await createServer()
  const client = await createClient(server)
  const { refresh_token } = await obtainTokens(server, client)
  const { before } = await untilLimited((guess) => refresh(server, client, `${refresh_token}${guess}`))
  expect(before).toEqual([400])
  expect((await refresh(server, client, refresh_token)).status).toBe(200)
})

describe('the token endpoint', () => {
  const at = (server: TestServer) => `/${server.tenant.slug}/${server.slug}/token`

  it('reads forms alone, of at most 16 KiB', async () => {
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

  it('answers POST and the preflight of it alone', async () => {
    const server = await createServer()
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const response = await fetchPlatform(at(server), { method })
      expect([response.status, response.headers.get('Allow')]).toEqual([405, 'POST, OPTIONS'])
    }
    expect((await fetchPlatform(at(server), { method: 'OPTIONS' })).status).toBe(204)
  })
})

it('exchanges no token for another', async () => {
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
