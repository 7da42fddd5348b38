import { eq } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { clients, initialAccessTokens } from '../../store/schema/clients.ts'
import { auditEvents } from '../../store/schema/tenants.ts'
import { authorizationCode, authorizePath, exchange, REDIRECT_URI, signedIn, untilLimited } from '../support/oauth.ts'
import type { ApiAnswer } from '../support/person.ts'
import { addMember, createServer, fetchPlatform, ORIGIN, store, type TestServer, type TestTenant } from '../support/platform.ts'

const APP = { client_name: 'App', redirect_uris: [REDIRECT_URI], token_endpoint_auth_method: 'none' }
const CONFIDENTIAL = { redirect_uris: [REDIRECT_URI] }
const RACERS = Array.from({ length: 10 }, (_, index) => index)
const REFUSED = 'the initial access token is not valid here: it expired, was revoked, or has no uses left'

interface Fixture {
  server: TestServer
  /** Calls the management API as the owner, at a path of the server or an absolute path. */
  call(method: string, path?: string, body?: unknown): Promise<ApiAnswer>
  initialToken(body?: Record<string, unknown>): Promise<{ id: string; token: string }>
  register(body: unknown, token?: string, headers?: Record<string, string>): Promise<Response>
}

async function serverWithRegistration(registration: 'open' | 'protected' | 'closed' = 'protected', tenant?: TestTenant): Promise<Fixture> {
  const server = await createServer({ ...(tenant ? { tenant } : {}), settings: { registration } })
  const browser = await signedIn(server.tenant.owner)
  const base = `/api/tenants/${server.tenant.slug}/servers/${server.slug}`
  const call = async (method: string, path = '', body?: unknown): Promise<ApiAnswer> => {
    const response = await browser.get(path.startsWith('/api/') ? path : base + path, {
      method,
      headers: { Origin: ORIGIN, 'Content-Type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) }
  }
  return {
    server,
    call,
    async initialToken(body = {}) {
      const made = await call('POST', '/initial-access-tokens', { name: 'For tests', ...body })
      expect(made.status).toBe(201)
      return made.body
    },
    register: (body, token, headers = {}) =>
      fetchPlatform(`/${server.tenant.slug}/${server.slug}/register`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }), ...headers },
        body: JSON.stringify(body),
      }),
  }
}

async function registered(response: Response): Promise<string> {
  expect(response.status).toBe(201)
  return (await response.json<{ client_id: string }>()).client_id
}

async function expectRefusal(response: Response) {
  expect([response.status, await response.json()]).toEqual([401, { error: 'invalid_token', error_description: REFUSED }])
  expect(response.headers.get('WWW-Authenticate')).toBe(
    `Bearer realm="registration", error="invalid_token", error_description="${REFUSED}"`,
  )
  expect(response.headers.get('Cache-Control')).toBe('no-store')
}

const clientRows = async ({ id }: TestServer) => (await store.select().from(clients).where(eq(clients.serverId, id))).length

async function usesOf(id: string): Promise<number | undefined> {
  return (await store.select().from(initialAccessTokens).where(eq(initialAccessTokens.id, id)))[0]?.uses
}

const metadata = async ({ tenant, slug }: TestServer) =>
  (await fetchPlatform(`/.well-known/oauth-authorization-server/${tenant.slug}/${slug}`)).json<Record<string, unknown>>()

const eventsOf = async ({ id }: TestServer) => store.select().from(auditEvents).where(eq(auditEvents.serverId, id))

describe('protected registration', () => {
  it('answers 401 before it checks the body when the token is missing and stays in the metadata', async () => {
    const { server, register } = await serverWithRegistration()
    for (const response of [
      await register(APP),
      await register('x'.repeat(20_000)),
      await register(APP, undefined, { 'Content-Type': 'x' }),
    ]) {
      expect([response.status, await response.json()]).toEqual([401, { error: 'invalid_token', error_description: expect.any(String) }])
      expect(response.headers.get('WWW-Authenticate')).toBe('Bearer realm="registration"')
      expect(response.headers.get('Cache-Control')).toBe('no-store')
      expect(response.headers.get('Access-Control-Expose-Headers')).toContain('WWW-Authenticate')
    }
    expect(await clientRows(server)).toBe(0)
    expect(await metadata(server)).toMatchObject({ registration_endpoint: server.urls.registrationEndpoint })
  })

  it('counts the uses of a token, refuses it at the limit and records audit events', async () => {
    const { server, call, register, initialToken } = await serverWithRegistration()
    const { id, token } = await initialToken({ maxUses: 2 })
    const clientId = await registered(await register(APP, token))
    await registered(await register(CONFIDENTIAL, token))
    await expectRefusal(await register({ ...APP, client_name: 'One more' }, token))
    expect(await clientRows(server)).toBe(2)
    const listed = await call('GET', '/initial-access-tokens')
    expect(listed.body.items).toMatchObject([{ id, uses: 2, maxUses: 2, lastUsedAt: expect.any(String) }])
    expect(await eventsOf(server)).toContainEqual(
      expect.objectContaining({ action: 'client.registered', actor: `initial-access-token:${id}`, detail: { clientId, name: 'App' } }),
    )
  })

  it('returns the same client for the same metadata, counts one use and still requires the token', async () => {
    const { register, initialToken } = await serverWithRegistration()
    const { id, token } = await initialToken({ maxUses: 1 })
    const clientId = await registered(await register(APP, token))
    expect(await registered(await register(APP, token))).toBe(clientId)
    expect((await register(APP)).status).toBe(401)
    expect(await usesOf(id)).toBe(1)
  })

  it('registers exactly maxUses clients when ten register at the same time', async () => {
    const { server, register, initialToken } = await serverWithRegistration()
    for (let round = 0; round < 20; round++) {
      const { id, token } = await initialToken({ maxUses: 3 })
      const answers = await Promise.all(RACERS.map((racer) => register({ ...APP, client_name: `${round} ${racer}` }, token)))
      const statuses = answers.map(({ status }) => status).toSorted()
      expect(statuses).toEqual([201, 201, 201, 401, 401, 401, 401, 401, 401, 401])
      expect(await usesOf(id)).toBe(3)
    }
    expect(await clientRows(server)).toBe(60)
  })

  it('counts one use when the same app registers ten times at the same time', async () => {
    const { register, initialToken } = await serverWithRegistration()
    for (let round = 0; round < 20; round++) {
      const { id, token } = await initialToken({ maxUses: 1 })
      const answers = await Promise.all(RACERS.map(() => register({ ...APP, client_name: `Round ${round}` }, token)))
      expect(new Set(await Promise.all(answers.map(registered))).size).toBe(1)
      expect(await usesOf(id)).toBe(1)
    }
  })

  it('refuses partial, foreign, expired and revoked tokens', async () => {
    const { server, call, register, initialToken } = await serverWithRegistration()
    const { id, token } = await initialToken()
    const elsewhere = await (await serverWithRegistration('protected', server.tenant)).initialToken()
    const personal = await call('POST', '/api/me/tokens', { name: 'x', tenant: server.tenant.slug, role: 'owner' })
    for (const wrong of [`${token}x`, token.slice(0, -1), 'x', '', elsewhere.token, personal.body.token]) {
      await expectRefusal(await register(APP, wrong))
    }
    await expectRefusal(await register(APP, undefined, { Authorization: `Basic ${btoa(token)}` }))

    const expired = await initialToken()
    const past = new Date(Date.now() - 1000)
    await store.update(initialAccessTokens).set({ expiresAt: past }).where(eq(initialAccessTokens.id, expired.id))
    await expectRefusal(await register(APP, expired.token))
    expect((await call('GET', '/initial-access-tokens')).body.items).toMatchObject([{ id }])
    expect(await clientRows(server)).toBe(0)

    await registered(await register(APP, token))
    expect((await call('DELETE', `/initial-access-tokens/${id}`)).status).toBe(204)
    await expectRefusal(await register(APP, token))
    expect(await clientRows(server)).toBe(1) // the registered client stays
  })

  it('answers 429 to repeated wrong tokens but accepts the right one', async () => {
    const { register, initialToken } = await serverWithRegistration()
    const { token } = await initialToken()
    const { before, limited } = await untilLimited((index) => register(APP, `wharf_iat_${String(index).padStart(43, 'x')}`))
    expect([before, limited.headers.get('Retry-After')]).toEqual([[401], '60'])
    await registered(await register(APP, token))
  })

  it('limits registrations per token across IP addresses', async () => {
    const { register, initialToken } = await serverWithRegistration()
    const { token } = await initialToken()
    const { before } = await untilLimited((index) =>
      register({ ...APP, client_name: `App ${index}` }, token, { 'CF-Connecting-IP': `192.0.2.${index}` }),
    )
    expect(before).toEqual([201])
  })
})

describe('closed registration', () => {
  it('answers 403 with or without a token, is not in the metadata and keeps existing clients', async () => {
    const { server, call, register, initialToken } = await serverWithRegistration()
    const { token } = await initialToken()
    const clientId = await registered(await register(APP, token))
    expect((await call('PATCH', '', { registration: 'closed' })).body).toMatchObject({ registration: 'closed' })
    for (const response of [await register(APP), await register(APP, token), await register('x'.repeat(20_000))]) {
      expect([response.status, await response.json()]).toEqual([
        403,
        { error: 'access_denied', error_description: expect.stringContaining('registration is closed') },
      ])
      expect(response.headers.get('Cache-Control')).toBe('no-store')
    }
    expect(await metadata(server)).not.toHaveProperty('registration_endpoint')
    const page = await (await signedIn(server.tenant.owner)).get(authorizePath(server, { clientId, secret: undefined }))
    expect(page.status).toBe(200)
  })

  it('accepts registrations without a token when it is opened again', async () => {
    const { server, call, register } = await serverWithRegistration('closed')
    expect((await call('PATCH', '', { registration: 'open' })).status).toBe(200)
    await registered(await register(APP, 'whatever'))
    expect(await eventsOf(server)).toMatchObject([{ action: 'server.settings-changed', detail: { registration: 'open' } }])
  })
})

describe('initial access token API', () => {
  it('shows a token once, lists its last four characters and records creation and revocation', async () => {
    const { server, call } = await serverWithRegistration()
    const made = await call('POST', '/initial-access-tokens', { name: 'Fleet', expiresInDays: 7, maxUses: 5 })
    const { token, ...rest } = made.body
    expect(token).toMatch(/^wharf_iat_[\w-]{43}$/)
    expect(rest).toEqual({
      id: expect.any(String),
      name: 'Fleet',
      lastFour: token.slice(-4),
      uses: 0,
      maxUses: 5,
      createdBy: server.tenant.owner.id,
      lastUsedAt: null,
      createdAt: expect.any(String),
      expiresAt: expect.any(String),
    })
    expect(Date.parse(rest.expiresAt) - Date.parse(rest.createdAt)).toBe(7 * 86_400_000)
    const listed = await call('GET', '/initial-access-tokens')
    expect(listed.body).toEqual({ items: [{ ...rest, createdAt: expect.any(String), expiresAt: expect.any(String) }] })
    expect((await call('DELETE', `/initial-access-tokens/${rest.id}`)).status).toBe(204)
    expect((await call('DELETE', `/initial-access-tokens/${rest.id}`)).status).toBe(404)

    const events = await eventsOf(server)
    expect(events.map(({ action }) => action)).toEqual(['initial-access-token.created', 'initial-access-token.revoked'])
    expect(JSON.stringify(events)).not.toContain(token)
  })

  it('stores only a hash of the token', async () => {
    const { initialToken } = await serverWithRegistration()
    const { id, token } = await initialToken()
    expect(JSON.stringify(await store.select().from(initialAccessTokens).where(eq(initialAccessTokens.id, id)))).not.toContain(token)
  })

  it('answers 403 to developers', async () => {
    const { server, call } = await serverWithRegistration()
    const personal = await call('POST', '/api/me/tokens', { name: 'x', tenant: server.tenant.slug, role: 'developer' })
    const headers = { Authorization: `Bearer ${personal.body.token}`, 'Content-Type': 'application/json' }
    const path = `/api/tenants/${server.tenant.slug}/servers/${server.slug}/initial-access-tokens`
    expect((await fetchPlatform(path, { headers })).status).toBe(403)
    expect((await fetchPlatform(path, { method: 'POST', headers, body: '{"name":"x"}' })).status).toBe(403)
    expect((await fetchPlatform(`${path}/x`, { method: 'DELETE', headers })).status).toBe(403)
  })

  it.each([
    ['no name', { name: '' }],
    ['a lifetime of 0 days', { name: 'x', expiresInDays: 0 }],
    ['a lifetime of more than a year', { name: 'x', expiresInDays: 366 }],
    ['maxUses 0', { name: 'x', maxUses: 0 }],
    ['an unknown field', { name: 'x', scope: 'all' }],
  ])('answers 400 to a token with %s', async (_, body) => {
    expect((await (await serverWithRegistration()).call('POST', '/initial-access-tokens', body)).status).toBe(400)
  })

  it('answers 409 when the server has fifty tokens', async () => {
    const { call, initialToken } = await serverWithRegistration()
    for (let index = 0; index < 50; index++) await initialToken({ name: `Token ${index}` })
    expect((await call('POST', '/initial-access-tokens', { name: 'x' })).status).toBe(409)
  })

  it('answers 400 to an unknown value of the registration setting', async () => {
    expect((await (await serverWithRegistration()).call('PATCH', '', { registration: 'sometimes' })).status).toBe(400)
  })
})

it('registered clients API lists dates and user counts in pages, for developers and above', async () => {
  const { server, call, register } = await serverWithRegistration('open')
  const used = await registered(await register(APP))
  const unused = await registered(await register({ ...CONFIDENTIAL, client_name: 'Other' }))
  await serverWithRegistration('open', server.tenant).then(async (other) => registered(await other.register(APP)))
  const client = { clientId: used, secret: undefined }
  expect((await exchange(server, client, await authorizationCode(server, client))).status).toBe(200)

  const { body } = await call('GET', '/registered-clients?limit=1')
  const { body: rest } = await call('GET', `/registered-clients?limit=1&before=${body.next}`)
  const listed = [...body.items, ...rest.items].toSorted((a, b) => b.people - a.people)
  expect(listed).toEqual([
    {
      clientId: used,
      name: 'App',
      applicationType: 'web',
      grantTypes: ['authorization_code'],
      tokenEndpointAuthMethod: 'none',
      redirectUris: [REDIRECT_URI],
      createdAt: expect.any(String),
      lastUsedAt: expect.any(String),
      expiresAt: expect.any(String),
      people: 1,
    },
    expect.objectContaining({ clientId: unused, name: 'Other', lastUsedAt: null, people: 0 }),
  ])
  expect(JSON.stringify(listed)).not.toMatch(/secret(?!_basic)/i)

  const path = `/api/tenants/${server.tenant.slug}/servers/${server.slug}/registered-clients`
  for (const [role, status] of [
    ['viewer', 403],
    ['developer', 200],
  ] as const) {
    expect((await (await signedIn(await addMember(server.tenant, role))).get(path)).status).toBe(status)
  }
})
