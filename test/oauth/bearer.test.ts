import { createExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { and, eq } from 'drizzle-orm'
import { Router } from 'itty-router'
import { expect, it, vi } from 'vitest'
import { clientApprovals } from '../../store/schema/clients.ts'
import { grants, tokens } from '../../store/schema/grants.ts'
import { users } from '../../store/schema/people.ts'
import { hostedServers } from '../../store/schema/servers.ts'
import { members, tenants } from '../../store/schema/tenants.ts'
import { toResponse } from '../../workers/errors.ts'
import { withBearer } from '../../workers/gates/bearer.ts'
import { withHostedServer } from '../../workers/gates/hosted-server.ts'
import { withStore } from '../../workers/gates/store.ts'
import type { AppRequest, BearerRequest } from '../../workers/request.ts'
import { json } from '../../workers/responses.ts'
import { failingFrom } from '../support/failing-d1.ts'
import { authorizationCode, createClient, exchange, obtainTokens, postForm, refresh, SIGN_IN_COOKIE, signedIn } from '../support/oauth.ts'
import {
  addresses,
  addMember,
  createServer,
  createToken,
  createUser,
  ORIGIN,
  store,
  surfaceOf,
  type TestServer,
} from '../support/platform.ts'

/** The bearer gate in front of a handler that returns the principal. */
const gate = Router<AppRequest, [env: Env, ctx: ExecutionContext], Response>({ before: [withStore], catch: toResponse }).all(
  '/:tenant/:server/mcp',
  withHostedServer,
  withBearer,
  (request: BearerRequest) => json(request.principal),
)

function call(server: TestServer, headers: Record<string, string> = {}, query = '', database = env.DB, form?: string): Promise<Response> {
  const body = form === undefined ? {} : { method: 'POST', body: new URLSearchParams(form) }
  const request = new Request(`${server.urls.resource}${query}`, { headers, ...body })
  const located = Object.assign(request, { location: { form: 'path', path: new URL(request.url).pathname }, addresses })
  return gate.fetch(located as unknown as AppRequest, { ...env, DB: database }, createExecutionContext())
}

const withToken = (server: TestServer, token: string) => call(server, { Authorization: `Bearer ${token}` })

/** Runs `act` after the 10 s for which an isolate caches a principal. */
async function tenSecondsLater<T>(act: () => Promise<T>): Promise<T> {
  const later = Date.now() + 10_001
  const clock = vi.spyOn(Date, 'now').mockReturnValue(later)
  try {
    return await act()
  } finally {
    clock.mockRestore()
  }
}

const INVALID = (server: TestServer) =>
  `Bearer resource_metadata="${server.urls.resourceMetadata}", scope="mcp:read", error="invalid_token", error_description="The access token is not valid for this server"`

async function expectInvalid(response: Response, server: TestServer) {
  expect([response.status, response.headers.get('WWW-Authenticate')]).toEqual([401, INVALID(server)])
  expect(response.headers.get('Cache-Control')).toBe('no-store')
  expect(await response.json()).toMatchObject({ error: 'invalid_token' })
}

it('bearer gate resolves a token to its grant, client, user, scopes and tools', async () => {
  const server = await createServer()
  const { token, grantId, user, clientId } = await createToken(server, { scopes: ['mcp:read'], tools: ['look'] })
  const response = await withToken(server, token)
  expect([response.status, await response.json()]).toEqual([
    200,
    { kind: 'granted', grantId, clientId, userId: user.id, scopes: ['mcp:read'], tools: ['look'], expiresAt: expect.any(Number) },
  ])
})

it('bearer gate accepts a token issued by the token endpoint', async () => {
  const server = await createServer()
  const client = await createClient(server)
  const { access_token } = await obtainTokens(server, client)
  expect(await (await withToken(server, access_token)).json()).toMatchObject({ clientId: client.clientId, userId: server.tenant.owner.id })
})

it('bearer gate answers 401 without an error code when the request has no token', async () => {
  const writing = surfaceOf([{ name: 'change', inputSchema: { type: 'object' } }])
  for (const [server, scope] of [
    [await createServer(), 'mcp:read'],
    [await createServer({ code: '', surface: writing }), 'mcp:read mcp:write'],
    [await createServer({ code: '', surface: writing, settings: { challenge: 'least' } }), 'mcp:read'],
  ] as const) {
    const response = await call(server)
    expect(response.status).toBe(401)
    expect(response.headers.get('WWW-Authenticate')).toBe(`Bearer resource_metadata="${server.urls.resourceMetadata}", scope="${scope}"`)
  }
})

it('bearer gate reads the token only from the Authorization header', async () => {
  const server = await createServer()
  const { token } = await createToken(server)
  for (const response of [
    await call(server, {}, `?access_token=${token}`),
    await call(server, {}, '', env.DB, `access_token=${token}`), // RFC 6750 §2.2
    await call(server, { Cookie: `access_token=${token}` }),
    await call(server, { Authorization: `Basic ${btoa(token)}` }),
    await call(server, { Authorization: token }),
    await call(server, { Authorization: 'Bearer' }),
    await call(server, { Authorization: `Bearer ${token}, Bearer ${token}` }),
  ]) {
    expect(response.status).toBe(401)
    expect(response.headers.get('WWW-Authenticate')).not.toContain('error=')
  }
  expect((await call(server, { Authorization: `bearer ${token}` })).status).toBe(200)
})

it('bearer gate refuses a token whose issuer or audience is another server', async () => {
  const server = await createServer()
  const neighbour = await createServer({ tenant: server.tenant })
  const foreign = await createServer()
  for (const other of [neighbour, foreign]) {
    await expectInvalid(await withToken(server, (await createToken(other)).token), server)
    await expectInvalid(await withToken(server, (await createToken(other, { resource: server.urls.resource })).token), server)
  }
  await expectInvalid(await withToken(server, (await createToken(server, { resource: `${server.urls.resource}-other` })).token), server)
  await expectInvalid(await withToken(server, (await createToken(server, { resource: `${server.urls.resource}/` })).token), server)
})

it('bearer gate refuses expired, unknown and malformed tokens', async () => {
  const server = await createServer()
  const { token: expired } = await createToken(server, { expiresIn: -1 })
  for (const token of [expired, 'a:b:c', 'x', 'wharf_pat_x', `${'a'.repeat(5000)}:b:c`, "a:b:c'--", 'a%3Ab:c:d'])
    await expectInvalid(await withToken(server, token), server)
})

it('bearer gate refuses all other credentials in place of an access token', async () => {
  const server = await createServer()
  const client = await createClient(server, { secret: 'a client secret' })
  const owner = await signedIn(server.tenant.owner)
  const cookie = decodeURIComponent(owner.cookies.get(SIGN_IN_COOKIE) ?? '')
  const made = await owner.get('/api/me/tokens', {
    method: 'POST',
    headers: { Origin: ORIGIN, 'Content-Type': 'application/json' },
    body: JSON.stringify({ name: 'ci', tenant: server.tenant.slug, role: 'admin' }),
  })
  const { token: personal } = await made.json<{ token: string }>()
  const code = await authorizationCode(server, client)
  const { refresh_token } = await obtainTokens(server, client)
  const held: Record<string, string> = {
    'an authorization code': code,
    'a refresh token': refresh_token,
    'the cookie of a sign-in': cookie,
    'the cookie as it is sent': encodeURIComponent(cookie),
    'the token in the cookie': cookie.split('.')[0] ?? '',
    'a personal API token': personal,
    'a client secret': client.secret?.replaceAll(' ', '-') ?? '',
    'a client id': client.clientId,
    'a key of the platform': env.VAULT_KEY,
  }
  for (const [what, token] of Object.entries(held)) {
    expect(token, what).not.toBe('')
    await expectInvalid(await withToken(server, token), server)
  }
  // each credential stays valid for its own purpose
  expect((await exchange(server, client, code)).status).toBe(200)
  expect((await refresh(server, client, refresh_token)).status).toBe(200)
  expect((await owner.get('/api/me')).status).toBe(200)
})

it('bearer gate refuses a token within 10 s when its grant, user, membership or approval ends', async () => {
  const ends: [string, (server: TestServer, token: Awaited<ReturnType<typeof createToken>>) => Promise<unknown>][] = [
    ['the token', (server) => store.delete(tokens).where(eq(tokens.serverId, server.id))],
    ['the grant', (_, { grantId }) => store.delete(grants).where(eq(grants.id, grantId))],
    ['the user', (_, { user }) => store.delete(users).where(eq(users.id, user.id))],
    [
      'the membership',
      (server, { user }) => store.delete(members).where(and(eq(members.tenantId, server.tenant.id), eq(members.userId, user.id))),
    ],
    ['approval', (server) => store.update(hostedServers).set({ clients: 'approved' }).where(eq(hostedServers.id, server.id))],
  ]
  for (const [what, end] of ends) {
    const server = await createServer()
    const token = await createToken(server, { user: await addMember(server.tenant, 'viewer') })
    expect((await withToken(server, token.token)).status, what).toBe(200)
    await end(server, token)
    await tenSecondsLater(async () => expectInvalid(await withToken(server, token.token), server))
  }
})

it('bearer gate answers 404 within 10 s when the server is deleted or its tenant suspended', async () => {
  const [deleted, suspended] = [await createServer(), await createServer()]
  const [first, second] = [await createToken(deleted), await createToken(suspended)]
  await store.delete(hostedServers).where(eq(hostedServers.id, deleted.id))
  await store.update(tenants).set({ suspendedAt: new Date() }).where(eq(tenants.id, suspended.tenant.id))
  await tenSecondsLater(async () => {
    expect((await withToken(deleted, first.token)).status).toBe(404)
    expect((await withToken(suspended, second.token)).status).toBe(404)
  })
})

it('bearer gate refuses a token at once when it was revoked in the same isolate', async () => {
  const server = await createServer()
  const client = await createClient(server)
  const [byAccess, byRefresh] = [await obtainTokens(server, client), await obtainTokens(server, client)]
  for (const [tokens, revoked] of [
    [byAccess, byAccess.access_token],
    [byRefresh, byRefresh.refresh_token],
  ] as const) {
    expect((await withToken(server, tokens.access_token)).status).toBe(200)
    await postForm(server, 'revoke', { client_id: client.clientId, token: revoked })
    await expectInvalid(await withToken(server, tokens.access_token), server)
  }
})

it('bearer gate applies the access and client settings of the server', async () => {
  const stranger = await createUser()
  const members = await createServer()
  await expectInvalid(await withToken(members, (await createToken(members, { user: stranger })).token), members)
  const open = await createServer({ settings: { access: 'signed-in', clients: 'approved' } })
  const { token, clientId } = await createToken(open, { user: stranger })
  await expectInvalid(await withToken(open, token), open)
  await store.insert(clientApprovals).values({ tenantId: open.tenant.id, serverId: open.id, clientId, state: 'approved' })
  expect((await withToken(open, token)).status).toBe(200)
})

it('bearer gate admits anonymous requests at a public server but refuses an invalid token', async () => {
  const server = await createServer({ settings: { access: 'public' } })
  expect(await (await call(server)).json()).toEqual({ kind: 'anonymous' })
  await expectInvalid(await withToken(server, 'a:b:c'), server)
  const { token } = await createToken(server, { user: await createUser() })
  expect(await (await withToken(server, token)).json()).toMatchObject({ kind: 'granted' })
})

it('bearer gate answers 403 insufficient_scope when the token has neither mcp:read nor mcp:write', async () => {
  const server = await createServer()
  const { token } = await createToken(server, { scopes: ['offline_access'] })
  const response = await withToken(server, token)
  expect(response.status).toBe(403)
  expect(response.headers.get('WWW-Authenticate')).toBe(
    `Bearer resource_metadata="${server.urls.resourceMetadata}", scope="mcp:read", error="insufficient_scope", error_description="This operation requires the scopes mcp:read"`,
  )
  expect((await withToken(server, (await createToken(server, { scopes: ['mcp:write'] })).token)).status).toBe(200)
})

it('bearer gate caches a token for 10 s', async () => {
  const server = await createServer()
  const { token } = await createToken(server)
  expect((await withToken(server, token)).status).toBe(200)
  await store.delete(tokens).where(eq(tokens.serverId, server.id))
  expect((await withToken(server, token)).status).toBe(200)
  await tenSecondsLater(async () => expectInvalid(await withToken(server, token), server))
})

it('bearer gate answers 503 with Retry-After when D1 fails during the token lookup', async () => {
  vi.spyOn(console, 'error').mockImplementation(() => undefined)
  const server = await createServer()
  const { token } = await createToken(server)
  const headers = { Authorization: `Bearer ${token}` }
  expect((await call(server, headers)).status).toBe(200)
  const { token: unknown } = await createToken(server)
  const statuses: number[] = []
  for (let works = 1; statuses.at(-1) !== 200; works++) {
    const response = await call(server, { Authorization: `Bearer ${unknown}` }, '', failingFrom(works))
    statuses.push(response.status)
    if (response.status !== 200) expect(Number(response.headers.get('Retry-After'))).toBeGreaterThan(0)
  }
  expect(statuses.slice(0, -1)).toContain(503)
  expect(new Set(statuses)).toEqual(new Set([503, 200]))
  vi.restoreAllMocks()
})
