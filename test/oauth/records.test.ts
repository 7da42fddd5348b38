import { eq } from 'drizzle-orm'
import { expect, it } from 'vitest'
import { newId } from '../../protocol/random.ts'
import { Conflict } from '../../store/guard.ts'
import { OAuthRecords } from '../../store/grants/oauth-records.ts'
import { grants, oauthTransactions, refreshTokens, tokens } from '../../store/schema/grants.ts'
import { createServer, store, type TestServer } from '../support/platform.ts'

const open = (server: TestServer, now = new Date()) =>
  new OAuthRecords(
    store,
    {
      issuer: server.urls.issuer,
      tenantId: server.tenant.id,
      serverId: server.id,
    },
    now,
  )

function grantRecord(server: TestServer, id: string) {
  const userId = server.tenant.owner.id
  const metadata = { clientName: 'App', tools: ['look'] }
  const resource = server.urls.resource
  return { id, clientId: 'app', userId, scope: ['mcp:read'], metadata, resource, redirectUri: 'https://app.example/cb', authCodeId: 'x' }
}

async function putGrant(server: TestServer) {
  const id = newId()
  const key = `grant:${server.tenant.owner.id}:${id}`
  const records = open(server)
  await records.put(key, JSON.stringify(grantRecord(server, id)), { expirationTtl: 600 })
  await records.commit()
  return { id, key }
}

const tokenRecord = (server: TestServer, grantId: string, id: string) =>
  JSON.stringify({ id, grantId, userId: server.tenant.owner.id, audience: server.urls.resource, scope: ['mcp:read'] })

const tokenKey = (server: TestServer, grantId: string, id: string) => `token:${server.tenant.owner.id}:${grantId}:${id}`

it('OAuth records are stored at commit and readable before it', async () => {
  const server = await createServer()
  const records = open(server)
  await records.put('transaction:a', 'sealed', { expirationTtl: 600 })
  expect(await records.get('transaction:a')).toBe('sealed')
  expect(await open(server).get('transaction:a')).toBeNull()
  await records.commit()
  expect(await open(server).get('transaction:a')).toBe('sealed')
  await records.delete('transaction:a')
  expect(await records.get('transaction:a')).toBeNull()
})

it('OAuth records store the tools of a grant in the column read by the bearer gate', async () => {
  const server = await createServer()
  const { id } = await putGrant(server)
  expect(await store.select().from(grants).where(eq(grants.id, id))).toMatchObject([
    { tools: ['look'], scopes: ['mcp:read'], rowVersion: 1 },
  ])
})

it('OAuth records return a fresh object for each read', async () => {
  const server = await createServer()
  const { key } = await putGrant(server)
  const records = open(server)
  const [one, two] = [await records.get(key, { type: 'json' }), await records.get(key, { type: 'json' })]
  expect(one).toEqual(two)
  expect(one).not.toBe(two)
})

it('OAuth records reject a commit when the grant changed after it was read', async () => {
  const server = await createServer()
  const { id, key } = await putGrant(server)
  const [first, second] = [open(server), open(server)]
  for (const records of [first, second]) {
    await records.get(key)
    await records.put(key, JSON.stringify(grantRecord(server, id)))
    await records.put(tokenKey(server, id, newId()), tokenRecord(server, id, newId()), { expirationTtl: 3600 })
  }
  await first.commit()
  await expect(second.commit()).rejects.toBeInstanceOf(Conflict)
  expect(await store.select().from(tokens).where(eq(tokens.grantId, id))).toHaveLength(1)
})

it('OAuth records delete the tokens of a deleted grant and reject later ones', async () => {
  const server = await createServer()
  const { id, key } = await putGrant(server)
  const late = open(server)
  await late.put(tokenKey(server, id, 'late'), tokenRecord(server, id, 'late'), { expirationTtl: 3600 })
  const early = open(server)
  await early.put(tokenKey(server, id, 'early'), tokenRecord(server, id, 'early'), { expirationTtl: 3600 })
  await early.commit()
  await store.insert(refreshTokens).values({
    issuer: server.urls.issuer,
    hash: newId(),
    tenantId: server.tenant.id,
    serverId: server.id,
    userId: server.tenant.owner.id,
    grantId: id,
    clientId: 'app',
    generation: 1,
  })

  const end = open(server)
  await end.delete(key)
  expect(await end.commit()).toEqual([{ id, serverId: server.id }])
  await expect(late.commit()).rejects.toBeInstanceOf(Conflict)
  expect(await store.select().from(tokens).where(eq(tokens.serverId, server.id))).toEqual([])
  expect(await store.select().from(refreshTokens).where(eq(refreshTokens.serverId, server.id))).toEqual([])
})

it('OAuth transaction can be consumed by one of ten concurrent commits', async () => {
  const server = await createServer()
  const begun = open(server)
  await begun.put('transaction:once', 'sealed', { expirationTtl: 600 })
  await begun.commit()
  const uses = Array.from({ length: 10 }, () => open(server))
  for (const use of uses) await use.delete('transaction:once')
  const outcomes = await Promise.allSettled(uses.map((use) => use.commit()))
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  for (const outcome of outcomes) if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(Conflict)
})

it('assertion id counts as used from its first lookup until it expires', async () => {
  const server = await createServer()
  const neighbour = await createServer({ tenant: server.tenant })
  const key = `client-assertion-jti:${newId()}`
  const seen = await Promise.all(Array.from({ length: 10 }, () => open(server).get(key)))
  expect(seen.filter((value) => value === null)).toHaveLength(1)
  const records = open(server)
  await records.put(key, '1', { expirationTtl: 60 })
  await records.commit()
  expect(await open(server).get(key)).toBe('1')
  expect(await open(neighbour).get(key)).toBeNull()
  expect(await open(server, new Date(Date.now() + 2 * 3600_000)).get(key)).toBeNull()
})

it('OAuth records of other issuers and expired ones are not found', async () => {
  const server = await createServer()
  const neighbour = await createServer({ tenant: server.tenant })
  const { id, key } = await putGrant(server)
  const transaction = open(server)
  await transaction.put('transaction:mine', 'sealed', { expirationTtl: 600 })
  await transaction.put(tokenKey(server, id, 't'), tokenRecord(server, id, 't'), { expirationTtl: 600 })
  await transaction.commit()
  const later = new Date(Date.now() + 601_000)
  for (const name of [key, 'transaction:mine', tokenKey(server, id, 't')]) {
    expect(await open(server).get(name), name).not.toBeNull()
    expect(await open(neighbour).get(name), name).toBeNull()
    expect(await open(server, later).get(name), name).toBeNull()
  }
  const theirs = open(neighbour)
  await theirs.delete(key)
  await expect(theirs.commit()).rejects.toBeInstanceOf(Conflict)
  expect(await open(server).get(key)).not.toBeNull()
})

it('OAuth records list only the grants of one user and the tokens of one grant', async () => {
  const server = await createServer()
  const { id, key } = await putGrant(server)
  const records = open(server)
  await records.put(tokenKey(server, id, 't'), tokenRecord(server, id, 't'), { expirationTtl: 600 })
  await records.commit()
  const userId = server.tenant.owner.id
  expect(await records.list({ prefix: `grant:${userId}:` })).toEqual({ keys: [{ name: key }], list_complete: true })
  expect(await records.list({ prefix: `token:${userId}:${id}:` })).toEqual({
    keys: [{ name: tokenKey(server, id, 't') }],
    list_complete: true,
  })
  for (const prefix of ['grant:', 'token:', 'client:']) await expect(records.list({ prefix })).rejects.toThrow('must not list')
})

it('OAuth records refuse to write or delete clients', async () => {
  const records = open(await createServer())
  await expect(records.put('client:x', '{}')).rejects.toThrow('must not write')
  await expect(records.delete('client:x')).rejects.toThrow('must not delete')
  expect(await records.get('client:x')).toBeNull()
})

it('grant keeps its twenty newest access tokens', async () => {
  const server = await createServer()
  const { id } = await putGrant(server)
  for (let index = 0; index < 25; index++) {
    const records = open(server)
    await records.put(tokenKey(server, id, `t${index}`), tokenRecord(server, id, `t${index}`), { expirationTtl: 600 })
    await records.commit()
  }
  const kept = await store.select({ hash: tokens.hash }).from(tokens).where(eq(tokens.grantId, id))
  expect(kept).toHaveLength(20)
  expect(kept.map(({ hash }) => hash)).toContain('t24')
  expect(await store.select().from(oauthTransactions).where(eq(oauthTransactions.serverId, server.id))).toEqual([])
})
