import { and, eq, isNotNull } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { clientApprovals, clients } from '../../store/schema/clients.ts'
import { grants, refreshTokens, tokens } from '../../store/schema/grants.ts'
import { users } from '../../store/schema/people.ts'
import { hostedServers } from '../../store/schema/servers.ts'
import { auditEvents, members, tenants } from '../../store/schema/tenants.ts'
import { callModern } from '../support/modern.ts'
import {
  atRoot,
  authorizationCode,
  createClient,
  exchange,
  obtainTokens,
  postForm,
  refresh,
  ROOT_CLIENT,
  untilLimited,
  type TestClient,
  type Tokens,
} from '../support/oauth.ts'
import { createServer, createUser, fetchPlatform, store, type TestServer } from '../support/platform.ts'

/*
 * Repeats the checks of token.test.ts, revoke.test.ts and races.test.ts at the root issuer. The
 * root issuer finds the hosted server through the grant behind the code or token.
 */

/** Rounds of each race, fewer than in races.test.ts because only the server lookup differs. */
const ROUNDS = 25
const TIMEOUT = 180_000
const RACERS = Array.from({ length: 10 }, (_, index) => index)

const ago = (seconds: number) => new Date(Date.now() - seconds * 1000)

async function rootFixture(
  settings: Partial<typeof hostedServers.$inferInsert> = {},
  client: NonNullable<Parameters<typeof createClient>[1]> = {},
) {
  const server = await createServer({ code: 'export default {}', settings })
  return { server, root: atRoot(server), client: await createClient(server, { ...ROOT_CLIENT, ...client }) }
}

async function expectRefusal(response: Response, error: string, status = 400) {
  expect([response.status, await response.json()]).toEqual([status, { error, error_description: expect.any(String) }])
  expect(response.headers.get('Cache-Control')).toBe('no-store')
}

async function countRows(server: TestServer) {
  const rows = await Promise.all(
    [grants, tokens, refreshTokens].map((table) => store.select().from(table).where(eq(table.serverId, server.id))),
  )
  return rows.map(({ length }) => length)
}

const works = async (server: TestServer, token: string) => (await callModern(server, { token, method: 'tools/list' })).status !== 401

async function leave({ tenant }: TestServer) {
  await store.delete(members).where(and(eq(members.tenantId, tenant.id), eq(members.userId, tenant.owner.id)))
}

async function refuseClient(server: TestServer, { clientId }: TestClient) {
  await store.update(hostedServers).set({ clients: 'approved' }).where(eq(hostedServers.id, server.id))
  await store.insert(clientApprovals).values({ tenantId: server.tenant.id, serverId: server.id, clientId, state: 'refused' })
}

describe('authorization code of the root issuer', () => {
  it.each([
    ['a wrong code_verifier', { code_verifier: 'x'.repeat(43) }, 'invalid_grant'],
    ['no code_verifier', { code_verifier: undefined }, 'invalid_request'],
    ['another redirect_uri', { redirect_uri: 'https://evil.example/cb' }, 'invalid_grant'],
    ['a foreign resource', { resource: 'https://other.example/mcp' }, 'invalid_target'],
    ['a scope that was not granted', { scope: 'offline_access' }, 'invalid_scope'],
    ['no code', { code: undefined }, 'invalid_request'],
    ['an unknown code', { code: 'a:b:c' }, 'invalid_grant'],
    ['a malformed code', { code: 'abc' }, 'invalid_grant'],
    ['no grant_type', { grant_type: undefined }, 'invalid_request'],
    ['the password grant', { grant_type: 'password' }, 'unsupported_grant_type'],
    ['a repeated code', { code: ['a:b:c', 'a:b:c'] }, 'invalid_request'],
  ])('is refused with %s and stays valid', async (_, change, error) => {
    const { root, client } = await rootFixture()
    const code = await authorizationCode(root, client)
    await expectRefusal(await exchange(root, client, code, change), error)
    expect((await exchange(root, client, code, { resource: root.urls.resource })).status).toBe(200)
  })

  it('is refused with the resource of another server and stays valid', async () => {
    const { server, root, client } = await rootFixture()
    const neighbour = await createServer({ tenant: server.tenant })
    const code = await authorizationCode(root, client)
    await expectRefusal(await exchange(root, client, code, { resource: neighbour.urls.resource }), 'invalid_target')
    expect(await (await exchange(root, client, code)).json()).toMatchObject({ resource: server.urls.resource, scope: 'mcp:read mcp:write' })
  })

  it('is refused when another client or another issuer presents it', async () => {
    const { server, root, client } = await rootFixture()
    const code = await authorizationCode(root, client)
    await expectRefusal(await exchange(root, await createClient(server, ROOT_CLIENT), code), 'invalid_grant')
    await expectRefusal(await exchange(root, await createClient(server), code), 'invalid_client', 401)
    await expectRefusal(await exchange(server, client, code), 'invalid_grant')
    expect((await exchange(root, client, code)).status).toBe(200)
  })

  it('revokes its grant and all tokens when it is used twice', async () => {
    const { server, root, client } = await rootFixture()
    const code = await authorizationCode(root, client)
    const { access_token, refresh_token } = await (await exchange(root, client, code)).json<Tokens>()
    expect(await works(server, access_token)).toBe(true)
    await expectRefusal(await exchange(root, client, code), 'invalid_grant')
    await expectRefusal(await refresh(root, client, refresh_token), 'invalid_grant')
    expect(await works(server, access_token)).toBe(false)
    expect(await countRows(server)).toEqual([0, 0, 0])
  })

  it('is refused when it has expired', async () => {
    const { server, root, client } = await rootFixture()
    const code = await authorizationCode(root, client)
    await store
      .update(grants)
      .set({ expiresAt: ago(1) })
      .where(eq(grants.serverId, server.id))
    await expectRefusal(await exchange(root, client, code), 'invalid_grant')
  })

  it('is refused when the user left or the client was refused', async () => {
    for (const shutOut of [leave, refuseClient]) {
      const { server, root, client } = await rootFixture()
      const { refresh_token } = await obtainTokens(root, client)
      const code = await authorizationCode(root, client)
      await shutOut(server, client)
      await expectRefusal(await exchange(root, client, code), 'invalid_grant')
      await expectRefusal(await refresh(root, client, refresh_token), 'invalid_grant')
    }
  })

  it('is refused while the tenant is suspended, and accepted afterwards', async () => {
    const { server, root, client } = await rootFixture()
    const { refresh_token } = await obtainTokens(root, client)
    const code = await authorizationCode(root, client)
    const at = eq(tenants.id, server.tenant.id)
    await store.update(tenants).set({ suspendedAt: new Date(), suspendedBecause: 'unpaid' }).where(at)
    for (const refused of [await exchange(root, client, code), await refresh(root, client, refresh_token)]) {
      expect([refused.status, await refused.json()]).toEqual([
        503,
        { error: 'temporarily_unavailable', error_description: expect.stringContaining('unpaid') },
      ])
    }
    await store.update(tenants).set({ suspendedAt: null, suspendedBecause: null }).where(at)
    expect((await exchange(root, client, code)).status).toBe(200)
    expect((await refresh(root, client, refresh_token)).status).toBe(200)
  })

  it('is accepted when registration was closed after consent', async () => {
    const { server, root, client } = await rootFixture()
    const code = await authorizationCode(root, client)
    await store.update(hostedServers).set({ registration: 'closed' }).where(eq(hostedServers.id, server.id))
    const { refresh_token } = await (await exchange(root, client, code)).json<Tokens>()
    expect((await refresh(root, client, refresh_token)).status).toBe(200)
  })
})

describe('refresh token of the root issuer', () => {
  it('yields a narrower access token on request and keeps its own scopes', async () => {
    const { root, client } = await rootFixture()
    const { refresh_token } = await obtainTokens(root, client)
    const narrow = await (await refresh(root, client, refresh_token, { scope: 'mcp:read' })).json<Tokens>()
    expect(narrow.scope).toBe('mcp:read')
    const wide = await (await refresh(root, client, narrow.refresh_token, { resource: root.urls.resource })).json<Tokens>()
    expect(wide.scope).toBe('mcp:read mcp:write')
  })

  it('yields the same token pair again within 30 s of rotation and revokes its grant later', async () => {
    const { server, root, client } = await rootFixture()
    const { refresh_token } = await obtainTokens(root, client)
    const pair = await (await refresh(root, client, refresh_token)).json<Tokens>()
    expect(await (await refresh(root, client, refresh_token)).json()).toEqual(pair)
    await store
      .update(refreshTokens)
      .set({ rotatedAt: ago(31) })
      .where(and(eq(refreshTokens.serverId, server.id), isNotNull(refreshTokens.rotatedAt)))
    await expectRefusal(await refresh(root, client, refresh_token), 'invalid_grant')
    await expectRefusal(await refresh(root, client, pair.refresh_token), 'invalid_grant')
    expect(await countRows(server)).toEqual([0, 0, 0])
    const reused = and(eq(auditEvents.serverId, server.id), eq(auditEvents.action, 'grant.refresh-token-reused'))
    expect(await store.select().from(auditEvents).where(reused)).toMatchObject([
      { tenantId: server.tenant.id, actor: `client:${client.clientId}` },
    ])
  })

  it('revokes its grant when it is reused after its successor was used', async () => {
    const { server, root, client } = await rootFixture()
    const { refresh_token } = await obtainTokens(root, client)
    const next = await (await refresh(root, client, refresh_token)).json<Tokens>()
    const last = await (await refresh(root, client, next.refresh_token)).json<Tokens>()
    await expectRefusal(await refresh(root, client, refresh_token), 'invalid_grant')
    expect(await works(server, last.access_token)).toBe(false)
  })

  it('is refused and stays valid when another client or another issuer presents it', async () => {
    const { server, root, client } = await rootFixture()
    const { refresh_token } = await obtainTokens(root, client)
    await expectRefusal(await refresh(root, await createClient(server, ROOT_CLIENT), refresh_token), 'invalid_grant')
    await expectRefusal(await refresh(server, await createClient(server), refresh_token), 'invalid_grant')
    const ofServer = await obtainTokens(server, await createClient(server))
    await expectRefusal(await refresh(root, client, ofServer.refresh_token), 'invalid_grant')
    await expectRefusal(await refresh(root, client, ofServer.access_token), 'invalid_grant')
    expect((await refresh(root, client, refresh_token)).status).toBe(200)
  })

  it('extends the expiry of its client', async () => {
    const { root, client } = await rootFixture({}, { expiresAt: new Date(Date.now() + 3600_000) })
    await obtainTokens(root, client)
    const [row] = await store.select().from(clients).where(eq(clients.clientId, client.clientId))
    expect(row?.lastUsedAt).toBeInstanceOf(Date)
    expect(row?.expiresAt?.getTime()).toBeGreaterThan(Date.now() + 89 * 86_400_000)
  })

  it('is accepted after repeated unknown refresh tokens were answered 429', async () => {
    const { root, client } = await rootFixture()
    const { refresh_token } = await obtainTokens(root, client)
    const { before, limited } = await untilLimited((guess) => refresh(root, client, `${refresh_token}${guess}`))
    expect([before, limited.headers.get('Retry-After')]).toEqual([[400], '60'])
    expect((await refresh(root, client, refresh_token)).status).toBe(200)
  })
})

describe('revocation endpoint of the root issuer', () => {
  const revoke = (root: TestServer, client: TestClient, token?: string) => postForm(root, 'revoke', { client_id: client.clientId, token })

  it('revokes the grant for a refresh token and only the token for an access token', async () => {
    const { server, root, client } = await rootFixture()
    const [one, other] = [await obtainTokens(root, client), await obtainTokens(root, client)]
    for (const tokensOf of [one, other]) expect(await works(server, tokensOf.access_token)).toBe(true)
    const response = await revoke(root, client, one.access_token)
    expect([response.status, await response.text(), response.headers.get('Cache-Control')]).toEqual([200, '', 'no-store'])
    expect(await works(server, one.access_token)).toBe(false)
    expect((await refresh(root, client, one.refresh_token)).status).toBe(200)
    expect((await revoke(root, client, other.refresh_token)).status).toBe(200)
    expect(await works(server, other.access_token)).toBe(false)
  })

  it('answers 200 and revokes nothing for an unknown or foreign token', async () => {
    const { server, root, client } = await rootFixture()
    const theirs = await obtainTokens(root, await createClient(server, ROOT_CLIENT))
    const ofServer = await obtainTokens(server, await createClient(server))
    const mine = await obtainTokens(root, client)
    const before = await countRows(server)
    for (const { access_token, refresh_token } of [theirs, ofServer]) {
      for (const token of [access_token, refresh_token]) expect((await revoke(root, client, token)).status).toBe(200)
    }
    for (const token of ['x', 'a:b:c', ':'.repeat(5000)]) expect((await revoke(root, client, token)).status).toBe(200)
    expect((await revoke(server, await createClient(server), mine.refresh_token)).status).toBe(200)
    expect(await countRows(server)).toEqual(before)
    await expectRefusal(await revoke(root, client), 'invalid_request')
    await expectRefusal(await postForm(root, 'revoke', { client_id: 'unknown', token: 'x' }), 'invalid_client', 401)
  })
})

describe('concurrent requests at the root issuer', () => {
  const openServer = () => rootFixture({ access: 'signed-in' })
  const options = (user: Awaited<ReturnType<typeof createUser>>, server: TestServer) => ({
    user,
    change: { resource: server.urls.resource },
  })

  it(
    'succeed once and revoke the grant when ten redeem the same code',
    async () => {
      const { server, root } = await openServer()
      for (let round = 0; round < ROUNDS; round++) {
        const client = await createClient(server, ROOT_CLIENT)
        const code = await authorizationCode(root, client, options(await createUser(), server))
        const answers = await Promise.all(RACERS.map(() => exchange(root, client, code)))
        expect(answers.map(({ status }) => status).toSorted()).toEqual([200, ...Array.from({ length: 9 }, () => 400)])
        expect(await countRows(server)).toEqual([0, 0, 0])
      }
    },
    TIMEOUT,
  )

  it(
    'all return the same token pair when ten use the same refresh token',
    async () => {
      const { server, root, client } = await openServer()
      let { refresh_token: current } = await obtainTokens(root, client, options(server.tenant.owner, server))
      for (let round = 0; round < ROUNDS; round++) {
        const answers = await Promise.all(RACERS.map(() => refresh(root, client, current)))
        const pairs = await Promise.all(answers.map((answer) => answer.json<Tokens>()))
        expect(new Set(pairs.map((pair) => `${pair.access_token} ${pair.refresh_token}`)).size).toBe(1)
        current = pairs[0]?.refresh_token ?? ''
      }
    },
    TIMEOUT,
  )

  it(
    'leave no valid token when a grant is revoked during a refresh',
    async () => {
      const { server, root } = await openServer()
      for (let round = 0; round < ROUNDS; round++) {
        const client = await createClient(server, ROOT_CLIENT)
        const { refresh_token } = await obtainTokens(root, client, options(await createUser(), server))
        const refreshes = RACERS.slice(0, 4).map(() => refresh(root, client, refresh_token))
        for (let step = 0; step < round % 5; step++) await store.select({ id: users.id }).from(users).limit(1)
        const revoked = await postForm(root, 'revoke', { client_id: client.clientId, token: refresh_token })
        const answers = await Promise.all(refreshes)
        expect(revoked.status).toBe(200)
        expect(await countRows(server)).toEqual([0, 0, 0])
        for (const answer of answers.filter(({ ok }) => ok)) {
          expect((await refresh(root, client, (await answer.json<Tokens>()).refresh_token)).status).toBe(400)
        }
      }
    },
    TIMEOUT,
  )
})

it('root token endpoint requires the secret of a confidential client', async () => {
  const { root, client } = await rootFixture({}, { secret: 'a secret' })
  const code = await authorizationCode(root, client)
  await expectRefusal(await exchange(root, client, code, { client_secret: 'wrong' }), 'invalid_client', 401)
  expect((await exchange(root, client, code)).status).toBe(200)
  const headers = { Authorization: `Basic ${btoa(`${client.clientId}:wrong`)}` }
  const refused = await fetchPlatform('/token', { method: 'POST', body: new URLSearchParams({ grant_type: 'refresh_token' }), headers })
  expect([refused.status, refused.headers.get('WWW-Authenticate')]).toEqual([401, 'Basic realm="OAuth client"'])
})
