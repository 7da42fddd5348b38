import { env } from 'cloudflare:workers'
import { and, eq, sql } from 'drizzle-orm'
import { expect, it, vi } from 'vitest'
import { DEVICE_GRANT } from '../../protocol/oauth/device-authorization.ts'
import { newId } from '../../protocol/random.ts'
import { assertionIds, clientApprovals, clients } from '../../store/schema/clients.ts'
import { deviceAuthorizations, grants, oauthTransactions, refreshTokens, tokens } from '../../store/schema/grants.ts'
import { accessKeys, machineGrants, machineTokens } from '../../store/schema/machines.ts'
import { scheduled } from '../../workers/scheduled.ts'
import {
  authorizationCode,
  authorizePath,
  createClient,
  createMachine,
  machineToken,
  obtainTokens,
  refresh,
  signedIn,
  type TestClient,
} from '../support/oauth.ts'
import { createServer, fetchPlatform, ORIGIN, store, type TestServer } from '../support/platform.ts'

async function sweepIn(hours: number) {
  vi.spyOn(console, 'log').mockImplementation(() => undefined)
  await scheduled({ scheduledTime: Date.now() + hours * 3600_000 }, env)
  vi.restoreAllMocks()
}

async function isKnown(server: TestServer, { clientId }: TestClient): Promise<boolean> {
  const found = await store
    .select()
    .from(clients)
    .where(and(eq(clients.serverId, server.id), eq(clients.clientId, clientId)))
  return found.length === 1
}

async function registered(server: TestServer, name: string): Promise<TestClient> {
  const body = {
    client_name: name,
    redirect_uris: ['https://app.example/callback'],
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code', 'refresh_token'],
  }
  const response = await fetchPlatform(`/${server.tenant.slug}/${server.slug}/register`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  })
  return { clientId: (await response.json<{ client_id: string }>()).client_id, secret: undefined }
}

it('cleanup deletes registered clients unused for a day, and used ones after ninety days', async () => {
  const server = await createServer()
  const byHand = await createClient(server)
  const [unused, used] = [await registered(server, 'unused'), await registered(server, 'used')]
  const { refresh_token } = await obtainTokens(server, used)
  await sweepIn(23)
  for (const client of [byHand, unused, used]) expect(await isKnown(server, client)).toBe(true)
  await sweepIn(25)
  expect(await isKnown(server, unused)).toBe(false)
  for (const client of [byHand, used]) expect(await isKnown(server, client)).toBe(true)
  expect((await refresh(server, used, refresh_token)).status).toBe(200)
  await sweepIn(24 * 100) // unused for more than ninety days, with an expired grant
  expect(await isKnown(server, used)).toBe(false)
})

it('cleanup keeps a client while it waits for approval and after it was approved', async () => {
  const server = await createServer({ settings: { clients: 'approved' } })
  const [waiting, approved] = [await registered(server, 'waiting'), await registered(server, 'approved')]
  const browser = await signedIn(server.tenant.owner)
  for (const client of [waiting, approved]) expect((await browser.get(authorizePath(server, client))).status).toBe(302)
  await sweepIn(24 * 29)
  // a new sign-in, because the cleanup deleted the expired one
  const back = await signedIn(server.tenant.owner)
  const decided = await back.get(`/api/tenants/${server.tenant.slug}/servers/${server.slug}/client-approvals`, {
    method: 'POST',
    headers: { Origin: ORIGIN, 'Content-Type': 'application/json' },
    body: JSON.stringify({ clientId: approved.clientId, state: 'approved' }),
  })
  expect(decided.status).toBe(200)
  await sweepIn(24 * 31)
  expect([await isKnown(server, waiting), await isKnown(server, approved)]).toEqual([false, true])
  const listed = await store.select().from(clientApprovals).where(eq(clientApprovals.serverId, server.id))
  expect(listed).toMatchObject([{ clientId: approved.clientId, name: 'approved', state: 'approved' }])
  await sweepIn(24 * 91)
  expect(await isKnown(server, approved)).toBe(false)
})

it('cleanup deletes expired machine tokens and access keys and keeps machine grants', async () => {
  const server = await createServer()
  const client = await createMachine(server, { scopes: ['mcp:read'] })
  await machineToken(server, client)
  await store.insert(accessKeys).values({
    id: newId(),
    keyHash: newId(),
    lastFour: 'abcd',
    name: 'x',
    tenantId: server.tenant.id,
    serverId: server.id,
    userId: server.tenant.owner.id,
    scopes: ['mcp:read'],
    expiresAt: new Date(Date.now() + 24 * 3600_000),
  })
  const left = async () => {
    const counts = [machineTokens, accessKeys, machineGrants].map((table) => store.$count(table, eq(table.serverId, server.id)))
    return Promise.all(counts)
  }
  await sweepIn(0.9)
  expect(await left()).toEqual([1, 1, 1])
  await sweepIn(1.1)
  expect(await left()).toEqual([0, 1, 1])
  await sweepIn(25)
  expect(await left()).toEqual([0, 0, 1])
})

it('cleanup keeps the thousand most recently used clients without a grant per server', async () => {
  const server = await createServer()
  const held = await createClient(server, { lastUsedAt: new Date(1000), expiresAt: new Date(Date.now() + 3600_000) })
  await obtainTokens(server, held)
  const until = Math.floor(Date.now() / 1000) + 3600
  await store.run(sql`
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1005)
    INSERT INTO clients (issuer, client_id, tenant_id, server_id, redirect_uris, grant_types, response_types, token_endpoint_auth_method, metadata, last_used_at, expires_at)
    SELECT ${server.urls.issuer}, 'c' || i, ${server.tenant.id}, ${server.id}, '[]', '[]', '[]', 'none', '{}', i, ${until} FROM n`)
  await sweepIn(0)
  const kept = await store.select({ clientId: clients.clientId }).from(clients).where(eq(clients.serverId, server.id))
  expect(kept).toHaveLength(1001)
  expect(kept.map(({ clientId }) => clientId)).toEqual(expect.arrayContaining([held.clientId, 'c6', 'c1005']))
})

it('cleanup deletes expired grants, tokens, transactions and assertion ids and nothing else', async () => {
  const server = await createServer()
  const client = await createClient(server)
  const { refresh_token } = await obtainTokens(server, client)
  await authorizationCode(server, client) // never exchanged
  await (await signedIn(server.tenant.owner)).get(authorizePath(server, client)) // never answered
  await store.insert(assertionIds).values({ issuer: server.urls.issuer, hash: 'x', expiresAt: new Date(Date.now() + 60_000) })
  const rows = async () => ({
    grants: (await store.select().from(grants).where(eq(grants.serverId, server.id))).length,
    tokens: (await store.select().from(tokens).where(eq(tokens.serverId, server.id))).length,
    refreshTokens: (await store.select().from(refreshTokens).where(eq(refreshTokens.serverId, server.id))).length,
    transactions: (await store.select().from(oauthTransactions).where(eq(oauthTransactions.serverId, server.id))).length,
    assertions: (await store.select().from(assertionIds).where(eq(assertionIds.issuer, server.urls.issuer))).length,
  })
  expect(await rows()).toEqual({ grants: 2, tokens: 1, refreshTokens: 1, transactions: 1, assertions: 1 })
  await sweepIn(0.5)
  expect(await rows()).toEqual({ grants: 1, tokens: 1, refreshTokens: 1, transactions: 0, assertions: 0 })
  await sweepIn(2)
  expect(await rows()).toEqual({ grants: 1, tokens: 0, refreshTokens: 1, transactions: 0, assertions: 0 })
  expect((await refresh(server, client, refresh_token)).status).toBe(200)
  await sweepIn(24 * 31)
  expect(await rows()).toEqual({ grants: 0, tokens: 0, refreshTokens: 0, transactions: 0, assertions: 0 })
})

it('cleanup keeps expired device codes for some minutes so that a poll gets expired_token', async () => {
  const server = await createServer()
  const client = await createClient(server, { grantTypes: [DEVICE_GRANT], redirectUris: [], responseTypes: [] })
  const body = new URLSearchParams({ client_id: client.clientId })
  expect((await fetchPlatform(server.urls.deviceAuthorizationEndpoint, { method: 'POST', body })).status).toBe(200)
  const left = () => store.$count(deviceAuthorizations, eq(deviceAuthorizations.serverId, server.id))
  await sweepIn(0.25)
  expect(await left()).toBe(1)
  await sweepIn(0.4)
  expect(await left()).toBe(0)
})

it('cleanup deletes 2,500 expired rows in one run', async () => {
  const server = await createServer()
  const many = Array.from({ length: 2500 }, (_, index) => index)
  const expiresAt = new Date(Date.now() - 1000)
  for (let from = 0; from < many.length; from += 25) {
    await store
      .insert(assertionIds)
      .values(many.slice(from, from + 25).map((hash) => ({ issuer: server.urls.issuer, hash: `${hash}`, expiresAt })))
  }
  await sweepIn(0)
  expect(await store.select().from(assertionIds).where(eq(assertionIds.issuer, server.urls.issuer))).toEqual([])
})
