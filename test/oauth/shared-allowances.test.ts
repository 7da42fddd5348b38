import { env } from 'cloudflare:workers'
import { createExecutionContext } from 'cloudflare:test'
import { and, eq, inArray } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { newId, randomToken } from '../../protocol/random.ts'
import { deleteExpired } from '../../store/expired.ts'
import { clientApprovals, clients } from '../../store/schema/clients.ts'
import { deviceAuthorizations } from '../../store/schema/grants.ts'
import { machineGrants } from '../../store/schema/machines.ts'
import worker from '../../workers/index.ts'
import {
  authorizePath,
  callback,
  createClient,
  machineToken,
  REDIRECT_URI,
  requestMachineToken,
  signedIn,
  untilLimited,
} from '../support/oauth.ts'
import { addMember, createServer, fetchPlatform, freshSlug, ORIGIN, store, type TestServer } from '../support/platform.ts'

/*
 * Limits that several parties share: the requests of a stranger use up the share of the stranger.
 */

const NOW = () => new Date()

type NewClient = typeof clients.$inferInsert

/** Inserts rows in steps, because D1 allows a hundred parameters per statement. */
async function insertClients(server: TestServer, rows: Partial<NewClient>[]): Promise<string[]> {
  const all = rows.map((row) => ({
    issuer: server.urls.issuer,
    clientId: newId(),
    tenantId: server.tenant.id,
    serverId: server.id,
    redirectUris: [REDIRECT_URI],
    grantTypes: ['authorization_code'],
    responseTypes: ['code'],
    tokenEndpointAuthMethod: 'none',
    metadata: {},
    createdAt: NOW(),
    expiresAt: new Date(Date.now() + 3600_000),
    ...row,
  }))
  for (let from = 0; from < all.length; from += 5) await store.insert(clients).values(all.slice(from, from + 5))
  return all.map(({ clientId }) => clientId)
}

const times = <T>(n: number, make: (index: number) => T): T[] => Array.from({ length: n }, (_, index) => make(index))

async function left(ids: string[]): Promise<number> {
  let n = 0
  for (let from = 0; from < ids.length; from += 50) n += await store.$count(clients, inArray(clients.clientId, ids.slice(from, from + 50)))
  return n
}

function register(server: TestServer, address: string): Promise<Response> {
  return fetchPlatform(server.urls.registrationEndpoint, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'CF-Connecting-IP': address },
    body: JSON.stringify({ client_name: randomToken(6), redirect_uris: [REDIRECT_URI], token_endpoint_auth_method: 'none' }),
  })
}

describe('registration', () => {
  it('past a thousand unused clients ends those of the network with most of them', async () => {
    const server = await createServer()
    const ago = (seconds: number) => new Date(Date.now() - seconds * 1000)
    const good = await insertClients(server, [
      { registeredFrom: '198.51.100.1', createdAt: ago(7200) },
      { registeredFrom: '198.51.100.1', createdAt: ago(7100) },
      { registeredFrom: '2001:db8::/64', createdAt: ago(7000) },
      { registeredFrom: null, createdAt: ago(7300) }, // from before the network was stored
    ])
    const flood = await insertClients(
      server,
      times(1000, (index) => ({ registeredFrom: '203.0.113.9', createdAt: ago(3600 - index) })),
    )
    expect((await register(server, '203.0.113.9')).status).toBe(201)
    expect((await register(server, '192.0.2.1')).status).toBe(201)
    expect([await left(good), await left(flood)]).toEqual([4, 1000 - 6])
    expect(await store.$count(clients, eq(clients.serverId, server.id))).toBe(1000)
    expect(await left(flood.slice(0, 6))).toBe(0)
  })

  it('past a thousand former clients keeps the clients of small networks at the next sweep', async () => {
    const server = await createServer()
    const day = 86_400_000
    const [good = ''] = await insertClients(server, [{ registeredFrom: '198.51.100.1', lastUsedAt: new Date(Date.now() - 30 * day) }])
    const flood = await insertClients(
      server,
      times(1003, (index) => ({ registeredFrom: '203.0.113.9', lastUsedAt: new Date(Date.now() - index * 1000) })),
    )
    await deleteExpired(store, NOW())
    expect([await left([good]), await left(flood), await left(flood.slice(999))]).toEqual([1, 999, 0])
  })
})

describe('device authorization', () => {
  const GRANT = 'urn:ietf:params:oauth:grant-type:device_code'

  const ask = (server: TestServer, clientId: string, address: string) =>
    fetchPlatform(`${server.urls.issuer}/device_authorization`, {
      method: 'POST',
      body: new URLSearchParams({ client_id: clientId }),
      headers: { 'CF-Connecting-IP': address },
    })

  async function fill(server: TestServer, clientId: string, networks: (string | null)[], change: object = {}): Promise<void> {
    const rows = networks.map((network) => ({
      issuer: server.urls.issuer,
      deviceCodeHash: randomToken(16),
      userCodeHash: randomToken(16),
      tenantId: server.tenant.id,
      serverId: server.id,
      form: 'path' as const,
      clientId,
      scopes: ['mcp:read' as const],
      codeChallenge: 'x',
      network,
      interval: 5,
      createdAt: NOW(),
      expiresAt: new Date(Date.now() + 600_000),
      ...change,
    }))
    for (let from = 0; from < rows.length; from += 5) await store.insert(deviceAuthorizations).values(rows.slice(from, from + 5))
  }

  async function device() {
    const server = await createServer()
    const client = await createClient(server, { grantTypes: [GRANT], redirectUris: [], responseTypes: [] })
    const started = await ask(server, client.clientId, '198.51.100.7')
    const { device_code } = await started.json<{ device_code: string }>()
    const poll = () =>
      fetchPlatform(server.urls.tokenEndpoint, {
        method: 'POST',
        body: new URLSearchParams({ grant_type: GRANT, client_id: client.clientId, device_code }),
      })
    return { server, clientId: client.clientId, poll }
  }

  it('refuses a network with fifty requests that wait, and ends no request of another network', async () => {
    const { server, clientId, poll } = await device()
    // 203.0.113.9 sends requests with the public client_id of the app
    const statuses = []
    for (let n = 0; n < 55; n++) statuses.push((await ask(server, clientId, '203.0.113.9')).status)
    expect([statuses.filter((status) => status === 200).length, statuses.slice(50)]).toEqual([50, times(5, () => 429)])
    expect(await (await ask(server, clientId, '203.0.113.9')).json()).toMatchObject({ error: 'temporarily_unavailable' })
    expect(await (await poll()).json()).toMatchObject({ error: 'authorization_pending' })
    expect((await ask(server, clientId, '203.0.113.10')).status).toBe(200)
  })

  it('refuses new requests at a server with a thousand, in place of ending old ones', async () => {
    const { server, clientId, poll } = await device()
    await fill(
      server,
      clientId,
      times(999, (index) => `10.0.${index % 200}.1`),
    )
    const refused = await ask(server, clientId, '192.0.2.1')
    expect([refused.status, refused.headers.get('Retry-After')]).toEqual([429, '60'])
    expect(await (await poll()).json()).toMatchObject({ error: 'authorization_pending' })
    expect(await store.$count(deviceAuthorizations, eq(deviceAuthorizations.serverId, server.id))).toBe(1000)
  })

  it('does not count requests that have expired or were denied', async () => {
    const { server, clientId } = await device()
    await fill(
      server,
      clientId,
      times(50, () => '192.0.2.1'),
      { expiresAt: new Date(Date.now() - 1000) },
    )
    await fill(
      server,
      clientId,
      times(50, () => '192.0.2.1'),
      { state: 'denied' },
    )
    expect((await ask(server, clientId, '192.0.2.1')).status).toBe(200)
  })

  it('admits fifty of sixty requests of a network that race', async () => {
    const { server, clientId } = await device()
    const answers = await Promise.all(times(58, () => ask(server, clientId, '203.0.113.9')))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(50)
  })
})

describe('waiting list of a server', () => {
  const waiting = (server: TestServer) =>
    store.$count(clientApprovals, and(eq(clientApprovals.serverId, server.id), eq(clientApprovals.state, 'waiting')))

  it('has at most twenty apps of one user, and places for other users', async () => {
    const server = await createServer({ settings: { clients: 'approved' } })
    const [member, other] = [await addMember(server.tenant, 'viewer'), await addMember(server.tenant, 'viewer')]
    const ids = await insertClients(
      server,
      times(22, () => ({})),
    )
    const browser = await signedIn(member)
    const reasons = []
    for (const clientId of ids) {
      const answer = callback(await browser.get(authorizePath(server, { clientId, secret: undefined })))
      reasons.push(answer['error_description']?.includes('is on the waiting list'))
    }
    expect([reasons.filter(Boolean).length, await waiting(server)]).toEqual([20, 20])
    const last = { clientId: ids.at(-1) ?? '', secret: undefined }
    const answer = callback(await (await signedIn(other)).get(authorizePath(server, last)))
    expect(answer['error_description']).toContain('is on the waiting list')
  })

  it('has at most ten clients for themselves of one network', async () => {
    const server = await createServer({ settings: { clients: 'approved', machineScopes: ['mcp:read'] } })
    const machine = async (registeredFrom: string) => {
      const client = await createClient(server, { grantTypes: ['client_credentials'], secret: 'a secret', registeredFrom })
      const { error_description } = await (await requestMachineToken(server, client)).json<{ error_description: string }>()
      return error_description.includes('is on the waiting list')
    }
    for (let n = 0; n < 12; n++) expect(await machine('203.0.113.9')).toBe(n < 10)
    expect([await machine('192.0.2.1'), await waiting(server)]).toEqual([true, 11])
  })
})

it('machine grants past five hundred end those of the network with most of them', async () => {
  const server = await createServer({ settings: { machineScopes: ['mcp:read'] } })
  const settings = { grantTypes: ['client_credentials'], secret: 'a secret' }
  const good = await createClient(server, { ...settings, registeredFrom: '192.0.2.1' })
  await machineToken(server, good)
  await store
    .update(machineGrants)
    .set({ lastUsedAt: new Date(0) })
    .where(eq(machineGrants.serverId, server.id))
  const flood = await insertClients(
    server,
    times(499, () => ({ registeredFrom: '203.0.113.9' })),
  )
  const owner = { tenantId: server.tenant.id, serverId: server.id, clientIssuer: server.urls.issuer, scopes: [] }
  for (let from = 0; from < flood.length; from += 4)
    await store
      .insert(machineGrants)
      .values(flood.slice(from, from + 4).map((clientId) => ({ ...owner, id: newId(), clientId, lastUsedAt: NOW() })))
  await machineToken(server, await createClient(server, { ...settings, registeredFrom: '203.0.113.9' }))
  expect(await store.$count(machineGrants, eq(machineGrants.serverId, server.id))).toBe(500)
  expect((await requestMachineToken(server, good)).status).toBe(200)
  expect(await left(flood)).toBe(498)
})

it('sign-in admits the browser of the owner while strangers use up the attempts at the account', async () => {
  const email = `${freshSlug('person')}@example.com`
  const password = 'correct horse battery'
  const few = { ...env, ACCOUNT_RATE_LIMIT: env.FETCH_RATE_LIMIT } // a total of ten
  const send = (path: string, form: Record<string, string>, headers: Record<string, string> = {}) => {
    const request = new Request<unknown, IncomingRequestCfProperties>(`${ORIGIN}${path}`, {
      method: 'POST',
      body: new URLSearchParams(form),
      headers: { Origin: ORIGIN, 'CF-Connecting-IP': freshSlug('ip'), ...headers },
      redirect: 'manual',
    })
    return Promise.resolve(worker.fetch(request, few, createExecutionContext()))
  }
  await send('/auth/sign-up', { name: 'Ada', email, password })
  const first = await send('/auth/sign-in', { email, password })
  const cookie = first.headers
    .getSetCookie()
    .slice(1)
    .map((each) => each.split(';')[0])
    .join('; ')
  expect(cookie).toMatch(/^wharf-known-/)
  await untilLimited(() => send('/auth/sign-in', { email, password: 'x'.repeat(500) }))
  expect((await send('/auth/sign-in', { email, password })).status).toBe(429)
  expect((await send('/auth/sign-in', { email: email.toUpperCase(), password }, { Cookie: cookie })).status).toBe(303)
  const other = `${freshSlug('person')}@example.com`
  await untilLimited(() => send('/auth/sign-in', { email: other, password: 'x'.repeat(500) }, { Cookie: cookie }))
})
