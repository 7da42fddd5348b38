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
 * Calls each route of the router with ids of another tenant. The last test fails if a route has no
 * line in ROUTES. A line gives a request body, or the reason why the route needs no such test.
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

/** A tenant with one object of each kind. */
interface Side {
  owner: Person
  /** Personal API token of the owner for this tenant. */
  pat: string
  userId: string
  tenant: string
  server: string
  invitation: string
  token: string
  grant: string
  initialAccessToken: string
  /** Client of the tenant for client_credentials, with a machine grant at the server. */
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

/** Stores an identity provider of the tenant and the identity link of the owner. */
async function providerOf(tenant: string, userId: string): Promise<{ identityProvider: string; identityLink: string }> {
  const found = await findTenant(store, tenant, userId)
  if (!found) throw new Error('the created tenant was not found')
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

/** Stores a grant of the owner at the owner's server. */
async function grantOf(tenant: string, server: string, userId: string): Promise<string> {
  const found = await findHostedServer(store, { tenant, server })
  if (!found) throw new Error('the created server was not found')
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

/** A request body, or the reason why a route is not tested here with foreign ids. */
type Entry = { body?: unknown } | { why: string }

const api: Entry = {}
const ROUTES: Record<string, Entry> = {
  'GET /': { why: 'public content' },
  'GET /healthz': { why: 'public content' },
  'HEAD /healthz': { why: 'public content' },
  'GET /dashboard/client.json': { why: 'public content' },
  'GET /dashboard/*': { why: 'static files' },
  'GET /:tenant/:server/dashboard/*': { why: 'static files' },
  'GET /docs': { why: 'public content' },
  'GET /docs/:page': { why: 'public content' },
  'GET /docs/decisions/:page': { why: 'public content' },
  'GET /api/openapi.json': { why: 'public content' },
  'GET /auth/sign-in': { why: 'public content' },
  'POST /auth/sign-in': { why: 'creates a sign-in; names no tenant' },
  'ALL /auth/sign-in': { why: '405' },
  'GET /auth/sign-up': { why: 'public content' },
  'POST /auth/sign-up': { why: 'creates a user; names no tenant' },
  'ALL /auth/sign-up': { why: '405' },
  'POST /auth/sign-out': { why: 'ends the sign-in of the caller' },
  'ALL /auth/sign-out': { why: '405' },
  'POST /auth/openid/start': { why: 'provider ids are public; test/auth covers the users a provider can sign in' },
  'GET /auth/openid/callback': { why: 'completes a sign-in started by the same browser' },
  'GET /auth/openid/:provider/callback': { why: 'completes a sign-in started by the same browser' },
  'GET /auth/openid/link': { why: 'belongs to the browser of the caller' },
  'POST /auth/openid/link': { why: 'belongs to the browser of the caller' },
  'GET /auth/invitation/:token': { why: 'the token grants access; members.test.ts covers wrong tokens' },
  'POST /auth/invitation/:token': { why: 'the token grants access; members.test.ts covers wrong tokens' },
  'GET /api/me': { why: 'objects of the caller' },
  'PATCH /api/me': { why: 'objects of the caller' },
  'PUT /api/me/password': { why: 'objects of the caller' },
  'GET /api/me/grants': { why: 'objects of the caller; tested below' },
  'GET /api/me/grants/:id': api,
  'PATCH /api/me/grants/:id': { body: { scopes: ['mcp:read'] } },
  'DELETE /api/me/grants/:id': api,
  'GET /api/me/tokens': { why: 'objects of the caller; tested below' },
  'POST /api/me/tokens': { why: 'the body names a tenant; tested below' },
  'DELETE /api/me/tokens/:id': api,
  'GET /api/me/identities': { why: 'objects of the caller; tested below' },
  'DELETE /api/me/identities/:id': api,
  'POST /api/tenants': { why: 'creates a tenant' },
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
  'GET /api/tenants/:tenant/audit/export': api,
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
  'GET /api/tenants/:tenant/servers/:server/versions/:number/manifest': api,
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
  'ALL /:tenant/:server/register': { why: 'public or by token; foreign clients and tokens are tested below' },
  'GET /device': { why: 'public content' },
  'POST /device': { why: 'the code grants access; device.test.ts covers wrong codes' },
  'ALL /device': { why: '405' },
  'ALL /:tenant/:server/token': { why: 'tested below' },
  'ALL /:tenant/:server/device_authorization': { why: 'device.test.ts covers clients of another server' },
  'ALL /:tenant/:server/revoke': { why: 'tested below' },
  'GET /:tenant/:server/authorize': { why: 'tested below' },
  'POST /:tenant/:server/consent': { why: 'tested below' },
  'ALL /:tenant/:server/authorize': { why: '405' },
  'ALL /:tenant/:server/consent': { why: '405' },
  'ALL /.well-known/oauth-authorization-server': { why: 'public content' },
  'ALL /.well-known/openid-configuration': { why: 'public content' },
  'ALL /.well-known/*': { why: '404' },
  'ALL /:tenant/:server/.well-known/*': { why: '404' },
  'ALL /:tenant/:server/mcp/.well-known/*': { why: '404' },
  'ALL /register': { why: 'public; names no tenant' },
  'ALL /token': { why: 'the grant names the server; root-issuer.test.ts covers foreign servers' },
  'ALL /revoke': { why: 'the grant names the server; root-issuer.test.ts covers foreign servers' },
  'GET /authorize': { why: 'names a server by URL; root-issuer.test.ts covers forbidden servers' },
  'POST /authorize': { why: 'names a server by URL; root-issuer.test.ts covers forbidden servers' },
  'ALL /authorize': { why: '405' },
  'ALL /:tenant/:server/mcp': { why: 'tested below' },
  'ALL /:tenant/:server/mcp/versions/:number': { why: 'tested below' },
  'GET /:tenant/:server': { why: 'public page with the metadata, and the tools of a public server' },
}

const routes = () => router.routes.map(([method, , , path]) => ({ method, path: String(path) || '/' }))
const testedRoutes = Object.entries(ROUTES).flatMap(([route, entry]) => {
  if ('why' in entry) return []
  const [method = '', path = ''] = route.split(' ')
  return [{ route, method, path: path.replace(/^\/api/, ''), ...entry }]
})
const fill = (path: string, owned: Owned) => path.replace(/:(\w+)/g, (_, name: keyof Owned) => owned[name])

/** Returns the object id for the last parameter of the path. */
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

describe('tenant isolation', () => {
  it.each(testedRoutes)('$route answers 404 to the owner of another tenant', async ({ method, path, body }) => {
    expect((await attacker.owner.call(method, fill(path, ownedBy(path, victim)), body)).status).toBe(404)
  })

  it.each(testedRoutes)('$route answers 404 or 403 to a personal API token of another tenant', async ({ method, path, body }) => {
    const status = await byToken(attacker.pat, method, fill(path, ownedBy(path, victim)), body)
    // a personal API token cannot use /me routes
    expect(status).toBe(path.startsWith('/me/') ? 403 : 404)
  })

  it.each(testedRoutes)(
    '$route answers 404 to its owner signed in through the provider of another tenant',
    async ({ method, path, body }) => {
      const tenant = await findTenant(store, attacker.tenant, attacker.userId)
      const browser = await signedIn({ id: victim.userId }, { tenantId: tenant!.id })
      const response = await browser.get(`/api${fill(path, ownedBy(path, victim))}`, {
        method,
        headers: { Origin: ORIGIN, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      expect(response.status).toBe(404)
    },
  )

  it.each(testedRoutes)('$route answers 401 without a sign-in', async ({ method, path, body }) => {
    const init = {
      method,
      headers: { Origin: ORIGIN, 'Content-Type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }
    expect((await fetchPlatform(`/api${fill(path, ownedBy(path, victim))}`, init)).status).toBe(401)
  })

  it.each(testedRoutes.filter(({ path }) => /:(?:id|linkId|userId|client)\b/.test(path)))(
    '$route answers 404 to a foreign id under the tenant and server of the caller',
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

  it.each(testedRoutes.filter(({ path }) => path.includes(':server')))(
    '$route answers 404 to a foreign server name under the tenant of the caller',
    async ({ method, path, body }) => {
      const slug = freshSlug('only')
      await victim.owner.call('POST', `/tenants/${victim.tenant}/servers`, { slug, name: 'x' })
      expect(
        (await attacker.owner.call(method, fill(path, { ...ownedBy(path, victim), tenant: attacker.tenant, server: slug }), body)).status,
      ).toBe(404)
    },
  )

  it('objects of the victim are unchanged after all attempts', async () => {
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

  it('lists of the attacker contain no ids of the victim', async () => {
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

  it('request bodies that name a foreign tenant or client are refused', async () => {
    expect((await attacker.owner.call('POST', '/me/tokens', { name: 'x', tenant: victim.tenant, role: 'viewer' })).status).toBe(400)
    const keys = `/tenants/${attacker.tenant}/servers/${attacker.server}/access-keys`
    expect((await attacker.owner.call('POST', keys, { name: 'x', scopes: ['mcp:read'], clientId: victim.client })).status).toBe(400)
  })
})

it('MCP endpoint answers 401 to a token whose user is not a member', async () => {
  const tenant = await createTenant()
  const server = await createServer({ tenant, code: 'export default {}', surface: surfaceOf() })
  const member = await addMember(tenant, 'viewer')
  const { token } = await createToken(server, { user: member })
  const stranger = await createToken(server, { user: (await createTenant()).owner })
  expect((await callModern(server, { token: stranger.token, method: 'tools/list' })).status).toBe(401)
  expect((await callModern(server, { token, method: 'tools/list' })).status).not.toBe(401)
})

describe('authorization server of a tenant', () => {
  const two = async () => {
    const [mine, theirs] = await Promise.all([createServer(), createServer()])
    const client = await createClient(theirs)
    return { mine, theirs, client, tokens: await obtainTokens(theirs, client) }
  }

  it('rejects a client of another tenant', async () => {
    const { mine, theirs, client } = await two()
    const code = await authorizationCode(theirs, client)
    expect((await exchange(mine, client, code)).status).toBe(401)
    expect(
      (await fetchPlatform(`/${mine.tenant.slug}/${mine.slug}/authorize?client_id=${client.clientId}&response_type=code`)).status,
    ).toBe(400)
    expect((await exchange(theirs, client, code)).status).toBe(200)
  })

  it('rejects codes and refresh tokens and ignores revocations of another tenant', async () => {
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

  it('rejects a consent decision with an unknown handle', async () => {
    const { mine } = await two()
    const response = await fetchPlatform(`/${mine.tenant.slug}/${mine.slug}/consent`, {
      method: 'POST',
      headers: { Origin: ORIGIN, Cookie: attacker.owner.cookie, 'Content-Type': 'application/x-www-form-urlencoded' },
      body: 'handle=x&form=path&decision=approve',
    })
    expect(response.status).toBe(400)
  })
})

describe('MCP endpoint of a tenant', () => {
  it('rejects tokens, sessions and version URLs of another tenant', async () => {
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

  it('runs equal code under equal names with a separate environment per tenant', async () => {
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

it('route table has one line for each route of the router', () => {
  const all = routes().map(({ method, path }) => `${method} ${path}`)
  expect(all.filter((route) => !(route in ROUTES))).toEqual([])
  expect(Object.keys(ROUTES).filter((route) => !all.includes(route))).toEqual([])
})
