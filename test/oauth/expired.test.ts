import { env } from 'cloudflare:workers'
import { and, eq } from 'drizzle-orm'
import { expect, it, vi } from 'vitest'
import { assertionIds, clients, grants, oauthTransactions, refreshTokens, tokens } from '../../store/schema.ts'
import { scheduled } from '../../workers/scheduled.ts'
import { authorizationCode, authorizePath, createClient, obtainTokens, refresh, signedIn, type TestClient } from '../support/oauth.ts'
import { createServer, fetchPlatform, store, type TestServer } from '../support/platform.ts'

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

it('forgets a client nobody used after a day, and keeps the others', async () => {
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
  await sweepIn(24 * 100) // not used for more than ninety days, and its grant is over
  expect(await isKnown(server, used)).toBe(false)
})

it('deletes what has expired and nothing else', async () => {
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

it('gets through many at once', async () => {
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
