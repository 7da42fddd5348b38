import { env } from 'cloudflare:workers'
import { and, eq } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import worker from '../../workers/index.ts'
import { clients } from '../../store/schema/clients.ts'
import { accessKeys } from '../../store/schema/machines.ts'
import { users } from '../../store/schema/people.ts'
import { members, tenants } from '../../store/schema/tenants.ts'
import { openSession } from '../support/legacy.ts'
import { callModern, eventsOf } from '../support/modern.ts'
import { createClient, createMachine, postForm, signedIn } from '../support/oauth.ts'
import { addMember, createTenant, fetchPlatform, ORIGIN, store, type TestServer, type TestUser } from '../support/platform.ts'
import { call, serverWithTools } from '../support/server-with-tools.ts'

/** Returns a caller of the access key API of the server, signed in as `user`. */
async function keysOf(server: TestServer, user: TestUser = server.tenant.owner) {
  const browser = await signedIn(user)
  return (method: string, id = '', body?: unknown) =>
    browser.get(`/api/tenants/${server.tenant.slug}/servers/${server.slug}/access-keys${id && `/${id}`}`, {
      method,
      headers: { Origin: ORIGIN, 'Content-Type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
}

async function makeKey(server: TestServer, user?: TestUser, change: Record<string, unknown> = {}): Promise<{ id: string; key: string }> {
  const keys = await keysOf(server, user)
  const response = await keys('POST', '', { name: 'Old client', scopes: ['mcp:read'], ...change })
  expect(response.status).toBe(201)
  return response.json()
}

async function propsSeen(response: Response): Promise<Record<string, unknown>> {
  const { result } = await response.json<{ result: { content: { text: string }[] } }>()
  return JSON.parse(result.content[0]?.text ?? '')
}

/** Runs `act` 30 s later on the clock of the isolate, so that cached principals have expired. */
async function thirtySecondsLater<T>(act: () => Promise<T>): Promise<T> {
  const now = Date.now
  Date.now = () => now() + 30_000
  try {
    return await act()
  } finally {
    Date.now = now
  }
}

describe('access key', () => {
  it('acts for its creator with its scopes and tools and is stored as a hash', async () => {
    const server = await serverWithTools()
    const developer = await addMember(server.tenant, 'developer')
    const { id, key } = await makeKey(server, developer, { scopes: ['mcp:write'], tools: ['look'] })
    expect(key).toMatch(/^wharf_key_[\w-]{43}$/)
    expect(await propsSeen(await call(server, key))).toMatchObject({
      user: developer.id,
      client: `access-key:${id}`,
      scopes: ['mcp:read', 'mcp:write'],
    })
    expect(await (await call(server, key, 'change')).json()).toMatchObject({ error: { message: 'Unknown tool: change' } })
    const rows = await store.select().from(accessKeys).where(eq(accessKeys.id, id))
    expect(rows).toMatchObject([{ lastFour: key.slice(-4), userId: developer.id, createdBy: developer.id }])
    expect(JSON.stringify(rows)).not.toContain(key)
  })

  it('gets 403 insufficient_scope when a call needs more scopes', async () => {
    const server = await serverWithTools()
    const { key } = await makeKey(server)
    const refused = await call(server, key, 'change')
    expect([refused.status, refused.headers.get('WWW-Authenticate')]).toEqual([403, expect.stringContaining('error="insufficient_scope"')])
  })

  it('acts as the client named by an admin', async () => {
    const server = await serverWithTools()
    const client = await createMachine(server)
    const { key } = await makeKey(server, undefined, { clientId: client.clientId })
    const seen = await propsSeen(await call(server, key))
    expect(seen).toMatchObject({ client: client.clientId, scopes: ['mcp:read'] })
    expect(seen['user']).toBeUndefined()
  })

  it('is valid only at the MCP endpoint of its hosted server', async () => {
    const tenant = await createTenant()
    const server = await serverWithTools({}, tenant)
    const neighbour = await serverWithTools({}, tenant)
    const { key } = await makeKey(server, undefined, { scopes: ['mcp:write'] })
    expect((await call(server, key)).status).toBe(200)
    expect((await call(neighbour, key)).status).toBe(401)
    const headers = { Authorization: `Bearer ${key}`, Origin: ORIGIN, 'Content-Type': 'application/json' }
    expect((await fetchPlatform('/api/me', { headers })).status).toBe(401)
    expect((await fetchPlatform(`/api/tenants/${tenant.slug}`, { headers })).status).toBe(401)
    expect((await fetchPlatform(`/${tenant.slug}/${server.slug}/register`, { method: 'POST', headers, body: '{}' })).status).toBe(400)
    const client = await createClient(server)
    expect((await postForm(server, 'token', { grant_type: 'refresh_token', client_id: client.clientId, refresh_token: key })).status).toBe(
      400,
    )
    expect((await postForm(server, 'revoke', { client_id: client.clientId, token: key })).status).toBe(200)
    expect((await call(server, key)).status).toBe(200)
  })

  it('is accepted only as a Bearer token in the Authorization header', async () => {
    const server = await serverWithTools()
    const { key } = await makeKey(server)
    const path = new URL(server.urls.resource).pathname
    const elsewhere: { query?: string; headers?: Record<string, string> }[] = [
      { query: `?access_token=${key}` },
      { headers: { Authorization: key } },
      { headers: { 'X-Api-Key': key } },
      { headers: { Authorization: `Basic ${btoa(`x:${key}`)}` } },
      { headers: { Authorization: `Bearer ${key}x` } },
      { headers: { Authorization: `Bearer ${key.slice(0, -1)}` } },
    ]
    for (const { query = '', headers = {} } of elsewhere) {
      expect((await callModern(server, { method: 'tools/list', path: `${path}${query}`, headers })).status).toBe(401)
    }
  })

  it('opens sessions that no other key of the same user or client can use', async () => {
    const server = await serverWithTools()
    const [one, other] = [await makeKey(server), await makeKey(server)]
    const client = await createMachine(server)
    const [firstClientKey, secondClientKey] = [
      await makeKey(server, undefined, { clientId: client.clientId }),
      await makeKey(server, undefined, { clientId: client.clientId }),
    ]
    const session = await openSession(server, { token: one.key })
    const machine = await openSession(server, { token: firstClientKey.key })
    const path = new URL(server.urls.resource).pathname
    const ping = (id: string, key: string) =>
      fetchPlatform(path, {
        method: 'POST',
        headers: {
          Authorization: `Bearer ${key}`,
          'Mcp-Session-Id': id,
          'MCP-Protocol-Version': '2025-11-25',
          'Content-Type': 'application/json',
          Accept: 'application/json, text/event-stream',
        },
        body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' }),
      })
    expect((await ping(session.id, one.key)).status).toBe(200)
    expect((await ping(session.id, other.key)).status).toBe(404)
    expect((await ping(machine.id, firstClientKey.key)).status).toBe(200)
    expect((await ping(machine.id, secondClientKey.key)).status).toBe(404)
  })

  it('needs no storage access in a warm call and records its last use at most once a minute', async () => {
    const server = await serverWithTools()
    const { id, key } = await makeKey(server)
    const used: string[] = []
    const DB = new Proxy(env.DB, {
      get(of, property) {
        const value = Reflect.get(of, property) as unknown
        if (typeof value !== 'function') return value
        return (...args: unknown[]) => {
          used.push(String(args[0] ?? property))
          return (value as (...given: unknown[]) => unknown).apply(of, args)
        }
      },
    })
    const background: Promise<unknown>[] = []
    const ctx = {
      waitUntil: (promise: Promise<unknown>) => void background.push(promise),
      passThroughOnException: () => undefined,
      props: {},
    }
    const send = async () => {
      const request = new Request(new URL(new URL(server.urls.resource).pathname, ORIGIN), {
        method: 'GET',
        headers: { Authorization: `Bearer ${key}` },
      }) as Parameters<typeof worker.fetch>[0]
      await worker.fetch(request, { ...env, DB } as Env, ctx as unknown as ExecutionContext)
      await Promise.all(background.splice(0))
      return used.splice(0)
    }
    const writes = (statements: string[]) => statements.filter((text) => text.startsWith('update'))
    expect(writes(await send())).toHaveLength(1)
    expect(await send()).toEqual([])
    const again = await thirtySecondsLater(send)
    expect([again.length > 0, writes(again)]).toEqual([true, []])
    await store
      .update(accessKeys)
      .set({ lastUsedAt: new Date(Date.now() - 90_000) })
      .where(eq(accessKeys.id, id))
    expect(writes(await thirtySecondsLater(() => thirtySecondsLater(send)))).toHaveLength(1)
    const listed = await (await (await keysOf(server))('GET')).json()
    expect(listed).toMatchObject({ items: [{ id, lastUsedAt: expect.any(String) }] })
    expect(JSON.stringify(listed)).not.toContain(key)
  })
})

describe('access key', () => {
  const ends: [string, (server: TestServer, key: { id: string; user: TestUser; clientId: string }) => Promise<unknown>][] = [
    [
      'it expires',
      (_, { id }) =>
        store
          .update(accessKeys)
          .set({ expiresAt: new Date(Date.now() - 1000) })
          .where(eq(accessKeys.id, id)),
    ],
    [
      'its user leaves the tenant',
      (server, { user }) => store.delete(members).where(and(eq(members.tenantId, server.tenant.id), eq(members.userId, user.id))),
    ],
    ['its user is deleted', (_, { user }) => store.delete(users).where(eq(users.id, user.id))],
  ]

  it.each(ends)('is refused with 401 within 10 s when %s', async (_, end) => {
    const server = await serverWithTools({ access: 'public' })
    const user = await addMember(server.tenant, 'developer')
    const { id, key } = await makeKey(server, user)
    expect((await call(server, key)).status).toBe(200)
    await end(server, { id, user, clientId: '' })
    await thirtySecondsLater(async () => expect((await call(server, key)).status).toBe(401))
  })

  it('gets 403 while the tenant is suspended', async () => {
    const server = await serverWithTools()
    const { key } = await makeKey(server)
    expect((await call(server, key)).status).toBe(200)
    await store.update(tenants).set({ suspendedAt: new Date() }).where(eq(tenants.id, server.tenant.id))
    await thirtySecondsLater(async () => expect((await call(server, key)).status).toBe(403))
  })

  it('is refused and its streams closed at once when its user is removed, even if the user rejoins', async () => {
    const server = await serverWithTools({ access: 'signed-in' })
    const developer = await addMember(server.tenant, 'developer')
    const { key } = await makeKey(server, developer)
    const stream = await callModern(server, {
      token: key,
      method: 'subscriptions/listen',
      params: { notifications: { toolsListChanged: true } },
    })
    const events = eventsOf(stream)
    await events.next()
    const owner = await signedIn(server.tenant.owner)
    const gone = await owner.get(`/api/tenants/${server.tenant.slug}/members/${developer.id}`, {
      method: 'DELETE',
      headers: { Origin: ORIGIN },
    })
    expect(gone.status).toBe(204)
    expect((await events.next()).value?.message).toHaveProperty('result')
    expect((await call(server, key)).status).toBe(401)
    await store.insert(members).values({ tenantId: server.tenant.id, userId: developer.id, role: 'developer' })
    expect((await call(server, key)).status).toBe(401)
  })

  it('is refused and its streams closed at once when it is deleted', async () => {
    const server = await serverWithTools()
    const { id, key } = await makeKey(server)
    const session = await openSession(server, { token: key })
    const stream = await session.get()
    const keys = await keysOf(server)
    expect((await keys('DELETE', id)).status).toBe(204)
    await stream.text()
    expect((await call(server, key)).status).toBe(401)
    expect((await session.request(1, 'ping')).status).toBe(401)
    expect((await keys('DELETE', id)).status).toBe(404)
  })

  it('is refused when its client is deleted or refused', async () => {
    const server = await serverWithTools({ clients: 'approved' })
    const [refused, deleted] = [await createMachine(server), await createMachine(server)]
    const [first, second] = [
      await makeKey(server, undefined, { clientId: refused.clientId }),
      await makeKey(server, undefined, { clientId: deleted.clientId }),
    ]
    expect([(await call(server, first.key)).status, (await call(server, second.key)).status]).toEqual([200, 200])
    const owner = await signedIn(server.tenant.owner)
    const base = `/api/tenants/${server.tenant.slug}`
    await owner.get(`${base}/servers/${server.slug}/client-approvals`, {
      method: 'POST',
      headers: { Origin: ORIGIN, 'Content-Type': 'application/json' },
      body: JSON.stringify({ clientId: refused.clientId, state: 'refused' }),
    })
    expect((await owner.get(`${base}/clients/${deleted.clientId}`, { method: 'DELETE', headers: { Origin: ORIGIN } })).status).toBe(204)
    expect([(await call(server, first.key)).status, (await call(server, second.key)).status]).toEqual([401, 401])
    expect(await store.$count(clients, eq(clients.clientId, deleted.clientId))).toBe(0)
    expect(await store.$count(accessKeys, eq(accessKeys.serverId, server.id))).toBe(1)
  })
})
