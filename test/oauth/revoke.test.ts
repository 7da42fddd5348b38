import { eq } from 'drizzle-orm'
import { expect, it } from 'vitest'
import { grants, refreshTokens, tokens } from '../../store/schema/grants.ts'
import { createClient, obtainTokens, postForm, refresh, type TestClient, type Tokens } from '../support/oauth.ts'
import { createServer, fetchPlatform, store, type TestServer } from '../support/platform.ts'

const revoke = (server: TestServer, client: TestClient, form: Record<string, string>) =>
  postForm(server, 'revoke', { client_id: client.clientId, client_secret: client.secret, ...form })

async function countRows(server: TestServer) {
  const [grantRows, tokenRows, familyRows] = await Promise.all([
    store.select().from(grants).where(eq(grants.serverId, server.id)),
    store.select().from(tokens).where(eq(tokens.serverId, server.id)),
    store.select().from(refreshTokens).where(eq(refreshTokens.serverId, server.id)),
  ])
  return { grants: grantRows.length, tokens: tokenRows.length, refreshTokens: familyRows.length }
}

const NOTHING = { grants: 0, tokens: 0, refreshTokens: 0 }

it.each(['refresh_token', 'access_token', 'unknown_hint', ''])(
  'revoking a refresh token with token_type_hint "%s" ends its grant',
  async (hint) => {
    const server = await createServer()
    const client = await createClient(server)
    const { refresh_token } = await obtainTokens(server, client)
    const response = await revoke(server, client, { token: refresh_token, token_type_hint: hint })
    expect([response.status, await response.text(), response.headers.get('Cache-Control')]).toEqual([200, '', 'no-store'])
    expect(await countRows(server)).toEqual(NOTHING)
  },
)

it('revoking a rotated refresh token ends its grant', async () => {
  const server = await createServer()
  const client = await createClient(server)
  const { refresh_token } = await obtainTokens(server, client)
  const next = await (await refresh(server, client, refresh_token)).json<Tokens>()
  const last = await (await refresh(server, client, next.refresh_token)).json<Tokens>()
  expect((await revoke(server, client, { token: refresh_token })).status).toBe(200)
  expect(await countRows(server)).toEqual(NOTHING)
  expect((await refresh(server, client, last.refresh_token)).status).toBe(400)
})

it('revoking an access token keeps the grant and the refresh token', async () => {
  const server = await createServer()
  const client = await createClient(server)
  const { access_token, refresh_token } = await obtainTokens(server, client)
  expect((await revoke(server, client, { token: access_token, token_type_hint: 'access_token' })).status).toBe(200)
  expect(await countRows(server)).toEqual({ grants: 1, tokens: 0, refreshTokens: 1 })
  expect((await refresh(server, client, refresh_token)).status).toBe(200)
})

it('revocation endpoint answers 200 and revokes nothing for unknown, malformed or foreign tokens', async () => {
  const server = await createServer()
  const [client, other] = [await createClient(server), await createClient(server)]
  const theirs = await obtainTokens(server, other)
  const before = await countRows(server)
  for (const token of [theirs.access_token, theirs.refresh_token, 'a:b:c', 'x', ':'.repeat(5000)]) {
    expect((await revoke(server, client, { token })).status).toBe(200)
  }
  expect(await countRows(server)).toEqual(before)
})

it('revocation endpoint issues no tokens when the form has a grant_type', async () => {
  const server = await createServer()
  const client = await createClient(server)
  const { refresh_token } = await obtainTokens(server, client)
  const response = await revoke(server, client, { token: 'x', grant_type: 'refresh_token', refresh_token })
  expect([response.status, await response.text()]).toEqual([200, ''])
  expect(await countRows(server)).toEqual({ grants: 1, tokens: 1, refreshTokens: 1 })
})

it('revocation endpoint refuses a wrong secret, a form without a token and a GET', async () => {
  const server = await createServer()
  const client = await createClient(server, { secret: 'secret' })
  const { refresh_token } = await obtainTokens(server, client)
  const wrong = await revoke(server, { ...client, secret: 'wrong' }, { token: refresh_token })
  expect([wrong.status, await wrong.json()]).toMatchObject([401, { error: 'invalid_client' }])
  const empty = await revoke(server, client, {})
  expect([empty.status, await empty.json()]).toMatchObject([400, { error: 'invalid_request' }])
  const got = await fetchPlatform(`/${server.tenant.slug}/${server.slug}/revoke`)
  expect([got.status, got.headers.get('Allow')]).toEqual([405, 'POST, OPTIONS'])
  expect((await countRows(server)).grants).toBe(1)
})
