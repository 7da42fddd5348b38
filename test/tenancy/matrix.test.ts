import { beforeAll, describe, expect, it } from 'vitest'
import { grants } from '../../store/schema/grants.ts'
import { identityLinks, identityProviders } from '../../store/schema/identities.ts'
import { findHostedServer } from '../../store/servers/servers.ts'
import { findTenant } from '../../store/tenants/tenants.ts'
import { router } from '../../workers/router.ts'
import { openSession } from '../support/legacy.ts'
import { callModern } from '../support/modern.ts'
import { authorizationCode, createClient, exchange, obtainTokens, postForm, refresh, signedIn, type Tokens } from '../support/oauth.ts'
import { person, tenantOf, upload, type Person } from '../support/person.ts'
import {
  addMember,
  createServer,
  createTenant,
  createToken,
  fetchPlatform,
  freshSlug,
  ORIGIN,
  store,
  surfaceOf,
} from '../support/platform.ts'

/*
 * Every route of the router, tried with what belongs to another tenant. A route without a line in ROUTES fails the last test: whoever adds one says here
 * what of it could be foreign, or why nothing is.
 */

interface Owned {
  tenant: string
  server: string
  client: string
  number: string
  id: string
  linkId: string
  userId: string
}

/** A tenant with one of everything. */
interface Side {
  owner: Person
  /** A personal API token of the owner's, for this tenant. */
  pat: string
  userId: string
  tenant: string
  server: string
  invitation: string
  token: string
  grant: string
  initialAccessToken: string
  /** Made by hand, for client_credentials, with a machine grant at the server. */
  client: string
  accessKey: string
  identityProvider: string
  identityLink: string
}

async function side(): Promise<Side> {
  const owner = await person()
  const tenant = await tenantOf(owner)
  const server = 'same-name'
  await owner.call('POST', `/tenants/${tenant}/servers`, { slug: server, name: `The server of ${tenant}` })
  await owner.call('POST', `/tenants/${tenant}/servers/${server}/versions`, upload(tenant))
  await owner.call('PUT', `/tenants/${tenant}/servers/${server}/environment`, { values: { WHOSE: `only-${tenant}-may-see-this` } })
  const invitation = await owner.call('POST', `/tenants/${tenant}/invitations`, { role: 'viewer' })
  const token = await owner.call('POST', '/me/tokens', { name: 'x', tenant, role: 'owner' })
  const initial = await owner.call('POST', `/tenants/${tenant}/servers/${server}/initial-access-tokens`, { name: 'x' })
  const client = await owner.call('POST', `/tenants/${tenant}/clients`, {
    name: `The client of ${tenant}`,
    grantTypes: ['client_credentials'],
  })
  const clientId = client.body.clientId as string
  await owner.call('PUT', `/tenants/${tenant}/servers/${server}/machine-grants/${clientId}`, { scopes: ['mcp:read'] })
  const accessKey = await owner.call('POST', `/tenants/${tenant}/servers/${server}/access-keys`, { name: 'x', scopes: ['mcp:read'] })
  const userId = (await owner.call('GET', '/me')).body.user.id as string
  return {
    owner,
    pat: token.body.token,
    userId,
    tenant,
    server,
    invitation: invitation.body.id,
    token: token.body.id,
    grant: await grantOf(tenant, server, userId),
    initialAccessToken: initial.body.id,
    client: clientId,
    accessKey: accessKey.body.id,
    ...(await providerOf(tenant, userId)),
  }
}

/** An identity provider of the tenant, and what it knows the owner by, put straight into storage. */
async function providerOf(tenant: string, userId: string): Promise<{ identityProvider: string; identityLink: string }> {
  const found = await findTenant(store, tenant, userId)
  if (!found) throw new Error('the tenant this test made is gone')
  const [identityProvider, identityLink] = [freshSlug('provider'), freshSlug('link')]
  const tenantId = found.id
  await store.batch([
    store
      .insert(identityProviders)
      .values({ id: identityProvider, tenantId, name: `The provider of ${tenant}`, issuer: 'https://idp.example' }),
    store
      .insert(identityLinks)
      .values({ id: identityLink, providerId: identityProvider, tenantId, userId, subject: `the owner of ${tenant}` }),
  ])
  return { identityProvider, identityLink }
}

/** A grant of the owner's at their own server, put straight into storage. */
async function grantOf(tenant: string, server: string, userId: string): Promise<string> {
  const found = await findHostedServer(store, { tenant, server })
  if (!found) throw new Error('the server this test made is gone')
  const id = freshSlug('grant')
  const issuer = `${ORIGIN}/${tenant}/${server}`
  await store.insert(grants).values({
    issuer,
    id,
    tenantId: found.tenantId,
    serverId: found.id,
    userId,
    clientId: 'c',
    scopes: ['mcp:read'],
    resource: `${issuer}/mcp`,
    record: '{}',
  })
  return id
}

let victim: Side
let attacker: Side
beforeAll(async () => {
  ;[victim, attacker] = await Promise.all([side(), side()])
})

/** Why a route has nothing of another tenant's to give, or where its foreign ids are tried. */
type Entry = { body?: unknown } | { why: string }

const api: Entry = {}
const ROUTES: Record<string, Entry> = {
  'GET /': { why: 'the same for everybody' },
  'GET /healthz': { why: 'the same for everybody' },
  'HEAD /healthz': { why: 'the same for everybody' },
  'GET /dashboard/client.json': { why: 'the same for everybody' },
  'GET /dashboard/*': { why: 'static files' },
  'GET /auth/sign-in': { why: 'the same for everybody' },
  'POST /auth/sign-in': { why: 'signs a person in; no tenant is named' },
  'ALL /auth/sign-in': { why: '405' },
  'GET /auth/sign-up': { why: 'the same for everybody' },
  'POST /auth/sign-up': { why: 'makes a person; no tenant is named' },
  'ALL /auth/sign-up': { why: '405' },
  'POST /auth/sign-out': { why: 'ends one’s own sign-in' },
  'ALL /auth/sign-out': { why: '405' },
  'POST /auth/openid/start': { why: 'a provider’s id is shown on a sign-in page; whom it may speak for is tried in test/auth' },
  'GET /auth/openid/callback': { why: 'ends what this browser began' },
  'GET /auth/openid/:provider/callback': { why: 'ends what this browser began' },
  'GET /auth/openid/link': { why: 'this browser’s own' },
  'POST /auth/openid/link': { why: 'this browser’s own' },
  'GET /auth/invitation/:token': { why: 'the token is the right to see it; members.test.ts tries others' },
  'POST /auth/invitation/:token': { why: 'the token is the right to use it; members.test.ts tries others' },
  'GET /api/me': { why: 'one’s own' },
  'PATCH /api/me': { why: 'one’s own' },
  'PUT /api/me/password': { why: 'one’s own' },
  'GET /api/me/grants': { why: 'one’s own; tried below' },
  'GET /api/me/grants/:id': api,
  'PATCH /api/me/grants/:id': { body: { scopes: ['mcp:read'] } },
  'DELETE /api/me/grants/:id': api,
  'GET /api/me/tokens': { why: 'one’s own; tried below' },
  'POST /api/me/tokens': { why: 'names a tenant in its body; tried below' },
  'DELETE /api/me/tokens/:id': api,
  'GET /api/me/identities': { why: 'one’s own; tried below' },
  'DELETE /api/me/identities/:id': api,
  'POST /api/tenants': { why: 'makes a tenant' },
  'GET /api/tenants/:tenant': api,
  'PATCH /api/tenants/:tenant': { body: { name: 'x' } },
  'DELETE /api/tenants/:tenant': api,
  'GET /api/tenants/:tenant/members': api,
  'PATCH /api/tenants/:tenant/members/:userId': { body: { role: 'viewer' } },
  'DELETE /api/tenants/:tenant/members/:userId': api,
  'GET /api/tenants/:tenant/invitations': api,
  'POST /api/tenants/:tenant/invitations': { body: { role: 'viewer' } },
  'DELETE /api/tenants/:tenant/invitations/:id': api,
  'GET /api/tenants/:tenant/audit': api,
  'GET /api/tenants/:tenant/clients': api,
  'POST /api/tenants/:tenant/clients': { body: { name: 'x', grantTypes: ['client_credentials'] } },
  'GET /api/tenants/:tenant/clients/:client': api,
  'PATCH /api/tenants/:tenant/clients/:client': { body: { name: 'x' } },
  'DELETE /api/tenants/:tenant/clients/:client': api,
  'POST /api/tenants/:tenant/clients/:client/secret': { body: {} },
  'DELETE /api/tenants/:tenant/clients/:client/previous-secret': api,
  'GET /api/tenants/:tenant/identity-providers': api,
  'POST /api/tenants/:tenant/identity-providers': { body: { name: 'x', issuer: 'https://other-idp.example' } },
  'GET /api/tenants/:tenant/identity-providers/:id': api,
  'PATCH /api/tenants/:tenant/identity-providers/:id': { body: { assertions: true } },
  'DELETE /api/tenants/:tenant/identity-providers/:id': api,
  'GET /api/tenants/:tenant/identity-providers/:id/links': api,
  'POST /api/tenants/:tenant/identity-providers/:id/links': { body: { subject: 'x', userId: 'x' } },
  'DELETE /api/tenants/:tenant/identity-providers/:id/links/:linkId': api,
  'GET /api/tenants/:tenant/servers': api,
  'POST /api/tenants/:tenant/servers': { body: { slug: 'new-server', name: 'x' } },
  'GET /api/tenants/:tenant/servers/:server': api,
  'PATCH /api/tenants/:tenant/servers/:server': { body: { access: 'public' } },
  'DELETE /api/tenants/:tenant/servers/:server': api,
  'GET /api/tenants/:tenant/servers/:server/environment': api,
  'PUT /api/tenants/:tenant/servers/:server/environment': { body: { values: { WHOSE: 'x' } } },
  'GET /api/tenants/:tenant/servers/:server/versions': api,
  'POST /api/tenants/:tenant/servers/:server/versions': { body: upload() },
  'GET /api/tenants/:tenant/servers/:server/versions/:number': api,
  'GET /api/tenants/:tenant/servers/:server/versions/:number/modules': api,
  'POST /api/tenants/:tenant/servers/:server/versions/:number/activate': api,
  'GET /api/tenants/:tenant/servers/:server/activity': api,
  'GET /api/tenants/:tenant/servers/:server/activity/summary': api,
  'GET /api/tenants/:tenant/servers/:server/clients': api,
  'GET /api/tenants/:tenant/servers/:server/registered-clients': api,
  'POST /api/tenants/:tenant/servers/:server/client-approvals': { body: { clientId: 'c', state: 'approved' } },
  'GET /api/tenants/:tenant/servers/:server/initial-access-tokens': api,
  'POST /api/tenants/:tenant/servers/:server/initial-access-tokens': { body: { name: 'x' } },
  'DELETE /api/tenants/:tenant/servers/:server/initial-access-tokens/:id': api,
  'GET /api/tenants/:tenant/servers/:server/machine-grants': api,
  'PUT /api/tenants/:tenant/servers/:server/machine-grants/:client': { body: { scopes: ['mcp:read'] } },
  'DELETE /api/tenants/:tenant/servers/:server/machine-grants/:client': api,
  'GET /api/tenants/:tenant/servers/:server/access-keys': api,
  'POST /api/tenants/:tenant/servers/:server/access-keys': { body: { name: 'x', scopes: ['mcp:read'] } },
  'DELETE /api/tenants/:tenant/servers/:server/access-keys/:id': api,
  'GET /api/tenants/:tenant/servers/:server/grants': api,
  'PATCH /api/tenants/:tenant/servers/:server/grants/:id': { body: { toolLimit: [] } },
  'DELETE /api/tenants/:tenant/servers/:server/grants/:id': api,
  'ALL /.well-known/oauth-protected-resource/:tenant/:server/mcp': { why: 'public metadata' },
  'ALL /.well-known/oauth-authorization-server/:tenant/:server': { why: 'public metadata' },
  'ALL /.well-known/openid-configuration/:tenant/:server': { why: 'public metadata' },
  'ALL /:tenant/:server/.well-known/openid-configuration': { why: 'public metadata' },
  'ALL /:tenant/:server/register': { why: 'open registration, or by token; a client and a token of one server are tried at another below' },
  'GET /device': { why: 'the same for everybody' },
  'POST /device': { why: 'the code is the right to see it; device.test.ts tries others' },
  'ALL /device': { why: '405' },
  'ALL /:tenant/:server/token': { why: 'tried below' },
  'ALL /:tenant/:server/device_authorization': { why: 'a client of another server is tried in device.test.ts' },
  'ALL /:tenant/:server/revoke': { why: 'tried below' },
  'GET /:tenant/:server/authorize': { why: 'tried below' },
  'POST /:tenant/:server/consent': { why: 'tried below' },
  'ALL /:tenant/:server/authorize': { why: '405' },
  'ALL /:tenant/:server/consent': { why: '405' },
  'ALL /.well-known/oauth-authorization-server': { why: 'the same for everybody' },
  'ALL /.well-known/openid-configuration': { why: 'the same for everybody' },
  'ALL /.well-known/*': { why: '404' },
  'ALL /:tenant/:server/.well-known/*': { why: '404' },
  'ALL /:tenant/:server/mcp/.well-known/*': { why: '404' },
  'ALL /register': { why: 'open registration; no tenant is named' },
  'ALL /token': { why: 'the grant names the server; root-issuer.test.ts tries foreign ones' },
  'ALL /revoke': { why: 'the same' },
  'GET /authorize': { why: 'names a server by its public address; root-issuer.test.ts tries those one may not use' },
  'POST /authorize': { why: 'the same' },
  'ALL /authorize': { why: '405' },
  'ALL /:tenant/:server/mcp': { why: 'tried below' },
  'ALL /:tenant/:server/mcp/versions/:number': { why: 'tried below' },
  'GET /:tenant/:server': { why: 'the page for people: what metadata tells anybody, and of a public server its tools' },
}

const routes = () => router.routes.map(([method, , , path]) => ({ method, path: String(path) || '/' }))
const tried = Object.entries(ROUTES).flatMap(([route, entry]) => {
  if ('why' in entry) return []
  const [method = '', path = ''] = route.split(' ')
  return [{ route, method, path: path.replace(/^\/api/, ''), ...entry }]
})
const fill = (path: string, owned: Owned) => path.replace(/:(\w+)/g, (_, name: keyof Owned) => owned[name])

/** The id that a route of this path ends in. */
function idOf(path: string, { grant, token, invitation, initialAccessToken, accessKey, identityProvider, identityLink }: Side): string {
  if (path.includes('/access-keys/')) return accessKey
  if (path.includes('/identity-providers/')) return identityProvider
  if (path.includes('/identities/')) return identityLink
  if (path.includes('/initial-access-tokens/')) return initialAccessToken
  if (path.includes('/invitations/')) return invitation
  return path.includes('/tokens/') ? token : grant
}
const ownedBy = (path: string, whose: Side): Owned => ({
  tenant: whose.tenant,
  server: whose.server,
  client: whose.client,
  number: '1',
  id: idOf(path, whose),
  linkId: whose.identityLink,
  userId: whose.userId,
})

async function byToken(pat: string, method: string, path: string, body?: unknown): Promise<number> {
  const headers = { Authorization: `Bearer ${pat}`, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) }
  return (await fetchPlatform(`/api${path}`, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })).status
}

describe('another tenant’s', () => {
  it.each(tried)('$route is not there for an owner of a tenant of their own', async ({ method, path, body }) => {
    expect((await attacker.owner.call(method, fill(path, ownedBy(path, victim)), body)).status).toBe(404)
  })

  it.each(tried)('$route is not there for a personal API token', async ({ method, path, body }) => {
    const status = await byToken(attacker.pat, method, fill(path, ownedBy(path, victim)), body)
    expect(status).toBe(path.startsWith('/me/') ? 403 : 404) // a token reaches nothing of a person's, its own included
  })

  it.each(tried)('$route is not there for who a tenant’s provider says is the very owner', async ({ method, path, body }) => {
    const tenant = await findTenant(store, attacker.tenant, attacker.userId)
    const browser = await signedIn({ id: victim.userId }, { tenantId: tenant!.id })
    const response = await browser.get(`/api${fill(path, ownedBy(path, victim))}`, {
      method,
      headers: { Origin: ORIGIN, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    expect(response.status).toBe(404)
  })

  it.each(tried)('$route wants somebody to be signed in', async ({ method, path, body }) => {
    const init = {
      method,
      headers: { Origin: ORIGIN, 'Content-Type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }
    expect((await fetchPlatform(`/api${fill(path, ownedBy(path, victim))}`, init)).status).toBe(401)
  })

  it.each(tried.filter(({ path }) => /:(?:id|linkId|userId|client)\b/.test(path)))(
    '$route is not reached through one’s own tenant and server',
    async ({ method, path, body }) => {
      const mixed = {
        ...ownedBy(path, attacker),
        id: idOf(path, victim),
        linkId: victim.identityLink,
        userId: victim.userId,
        client: victim.client,
      }
      expect((await attacker.owner.call(method, fill(path, mixed), body)).status).toBe(404)
    },
  )

  it.each(tried.filter(({ path }) => path.includes(':server')))(
    '$route is not reached through one’s own tenant and the server’s name',
    async ({ method, path, body }) => {
      const slug = freshSlug('only')
      await victim.owner.call('POST', `/tenants/${victim.tenant}/servers`, { slug, name: 'x' })
      expect(
        (await attacker.owner.call(method, fill(path, { ...ownedBy(path, victim), tenant: attacker.tenant, server: slug }), body)).status,
      ).toBe(404)
    },
  )

  it('things are all there still, for whose they are', async () => {
    const { owner, tenant, server } = victim
    expect((await owner.call('GET', `/tenants/${tenant}`)).body).toMatchObject({ name: 'Acme' })
    expect((await owner.call('GET', `/tenants/${tenant}/servers/${server}`)).body).toMatchObject({ access: 'members', activeVersion: 1 })
    expect((await owner.call('GET', `/tenants/${tenant}/invitations`)).body.items).toMatchObject([{ id: victim.invitation }])
    expect((await owner.call('GET', '/me/tokens')).body.items).toMatchObject([{ id: victim.token }])
    const initial = await owner.call('GET', `/tenants/${tenant}/servers/${server}/initial-access-tokens`)
    expect(initial.body.items).toMatchObject([{ id: victim.initialAccessToken }])
    expect((await owner.call('GET', `/tenants/${tenant}/clients`)).body.items).toMatchObject([
      { clientId: victim.client, name: `The client of ${tenant}`, previousSecretExpiresAt: null },
    ])
    const machines = await owner.call('GET', `/tenants/${tenant}/servers/${server}/machine-grants`)
    expect(machines.body.items).toMatchObject([{ clientId: victim.client, scopes: ['mcp:read'] }])
    const keys = await owner.call('GET', `/tenants/${tenant}/servers/${server}/access-keys`)
    expect(keys.body.items).toMatchObject([{ id: victim.accessKey }])
    expect((await owner.call('GET', '/me/grants')).body.items).toMatchObject([{ id: victim.grant, toolLimit: null }])
    expect((await owner.call('GET', '/me/identities')).body.items).toMatchObject([{ id: victim.identityLink }])
    expect((await owner.call('GET', `/tenants/${tenant}/identity-providers`)).body.items).toMatchObject([{ assertions: false }])
    expect((await owner.call('GET', `/tenants/${tenant}/members`)).body.items).toMatchObject([{ userId: victim.userId, role: 'owner' }])
  })

  it('rows are in no list', async () => {
    const { owner, tenant, server } = attacker
    const base = `/tenants/${tenant}`
    const lists = [
      '/me',
      '/me/grants',
      '/me/tokens',
      '/me/identities',
      `${base}/members`,
      `${base}/identity-providers`,
      `${base}/identity-providers/${attacker.identityProvider}/links`,
      `${base}/invitations`,
      `${base}/audit?limit=200`,
      `${base}/clients`,
      `${base}/servers`,
    ]
    const ofServer = [
      'versions',
      'versions/1',
      'environment',
      'activity',
      'clients',
      'registered-clients',
      'initial-access-tokens',
      'machine-grants',
      'access-keys',
      'grants',
    ].map((list) => `${base}/servers/${server}/${list}`)
    for (const list of [...lists, ...ofServer]) {
      const { status, body } = await owner.call('GET', list)
      const text = JSON.stringify(body)
      expect([list, status]).toEqual([list, 200])
      const { userId, grant, token, invitation, initialAccessToken, client, accessKey } = victim
      for (const foreign of [victim.tenant, userId, grant, token, invitation, initialAccessToken, client, accessKey, victim.owner.email])
        expect(text).not.toContain(foreign)
    }
  })

  it('name in a body is not a way in', async () => {
    expect((await attacker.owner.call('POST', '/me/tokens', { name: 'x', tenant: victim.tenant, role: 'viewer' })).status).toBe(400)
    const keys = `/tenants/${attacker.tenant}/servers/${attacker.server}/access-keys`
    expect((await attacker.owner.call('POST', keys, { name: 'x', scopes: ['mcp:read'], clientId: victim.client })).status).toBe(400)
  })
})

it('what a member may do ends with the membership', async () => {
  const tenant = await createTenant()
  const server = await createServer({ tenant, code: 'export default {}', surface: surfaceOf() })
  const member = await addMember(tenant, 'viewer')
  const { token } = await createToken(server, { user: member })
  const stranger = await createToken(server, { user: (await createTenant()).owner })
  expect((await callModern(server, { token: stranger.token, method: 'tools/list' })).status).toBe(401)
  expect((await callModern(server, { token, method: 'tools/list' })).status).not.toBe(401)
})

describe('at the authorization server of one', () => {
  const two = async () => {
    const [mine, theirs] = await Promise.all([createServer(), createServer()])
    const client = await createClient(theirs)
    return { mine, theirs, client, tokens: await obtainTokens(theirs, client) }
  }

  it('a client of another is unknown', async () => {
    const { mine, theirs, client } = await two()
    const code = await authorizationCode(theirs, client)
    expect((await exchange(mine, client, code)).status).toBe(401)
    expect(
      (await fetchPlatform(`/${mine.tenant.slug}/${mine.slug}/authorize?client_id=${client.clientId}&response_type=code`)).status,
    ).toBe(400)
    expect((await exchange(theirs, client, code)).status).toBe(200)
  })

  it('a code, a refresh token and a revocation of another mean nothing', async () => {
    const { mine, theirs, client, tokens } = await two()
    const own = await createClient(mine)
    const code = await authorizationCode(theirs, client)
    for (const refused of [exchange(mine, own, code), refresh(mine, own, tokens.refresh_token)]) {
      expect(await (await refused).json()).toMatchObject({ error: 'invalid_grant' })
    }
    for (const token of [tokens.access_token, tokens.refresh_token]) {
      expect((await postForm(mine, 'revoke', { client_id: own.clientId, token })).status).toBe(200)
    }
    const refreshed = await (await refresh(theirs, client, tokens.refresh_token)).json<Tokens>()
    expect(refreshed.access_token).toEqual(expect.any(String))
  })

  it('a consent page of another cannot be answered', async () => {
    const { mine } = await two()
    const response = await fetchPlatform(`/${mine.tenant.slug}/${mine.slug}/consent`, {
      method: 'POST',
      headers: { Origin: ORIGIN, Cookie: attacker.owner.cookie, 'Content-Type': 'application/x-www-form-urlencoded' },
      body: 'handle=x&form=path&decision=approve',
    })
    expect(response.status).toBe(400)
  })
})

describe('at the MCP endpoint of one', () => {
  it('a token, a session and a version of another mean nothing', async () => {
    const code = 'export default {}'
    const [mine, theirs] = await Promise.all([createServer({ code, surface: surfaceOf() }), createServer({ code, surface: surfaceOf() })])
    const [own, foreign] = await Promise.all([createToken(mine), createToken(theirs)])
    expect((await callModern(mine, { token: foreign.token, method: 'tools/list' })).status).toBe(401)
    expect(
      (await callModern(theirs, { token: own.token, path: `${new URL(theirs.urls.resource).pathname}/versions/1`, method: 'tools/list' }))
        .status,
    ).toBe(401)
    const session = await openSession(theirs, { token: foreign.token })
    const path = new URL(mine.urls.resource).pathname
    for (const method of ['GET', 'DELETE']) {
      const headers = { Authorization: `Bearer ${own.token}`, 'Mcp-Session-Id': session.id, Accept: 'text/event-stream' }
      expect((await fetchPlatform(path, { method, headers })).status).toBe(404)
    }
    expect((await session.request(1, 'ping')).status).toBe(200)
  })

  it('equal names and equal code see each their own environment', async () => {
    const code = `export default { async fetch(request, env) {
      const { id, method } = await request.json()
      const ok = (result) => Response.json({ jsonrpc: '2.0', id, result: { resultType: 'complete', ttlMs: 0, cacheScope: 'private', ...result } })
      if (method === 'server/discover') return ok({ supportedVersions: ['2026-07-28'], capabilities: { tools: {} } })
      if (method === 'tools/list') return ok({ tools: [{ name: 'whose', description: 'Tells', inputSchema: { type: 'object' }, annotations: { readOnlyHint: true } }] })
      return ok({ content: [{ type: 'text', text: JSON.stringify({ env: Object.keys(env).sort(), whose: env.WHOSE }) }] })
    } }`
    const seen = []
    for (const { owner, tenant } of [victim, attacker]) {
      const slug = 'equal-twin'
      const base = `/tenants/${tenant}/servers`
      await owner.call('POST', base, { slug, name: 'Twin', access: 'public' })
      await owner.call('PUT', `${base}/${slug}/environment`, { values: { WHOSE: tenant } })
      const { body } = await owner.call('POST', `${base}/${slug}/versions`, {
        manifest: { source: 'code', mainModule: 'index.js' },
        modules: { 'index.js': code },
        activate: true,
      })
      expect(body).toMatchObject({ state: 'ready', active: true })
      const call = () =>
        fetchPlatform(`/${tenant}/${slug}/mcp`, {
          method: 'POST',
          headers: {
            'Content-Type': 'application/json',
            'MCP-Protocol-Version': '2026-07-28',
            'Mcp-Method': 'tools/call',
            'Mcp-Name': 'whose',
          },
          body: JSON.stringify({
            jsonrpc: '2.0',
            id: 1,
            method: 'tools/call',
            params: {
              name: 'whose',
              _meta: { 'io.modelcontextprotocol/protocolVersion': '2026-07-28', 'io.modelcontextprotocol/clientCapabilities': {} },
            },
          }),
        })
      const { result } = await (await call()).json<{ result: { content: { text: string }[] } }>()
      seen.push(JSON.parse(result.content[0]!.text))
    }
    expect(seen).toEqual([
      { env: ['EVENTS', 'WHOSE'], whose: victim.tenant },
      { env: ['EVENTS', 'WHOSE'], whose: attacker.tenant },
    ])
  })
})

it('has a line for every route, and none for what is no route', () => {
  const all = routes().map(({ method, path }) => `${method} ${path}`)
  expect(all.filter((route) => !(route in ROUTES))).toEqual([])
  expect(Object.keys(ROUTES).filter((route) => !all.includes(route))).toEqual([])
})
