import { eq } from 'drizzle-orm'
import { exportJWK, generateKeyPair } from 'jose'
import { beforeAll, describe, expect, it } from 'vitest'
import { clients } from '../../store/schema/clients.ts'
import { grants } from '../../store/schema/grants.ts'
import { machineGrants } from '../../store/schema/machines.ts'
import { auditEvents, tenants } from '../../store/schema/tenants.ts'
import { fetchPlatform, freshSlug, ORIGIN, store } from '../support/platform.ts'
import { person, tenantOf, upload, type ApiAnswer, type Person } from '../support/person.ts'

const CALLBACK = 'https://app.example/callback'

/** Returns a new member of the tenant with the role. */
async function join(tenant: string, role: string): Promise<Person> {
  const guest = await person()
  const invited = await owner.call('POST', `/tenants/${tenant}/invitations`, { role })
  const accepted = await fetchPlatform(new URL(invited.body.url).pathname, {
    method: 'POST',
    headers: { Cookie: guest.cookie, Origin: ORIGIN, 'Content-Type': 'application/x-www-form-urlencoded' },
    body: '',
  })
  expect(accepted.status).toBe(303)
  return guest
}

let owner: Person
let tenant: string
let server: string
let base: string
beforeAll(async () => {
  owner = await person()
  tenant = await tenantOf(owner)
  server = 'machines'
  base = `/tenants/${tenant}`
  await owner.call('POST', `${base}/servers`, { slug: server, name: 'Machines' })
  await owner.call('POST', `${base}/servers/${server}/versions`, upload())
})

const make = (change: Record<string, unknown> = {}): Promise<ApiAnswer> =>
  owner.call('POST', `${base}/clients`, { name: 'Nightly', grantTypes: ['client_credentials'], ...change })

/** Returns true if the token endpoint accepts the secret, with or without scopes. */
async function isAccepted(clientId: string, secret: string): Promise<boolean> {
  const response = await fetchPlatform(`/${tenant}/${server}/token`, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'client_credentials', client_id: clientId, client_secret: secret }),
  })
  const { error } = await response.json<{ error?: string }>()
  expect(['invalid_client', 'unauthorized_client', undefined]).toContain(error)
  return error !== 'invalid_client'
}

async function actions(): Promise<string[]> {
  const { body } = await owner.call('GET', `${base}/audit?limit=200`)
  return (body.items as { action: string }[]).map(({ action }) => action)
}

describe('client created by a member', () => {
  it('shows its secret once, and the last four characters after that', async () => {
    const { status, headers, body } = await make()
    expect([status, headers.get('Cache-Control')]).toEqual([201, 'no-store'])
    expect(body).toMatchObject({
      name: 'Nightly',
      grantTypes: ['client_credentials'],
      tokenEndpointAuthMethod: 'client_secret_basic',
      secret: expect.stringMatching(/^wharf_cs_[\w-]{43}$/),
      secretLastFour: body.secret.slice(-4),
      createdBy: (await owner.call('GET', '/me')).body.user.id,
      lastUsedAt: null,
    })
    expect(await isAccepted(body.clientId, body.secret)).toBe(true)
    const shown = await owner.call('GET', `${base}/clients/${body.clientId}`)
    const { secret, ...rest } = body
    expect(shown.body).toEqual({ ...rest, lastUsedAt: null, machineGrants: [] })
    expect(JSON.stringify((await owner.call('GET', `${base}/clients`)).body)).not.toContain(secret)
    expect(JSON.stringify(await store.select().from(clients).where(eq(clients.clientId, body.clientId)))).not.toContain(secret)
  })

  it('is created once when the Idempotency-Key repeats, and the retry gets the same secret', async () => {
    const once = { 'Idempotency-Key': freshSlug('once') }
    const body = { name: 'Once', grantTypes: ['client_credentials'] }
    const first = await owner.call('POST', `${base}/clients`, body, once)
    const again = await owner.call('POST', `${base}/clients`, body, once)
    expect([first.body.secret, again.status, again.body]).toEqual([expect.any(String), 201, first.body])

    const key = { name: 'Once', scopes: ['mcp:read'] }
    const made = await owner.call('POST', `${base}/servers/${server}/access-keys`, key, { 'Idempotency-Key': freshSlug('once') })
    expect(made.body.key).toEqual(expect.any(String))
    const kept = { 'Idempotency-Key': freshSlug('once') }
    const other = await owner.call('POST', `${base}/servers/${server}/access-keys`, key, kept)
    expect((await owner.call('POST', `${base}/servers/${server}/access-keys`, key, kept)).body).toEqual(other.body)
  })

  it('has public keys and no secret when it authenticates with private_key_jwt', async () => {
    const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true })
    const jwks = { keys: [await exportJWK(publicKey)] }
    const { status, body } = await make({ tokenEndpointAuthMethod: 'private_key_jwt', jwks })
    expect([status, body.secret, body.secretLastFour, body.jwks]).toEqual([201, undefined, null, jwks])
    const remote = await make({ tokenEndpointAuthMethod: 'private_key_jwt', jwksUri: 'https://app.example/keys' })
    expect([remote.status, remote.body.jwks, remote.body.jwksUri]).toEqual([201, null, 'https://app.example/keys'])
    const leaked = await make({ tokenEndpointAuthMethod: 'private_key_jwt', jwks: { keys: [await exportJWK(privateKey)] } })
    expect([leaked.status, leaked.body.errors[0].pointer]).toEqual([400, '/jwks'])
    expect((await owner.call('POST', `${base}/clients/${body.clientId}/secret`, {})).status).toBe(409)
  })

  it.each([
    ['no name', { name: '' }, '/name'],
    ['no grant type', { grantTypes: [] }, '/grantTypes'],
    ['an unknown grant type', { grantTypes: ['password'] }, '/grantTypes/0'],
    ['client_credentials and no authentication', { tokenEndpointAuthMethod: 'none' }, '/tokenEndpointAuthMethod'],
    ['authorization_code and no redirect URI', { grantTypes: ['authorization_code'] }, '/redirectUris'],
    ['a redirect URI and no authorization_code', { redirectUris: [CALLBACK] }, '/redirectUris'],
    [
      'jwt-bearer and no authentication',
      { grantTypes: ['urn:ietf:params:oauth:grant-type:jwt-bearer'], tokenEndpointAuthMethod: 'none' },
      '/tokenEndpointAuthMethod',
    ],
    ['refresh_token and no authorization_code', { grantTypes: ['refresh_token', 'client_credentials'] }, '/grantTypes'],
    ['a script as redirect URI', { grantTypes: ['authorization_code'], redirectUris: ['javascript:alert(1)'] }, '/redirectUris'],
    ['private_key_jwt and no keys', { tokenEndpointAuthMethod: 'private_key_jwt' }, '/jwks'],
    ['both keys and a secret', { jwksUri: 'https://app.example/keys' }, '/jwksUri'],
    ['an unknown field', { clientId: 'chosen' }, '/clientId'],
  ])('is refused with %s', async (_, change, pointer) => {
    const { status, body } = await make(change)
    expect([status, body.errors[0].pointer]).toEqual([400, pointer])
  })

  it('can change its name, redirect URIs and keys, but not its grant types', async () => {
    const { body: web } = await make({ grantTypes: ['authorization_code', 'refresh_token'], redirectUris: [CALLBACK] })
    const path = `${base}/clients/${web.clientId}`
    const changed = await owner.call('PATCH', path, { name: 'Renamed', redirectUris: ['http://127.0.0.1/callback'] })
    expect(changed.body).toMatchObject({ name: 'Renamed', redirectUris: ['http://127.0.0.1/callback'], secretLastFour: web.secretLastFour })
    expect((await owner.call('GET', path)).body).toMatchObject({ name: 'Renamed', redirectUris: ['http://127.0.0.1/callback'] })
    for (const change of [
      { redirectUris: [] },
      { redirectUris: ['ftp://x'] },
      { jwksUri: 'https://a.example/k' },
      { grantTypes: ['client_credentials'] },
    ]) {
      expect((await owner.call('PATCH', path, change)).status).toBe(400)
    }
    const { body: signer } = await make({ tokenEndpointAuthMethod: 'private_key_jwt', jwksUri: 'https://a.example/k' })
    const { publicKey } = await generateKeyPair('ES256')
    const jwks = { keys: [await exportJWK(publicKey)] }
    expect((await owner.call('PATCH', `${base}/clients/${signer.clientId}`, { jwks })).body).toMatchObject({ jwks, jwksUri: null })
    expect((await owner.call('PATCH', `${base}/clients/${signer.clientId}`, { jwks, jwksUri: 'https://a.example/k' })).status).toBe(400)
    expect((await owner.call('PATCH', `${base}/clients/${signer.clientId}`, { name: 'Kept' })).body).toMatchObject({ name: 'Kept', jwks })
  })

  it('keeps its previous secret for an overlap after rotation, which can end early', async () => {
    const { body: made } = await make()
    const path = `${base}/clients/${made.clientId}`
    const { body: rotated } = await owner.call('POST', `${path}/secret`, {})
    expect(rotated).toMatchObject({ secretLastFour: rotated.secret.slice(-4) })
    const overlap = Date.parse(rotated.previousSecretExpiresAt) - Date.now()
    expect(Math.round(overlap / 3600_000)).toBe(24)
    expect([await isAccepted(made.clientId, made.secret), await isAccepted(made.clientId, rotated.secret)]).toEqual([true, true])

    expect((await owner.call('DELETE', `${path}/previous-secret`)).status).toBe(204)
    expect([await isAccepted(made.clientId, made.secret), await isAccepted(made.clientId, rotated.secret)]).toEqual([false, true])

    const { body: last } = await owner.call('POST', `${path}/secret`, { overlapHours: 168 })
    await store
      .update(clients)
      .set({ previousSecretExpiresAt: new Date(Date.now() - 1000) })
      .where(eq(clients.clientId, made.clientId))
    expect([await isAccepted(made.clientId, rotated.secret), await isAccepted(made.clientId, last.secret)]).toEqual([false, true])
    expect((await owner.call('GET', path)).body).toMatchObject({ previousSecretExpiresAt: null })

    const { body: at } = await owner.call('POST', `${path}/secret`, { overlapHours: 0 })
    expect([await isAccepted(made.clientId, last.secret), await isAccepted(made.clientId, at.secret)]).toEqual([false, true])
    expect((await owner.call('POST', `${path}/secret`, { overlapHours: 169 })).status).toBe(400)
  })

  it('has two valid secrets when its secret is rotated twice at the same time', async () => {
    const { body: made } = await make()
    const rotated = await Promise.all([1, 2].map(() => owner.call('POST', `${base}/clients/${made.clientId}/secret`, {})))
    for (const { body } of rotated) expect(await isAccepted(made.clientId, body.secret)).toBe(true)
    expect(await isAccepted(made.clientId, made.secret)).toBe(false)
  })

  it('is deleted together with its grants', async () => {
    const { body: made } = await make()
    await owner.call('PUT', `${base}/servers/${server}/machine-grants/${made.clientId}`, { scopes: ['mcp:read'] })
    const [{ id: tenantId } = { id: '' }] = await store.select({ id: tenants.id }).from(tenants).where(eq(tenants.slug, tenant))
    const [granted] = await store.select().from(machineGrants).where(eq(machineGrants.clientId, made.clientId))
    const userId = (await owner.call('GET', '/me')).body.user.id as string
    const issuer = `${ORIGIN}/${tenant}/${server}`
    const record = {
      issuer,
      id: freshSlug('g'),
      tenantId,
      serverId: granted?.serverId ?? '',
      userId,
      clientId: made.clientId,
      record: '{}',
    }
    await store.insert(grants).values({ ...record, scopes: ['mcp:read'], resource: `${issuer}/mcp` })
    expect((await owner.call('DELETE', `${base}/clients/${made.clientId}`)).status).toBe(204)
    for (const table of [clients, machineGrants, grants]) expect(await store.$count(table, eq(table.clientId, made.clientId))).toBe(0)
    expect((await owner.call('DELETE', `${base}/clients/${made.clientId}`)).status).toBe(404)
  })

  it('is refused with 409 when the tenant has a hundred clients, also in a race of ten', async () => {
    const crowded = await tenantOf(owner)
    const [{ id } = { id: '' }] = await store.select({ id: tenants.id }).from(tenants).where(eq(tenants.slug, crowded))
    for (let n = 0; n < 95; n++) {
      await store.insert(clients).values({
        issuer: `tenant:${id}`,
        clientId: freshSlug('c'),
        tenantId: id,
        redirectUris: [],
        grantTypes: [],
        responseTypes: [],
        tokenEndpointAuthMethod: 'none',
        metadata: {},
      })
    }
    const asked = { name: 'x', grantTypes: ['client_credentials'] }
    const statuses = await Promise.all(
      Array.from({ length: 10 }, async () => (await owner.call('POST', `/tenants/${crowded}/clients`, asked)).status),
    )
    expect(statuses.toSorted()).toEqual([...Array.from({ length: 5 }, () => 201), ...Array.from({ length: 5 }, () => 409)])
  })
})

describe('machine grant', () => {
  it('is listed with its creator and last use, at the server and at the client', async () => {
    const { body: made } = await make({ name: 'Listed' })
    const path = `${base}/servers/${server}/machine-grants`
    const put = await owner.call('PUT', `${path}/${made.clientId}`, { scopes: ['mcp:write'], tools: ['hello'] })
    const me = (await owner.call('GET', '/me')).body.user.id as string
    const expected = { scopes: ['mcp:read', 'mcp:write'], tools: ['hello'], createdBy: me, lastUsedAt: null }
    expect(put.body.items).toContainEqual(
      expect.objectContaining({ ...expected, clientId: made.clientId, clientName: 'Listed', madeBy: 'tenant' }),
    )
    expect((await owner.call('GET', `${base}/clients/${made.clientId}`)).body).toMatchObject({ machineGrants: [{ ...expected, server }] })
    expect(await isAccepted(made.clientId, made.secret)).toBe(true)
    const used = await owner.call('GET', `${base}/clients/${made.clientId}`)
    expect(used.body).toMatchObject({ lastUsedAt: expect.any(String), machineGrants: [{ lastUsedAt: expect.any(String) }] })
    expect((await owner.call('DELETE', `${path}/${made.clientId}`)).status).toBe(204)
    expect((await owner.call('DELETE', `${path}/${made.clientId}`)).status).toBe(404)
  })

  it('is refused for a client without client_credentials, and for an unknown client', async () => {
    const { body: web } = await make({ grantTypes: ['authorization_code'], redirectUris: [CALLBACK] })
    const path = `${base}/servers/${server}/machine-grants`
    expect((await owner.call('PUT', `${path}/${web.clientId}`, { scopes: ['mcp:read'] })).status).toBe(409)
    expect((await owner.call('PUT', `${path}/nobody`, { scopes: ['mcp:read'] })).status).toBe(404)
    expect((await owner.call('PUT', `${path}/${web.clientId}`, { scopes: ['offline_access'] })).status).toBe(400)
  })

  it('of self-registered clients is set by machineScopes of the server', async () => {
    const patched = await owner.call('PATCH', `${base}/servers/${server}`, { machineScopes: ['mcp:write'] })
    expect(patched.body).toMatchObject({ machineScopes: ['mcp:read', 'mcp:write'] })
    expect((await owner.call('PATCH', `${base}/servers/${server}`, { machineScopes: ['offline_access'] })).status).toBe(400)
    expect((await owner.call('PATCH', `${base}/servers/${server}`, { machineScopes: [] })).body).toMatchObject({ machineScopes: [] })
  })
})

describe('tenant role', () => {
  it('decides who may manage clients, machine grants and access keys', async () => {
    const [admin, developer, viewer] = await Promise.all(['admin', 'developer', 'viewer'].map((role) => join(tenant, role)))
    if (!admin || !developer || !viewer) throw new Error('no member joined')
    const { body: made } = await make()
    const machine = { name: 'x', grantTypes: ['client_credentials'] }
    const key = { name: 'x', scopes: ['mcp:read'] }
    const keys = `${base}/servers/${server}/access-keys`
    const rows: [string, string, unknown, [number, number, number]][] = [
      ['GET', `${base}/clients`, undefined, [200, 200, 403]],
      ['GET', `${base}/clients/${made.clientId}`, undefined, [200, 200, 403]],
      ['POST', `${base}/clients`, machine, [201, 403, 403]],
      ['PATCH', `${base}/clients/${made.clientId}`, { name: 'y' }, [200, 403, 403]],
      ['POST', `${base}/clients/${made.clientId}/secret`, {}, [200, 403, 403]],
      ['DELETE', `${base}/clients/${made.clientId}/previous-secret`, undefined, [204, 403, 403]],
      ['GET', `${base}/servers/${server}/machine-grants`, undefined, [200, 200, 403]],
      ['PUT', `${base}/servers/${server}/machine-grants/${made.clientId}`, { scopes: ['mcp:read'] }, [200, 403, 403]],
      ['GET', keys, undefined, [200, 200, 403]],
      ['POST', keys, key, [201, 201, 403]],
      ['POST', keys, { ...key, clientId: made.clientId }, [201, 403, 403]],
    ]
    for (const [method, path, body, expected] of rows) {
      const statuses = []
      for (const who of [admin, developer, viewer]) statuses.push((await who.call(method, path, body)).status)
      expect([method, path, statuses]).toEqual([method, path, expected])
    }

    const [mine, theirs] = [await developer.call('POST', keys, key), await admin.call('POST', keys, key)]
    expect((await developer.call('DELETE', `${keys}/${theirs.body.id}`)).status).toBe(403)
    expect((await developer.call('DELETE', `${keys}/${mine.body.id}`)).status).toBe(204)
    const another = await developer.call('POST', keys, key)
    expect((await admin.call('DELETE', `${keys}/${another.body.id}`)).status).toBe(204)
  })

  it('of a personal API token allows access keys for clients, but none that act for the user', async () => {
    const token = (await owner.call('POST', '/me/tokens', { name: 'ci', tenant, role: 'admin' })).body.token as string
    const { body: made } = await make()
    const ask = (body: unknown) =>
      fetchPlatform(`/api${base}/servers/${server}/access-keys`, {
        method: 'POST',
        headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
      })
    expect((await ask({ name: 'x', scopes: ['mcp:read'] })).status).toBe(403)
    expect((await ask({ name: 'x', scopes: ['mcp:read'], clientId: made.clientId })).status).toBe(201)
  })
})

describe('access key', () => {
  it.each([
    ['no scopes', { scopes: [] }, '/scopes'],
    ['a scope that is not for access keys', { scopes: ['offline_access'] }, '/scopes/0'],
    ['a lifetime of more than 365 days', { expiresInDays: 366 }, '/expiresInDays'],
    ['an unknown client', { clientId: 'nobody' }, '/clientId'],
    ['another user to act for', { userId: 'somebody' }, '/userId'],
  ])('is refused with %s', async (_, change, pointer) => {
    const asked = { name: 'x', scopes: ['mcp:read'], ...change }
    const { status, body } = await owner.call('POST', `${base}/servers/${server}/access-keys`, asked)
    expect([status, body.errors[0].pointer]).toEqual([400, pointer])
  })

  it('is refused with 409 when the server has a hundred keys', async () => {
    const slug = 'crowded'
    await owner.call('POST', `${base}/servers`, { slug, name: 'x' })
    const statuses = []
    for (let n = 0; n < 101; n++) {
      statuses.push((await owner.call('POST', `${base}/servers/${slug}/access-keys`, { name: 'x', scopes: ['mcp:read'] })).status)
    }
    expect([new Set(statuses.slice(0, 100)), statuses.at(-1)]).toEqual([new Set([201]), 409])
  })
})

it('audit log has every change of clients, machine grants and access keys, and no secret', async () => {
  const seen = await actions()
  for (const action of [
    'client.created',
    'client.changed',
    'client.secret-rotated',
    'client.previous-secret-ended',
    'client.deleted',
    'machine-grant.set',
    'machine-grant.ended',
    'access-key.created',
    'access-key.deleted',
    'server.settings-changed',
  ]) {
    expect(seen).toContain(action)
  }
  const rows = await store.select({ detail: auditEvents.detail }).from(auditEvents)
  expect(JSON.stringify(rows)).not.toMatch(/wharf_(?:cs|key|machine)_/)
})
