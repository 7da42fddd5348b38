import { and, eq } from 'drizzle-orm'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { describe, expect, inject, it } from 'vitest'
import { newId, randomToken } from '../../protocol/random.ts'
import { clientApprovals, clients } from '../../store/schema/clients.ts'
import { grants, tokens } from '../../store/schema/grants.ts'
import { identityLinks, identityProviders } from '../../store/schema/identities.ts'
import { type hostedServers } from '../../store/schema/servers.ts'
import { auditEvents, members } from '../../store/schema/tenants.ts'
import {
  authorizationCode,
  authorizePath,
  createClient,
  createMachine,
  exchange,
  postForm,
  signedIn,
  untilLimited,
  type TestClient,
  type Tokens,
} from '../support/oauth.ts'
import { ageCachedDocument, createProvider, loopback, put, requestsTo, markInvitedByEmail, type TestProvider } from '../support/openid.ts'
import type { KeyName } from '../support/provider-sign-in.ts'
import {
  addMember,
  createServer,
  createTenant,
  createToken,
  fetchPlatform,
  freshSlug,
  ORIGIN,
  store,
  type TestServer,
} from '../support/platform.ts'
import { call, serverWithTools } from '../support/server-with-tools.ts'

// Enterprise-managed authorization, an MCP extension of
// draft-ietf-oauth-identity-assertion-authz-grant.

const ISSUER = 'https://idp-30.example'
const GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
const asApp = { grantTypes: [GRANT], name: 'Office App' }

/** Creates a tenant with an assertion provider, a server, a client and an invited member. */
async function officeFixture(
  provided: Partial<typeof identityProviders.$inferInsert> = {},
  settings: Partial<typeof hostedServers.$inferInsert> = {},
) {
  const tenant = await createTenant()
  const provider = await createProvider(tenant, ISSUER, { clientId: null, clientSecret: null, ...provided })
  const member = await addMember(tenant, 'viewer')
  await markInvitedByEmail(tenant, member)
  const server = await serverWithTools(settings, tenant)
  const client = await createMachine(server, asApp)
  return { tenant, provider, member, server, client }
}
type Office = Awaited<ReturnType<typeof officeFixture>>

/** Signs an assertion with valid claims. `change` replaces claims; null omits a claim. */
async function assertion(
  { server, client, member }: Pick<Office, 'server' | 'member'> & { client: TestClient },
  change: Record<string, unknown> = {},
  { header, key, issuer = ISSUER }: { header?: Record<string, unknown>; key?: KeyName; issuer?: string } = {},
): Promise<string> {
  const now = Math.floor(Date.now() / 1000)
  const claims = {
    iss: issuer,
    sub: `sub of ${member.email}`,
    email: member.email,
    email_verified: true,
    aud: server.urls.issuer,
    resource: server.urls.resource,
    client_id: client.clientId,
    jti: crypto.randomUUID(),
    iat: now,
    exp: now + 300,
    scope: 'mcp:read mcp:write',
    ...change,
  }
  const body = JSON.stringify({
    claims: Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== null)),
    header: { typ: 'oauth-id-jag+jwt', ...header },
    key,
  })
  return (await (await fetch(`${loopback(issuer)}/sign`, { method: 'POST', body })).json<{ jwt: string }>()).jwt
}

function present(server: TestServer, client: TestClient, jwt: string, change: Record<string, string | string[] | undefined> = {}) {
  return postForm(server, 'token', {
    grant_type: GRANT,
    client_id: client.clientId,
    client_secret: client.secret,
    assertion: jwt,
    ...change,
  })
}

/** Exchanges a fresh assertion and expects tokens. */
async function tokensBy(office: Office, change: Record<string, unknown> = {}, form: Record<string, string> = {}): Promise<Tokens> {
  const response = await present(office.server, office.client, await assertion(office, change), form)
  expect(response.status).toBe(200)
  return response.json()
}

async function expectRefusal(response: Response, error: string, description: RegExp, status = 400): Promise<void> {
  expect([response.status, response.headers.get('Cache-Control')]).toEqual([status, 'no-store'])
  expect(await response.json()).toEqual({ error, error_description: expect.stringMatching(description) })
}

const grantsOf = ({ server }: Office) => store.select().from(grants).where(eq(grants.serverId, server.id))

describe('identity assertion', () => {
  it('yields a one-hour token for the member and one server, without a refresh token', async () => {
    const office = await officeFixture()
    const { server, client, member, tenant } = office
    const response = await present(server, client, await assertion(office), { resource: server.urls.resource })
    expect([response.status, response.headers.get('Cache-Control')]).toEqual([200, 'no-store'])
    const answer = await response.json<Tokens>()
    expect(answer).toEqual({ access_token: expect.any(String), token_type: 'bearer', expires_in: 3600, scope: 'mcp:read mcp:write' })

    const looked = await (await call(server, answer.access_token)).json<{ result: { content: { text: string }[] } }>()
    expect(JSON.parse(looked.result.content[0]?.text ?? '')).toMatchObject({
      user: member.id,
      client: client.clientId,
      scopes: ['mcp:read', 'mcp:write'],
    })
    const elsewhere = await serverWithTools({}, tenant)
    expect((await call(elsewhere, answer.access_token)).status).toBe(401)
    const kept = await store.select().from(tokens).where(eq(tokens.serverId, server.id))
    expect(JSON.stringify(kept)).not.toContain(answer.access_token)
    const events = await store.select().from(auditEvents).where(eq(auditEvents.tenantId, tenant.id))
    expect(events.map(({ action }) => action).toSorted()).toEqual(['grant.created', 'identity-link.created'])
  })

  it('is listed in the metadata only for tenants with an assertion provider', async () => {
    const { server } = await officeFixture()
    const others = [await createServer(), (await officeFixture({ assertions: false })).server]
    const metadata = async (url: string) => (await fetchPlatform(url)).json<Record<string, string[]>>()
    const own = await metadata(`/.well-known/oauth-authorization-server/${server.tenant.slug}/${server.slug}`)
    expect(own['grant_types_supported']).toContain(GRANT)
    expect(own['authorization_grant_profiles_supported']).toEqual(['urn:ietf:params:oauth:grant-profile:id-jag'])
    for (const path of ['', ...others.map(({ tenant, slug }) => `/${tenant.slug}/${slug}`)]) {
      const other = await metadata(`/.well-known/oauth-authorization-server${path}`)
      expect(other['grant_types_supported']).not.toContain(GRANT)
      expect(other['authorization_grant_profiles_supported']).toBeUndefined()
    }
  })

  it.each<[string, Record<string, unknown>, Parameters<typeof assertion>[2], RegExp]>([
    ['typ JWT', {}, { header: { typ: 'JWT' } }, /typ must be oauth-id-jag\+jwt/],
    ['no typ', {}, { header: { typ: undefined } }, /typ must be/],
    ['no signature', {}, { key: 'none' }, /alg must be one of|not a signed JWT|typ must be/],
    ['the published key as a shared secret', {}, { key: 'published' }, /alg must be one of/],
    ['the signature of another key', {}, { key: 'other' }, /does not verify/],
    ['an unknown kid', {}, { key: 'other', header: { kid: 'nobody’s' } }, /does not verify/],
    ['an untrusted issuer', { iss: 'https://other-idp.example' }, {}, /does not trust the issuer/],
    ['the issuer in another spelling', { iss: `${ISSUER}/` }, {}, /does not trust the issuer/],
    ['no issuer', { iss: null }, {}, /iss is missing/],
    ['the token endpoint as audience', { aud: 'TOKEN_ENDPOINT' }, {}, /aud must be/],
    ['the resource as audience', { aud: 'RESOURCE' }, {}, /aud must be/],
    ['two audiences', { aud: ['ISSUER', 'https://other.example'] }, {}, /aud is missing or malformed|aud must be/],
    ['no audience', { aud: null }, {}, /no aud/],
    ['another client_id', { client_id: 'another' }, {}, /client_id does not match the authenticated client/],
    ['no client_id', { client_id: null }, {}, /no client_id/],
    ['another resource', { resource: 'https://other.example/mcp' }, {}, /resource must be absent or only/],
    ['two resources', { resource: ['RESOURCE', 'https://other.example/mcp'] }, {}, /resource/],
    ['no subject', { sub: null }, {}, /no sub/],
    ['an empty subject', { sub: '' }, {}, /sub is missing or malformed/],
    ['no jti', { jti: null }, {}, /no jti/],
    ['an empty jti', { jti: '' }, {}, /jti is missing or malformed/],
    ['no exp', { exp: null }, {}, /no exp/],
    ['an exp 61 s ago', { exp: -61 }, {}, /has expired/],
    ['an exp in an hour and two minutes', { exp: 3720 }, {}, /exp is more than an hour/],
    ['no iat', { iat: null }, {}, /no iat/],
    ['an iat in 90 s', { iat: 90 }, {}, /iat/],
    ['an iat an hour and 61 s ago', { iat: -3661 }, {}, /iat is more than an hour ago/],
    ['an nbf in 90 s', { nbf: 90 }, {}, /has an invalid nbf/],
    ['a cnf claim', { cnf: { jkt: 'x' } }, {}, /carries cnf/],
    ['authorization_details', { authorization_details: [] }, {}, /carries authorization_details/],
    ['a tenant claim when the provider has no tenant', { tenant: 'acme' }, {}, /tenant of the assertion/],
  ])('is refused with %s', async (_, change, options, reason) => {
    const office = await officeFixture()
    const { server, client } = office
    const now = Math.floor(Date.now() / 1000)
    const places: Record<string, string> = {
      ISSUER: server.urls.issuer,
      TOKEN_ENDPOINT: server.urls.tokenEndpoint,
      RESOURCE: server.urls.resource,
    }
    const concrete = (value: unknown): unknown =>
      typeof value === 'number' ? now + value : Array.isArray(value) ? value.map(concrete) : (places[String(value)] ?? value)
    const claims = Object.fromEntries(Object.entries(change).map(([name, value]) => [name, value === null ? null : concrete(value)]))
    await expectRefusal(await present(server, client, await assertion(office, claims, options)), 'invalid_grant', reason)
    expect(await grantsOf(office)).toEqual([])
    expect((await present(server, client, await assertion(office))).status).toBe(200)
  })

  it.each([
    ['an exp 30 s ago', { exp: -30 }],
    ['an iat in 45 s and an exp an hour later', { iat: 45, exp: 3645 }],
    ['an iat an hour and 30 s ago', { iat: -3630 }],
    ['an nbf in 45 s', { nbf: 45 }],
  ])('is accepted with %s, within the clock tolerance', async (_, times) => {
    const office = await officeFixture()
    const now = Math.floor(Date.now() / 1000)
    await tokensBy(office, Object.fromEntries(Object.entries(times).map(([name, seconds]) => [name, now + seconds])))
  })

  it.each<[string, string | undefined, string]>([
    ['that is missing', undefined, 'invalid_request'],
    ['that is empty', '', 'invalid_request'],
    ['that is not a JWT', 'x', 'invalid_grant'],
    ['that is too long', 'x'.repeat(13_000), 'invalid_grant'],
  ])('%s is refused with a clear error', async (_, jwt, error) => {
    const { server, client } = await officeFixture()
    await expectRefusal(await present(server, client, '', { assertion: jwt }), error, /assertion/)
  })

  it('is accepted without a resource and with its audience in an array of one', async () => {
    const office = await officeFixture()
    await tokensBy(office, { resource: null, aud: [office.server.urls.issuer] })
  })

  it('is refused when its tenant claim is not the tenant trusted at a multi-tenant issuer', async () => {
    const office = await officeFixture({ issuerTenant: 'acme' })
    await tokensBy(office, { tenant: 'acme' })
    for (const tenant of ['other', null])
      await expectRefusal(
        await present(office.server, office.client, await assertion(office, { tenant })),
        'invalid_grant',
        /tenant of the assertion does not match/,
      )
  })

  it('is accepted once when ten requests race, and all assertions of a member share a grant', async () => {
    const office = await officeFixture()
    const { server, client } = office
    const jwt = await assertion(office)
    const raced = await Promise.all(Array.from({ length: 10 }, () => present(server, client, jwt)))
    expect(raced.map(({ status }) => status).toSorted()).toEqual([200, ...Array<number>(9).fill(400)])
    await expectRefusal(await present(server, client, jwt), 'invalid_grant', /already used/)

    const others = await Promise.all(Array.from({ length: 5 }, async () => present(server, client, await assertion(office))))
    expect(others.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200])
    expect(await grantsOf(office)).toHaveLength(1)
    expect(await store.select().from(tokens).where(eq(tokens.serverId, server.id))).toHaveLength(6)
  })
})

describe('client that presents an identity assertion', () => {
  it('must authenticate', async () => {
    const office = await officeFixture()
    const { server, client } = office
    const jwt = await assertion(office)
    await expectRefusal(await present(server, client, jwt, { client_secret: 'x' }), 'invalid_client', /authentication failed/, 401)
    await expectRefusal(await present(server, client, jwt, { client_secret: undefined }), 'invalid_client', /authentication failed/, 401)
    expect((await present(server, client, jwt)).status).toBe(200)
  })

  it('is refused when it registered dynamically, is public or lacks the grant type', async () => {
    const office = await officeFixture()
    const { server } = office
    const registered = await createClient(server, { ...asApp, redirectUris: [], responseTypes: [], secret: 'a secret' })
    const open = await createMachine(server, { ...asApp, secretHash: null, tokenEndpointAuthMethod: 'none' })
    for (const client of [registered, { ...open, secret: undefined }])
      await expectRefusal(
        await present(server, client, await assertion({ ...office, client })),
        'unauthorized_client',
        /created by the tenant or identified by a document/,
      )
    const other = await createMachine(server)
    await expectRefusal(
      await present(server, other, await assertion({ ...office, client: other })),
      'unauthorized_client',
      /not registered for/,
    )
  })

  it('can be identified by a client document when it authenticates with a key', async () => {
    const office = await officeFixture()
    const { server } = office
    const origin = 'https://documents-30.example'
    const publish = async (body: (kid: string) => Promise<unknown>) => {
      const clientId = `${origin}/${newId()}.json`
      const put = await fetch(`${inject('loopbackHosts')[origin]}${new URL(clientId).pathname}`, {
        method: 'PUT',
        body: JSON.stringify({ client_id: clientId, client_name: 'Office', grant_types: [GRANT], ...((await body(clientId)) as object) }),
      })
      expect(put.status).toBe(204)
      return clientId
    }
    const { publicKey, privateKey } = await generateKeyPair('ES256')
    const clientId = await publish(async () => ({
      token_endpoint_auth_method: 'private_key_jwt',
      jwks: { keys: [await exportJWK(publicKey)] },
    }))
    const now = Math.floor(Date.now() / 1000)
    const proof = await new SignJWT({ iss: clientId, sub: clientId, aud: server.urls.issuer, jti: randomToken(8), iat: now, exp: now + 60 })
      .setProtectedHeader({ alg: 'ES256' })
      .sign(privateKey)
    const client = { clientId, secret: undefined }
    const proven = { client_assertion: proof, client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer' }
    const response = await present(server, client, await assertion({ ...office, client }), proven)
    expect(response.status).toBe(200)
    expect((await call(server, (await response.json<Tokens>()).access_token)).status).toBe(200)

    const open = await publish(() => Promise.resolve({}))
    const unproven = await present(server, { clientId: open, secret: undefined }, await assertion({ ...office, client }))
    await expectRefusal(unproven, 'invalid_client', /requires a token_endpoint_auth_method other than none/, 401)
  })

  it('needs no approval when the tenant made it but can be refused', async () => {
    const office = await officeFixture({}, { clients: 'approved' })
    const { server, client, tenant } = office
    await tokensBy(office)
    await store.insert(clientApprovals).values({ tenantId: tenant.id, serverId: server.id, clientId: client.clientId, state: 'refused' })
    await expectRefusal(await present(server, client, await assertion(office)), 'unauthorized_client', /must approve an app/)
  })

  it.each<[string, string | null, string | undefined, string]>([
    ['all scopes asserted by the provider', 'mcp:read mcp:write', undefined, 'mcp:read mcp:write'],
    ['fewer scopes when the provider asserts fewer', 'mcp:read', undefined, 'mcp:read'],
    ['fewer scopes when it requests fewer', 'mcp:read mcp:write', 'mcp:read', 'mcp:read'],
    ['no scopes beyond those asserted by the provider', 'mcp:read', 'mcp:read mcp:write', 'mcp:read'],
    ['the scopes of the challenge when the provider asserts no scope', null, undefined, 'mcp:read mcp:write'],
    ['no offline_access even if it is asserted and requested', 'mcp:read offline_access', 'mcp:read offline_access', 'mcp:read'],
    ['only supported scopes when the provider asserts unknown ones', 'mcp:read files:write', undefined, 'mcp:read'],
  ])('gets %s', async (_, asserted, asked, granted) => {
    const office = await officeFixture()
    const answer = await tokensBy(office, { scope: asserted }, asked === undefined ? {} : { scope: asked })
    expect(answer.scope).toBe(granted)
    expect((await call(office.server, answer.access_token)).status).toBe(200)
    expect((await call(office.server, answer.access_token, 'change')).status).toBe(granted.includes('write') ? 200 : 403)
  })

  it('gets invalid_scope when no asserted scope is supported or the requested scope is not asserted', async () => {
    const office = await officeFixture()
    const { server, client } = office
    await expectRefusal(
      await present(server, client, await assertion(office, { scope: 'files:write' })),
      'invalid_scope',
      /at least one of/,
    )
    const asked = await present(server, client, await assertion(office, { scope: 'mcp:read' }), { scope: 'mcp:write' })
    await expectRefusal(asked, 'invalid_scope', /allows the scopes mcp:read/)
  })

  it('gets invalid_target when it sends another resource', async () => {
    const office = await officeFixture()
    const elsewhere = await present(office.server, office.client, await assertion(office), { resource: 'https://other.example/mcp' })
    await expectRefusal(elsewhere, 'invalid_target', /resource/)
  })
})

describe('user named by an identity assertion', () => {
  it('is found by verified email once and by subject from then on', async () => {
    const office = await officeFixture()
    const { server, client, member } = office
    await tokensBy(office)
    await tokensBy(office, { email: 'elsewhere@example.com', email_verified: false })
    const [link] = await store.select().from(identityLinks).where(eq(identityLinks.tenantId, office.tenant.id))
    expect(link).toMatchObject({ userId: member.id, subject: `sub of ${member.email}` })
    for (const change of [
      { sub: 'somebody else', email: 'nobody@example.com' },
      { sub: 'somebody else', email_verified: false },
      { sub: 'somebody else', email: null },
      { sub: 'somebody else' }, // the email of a member who is already linked
    ])
      await expectRefusal(await present(server, client, await assertion(office, change)), 'invalid_grant', /not linked to a member of/)
  })

  it('is refused and loses existing tokens when the membership ends', async () => {
    const office = await officeFixture({}, { access: 'public' })
    const { server, client, member, tenant } = office
    const { access_token: token } = await tokensBy(office)
    const admin = await signedIn(tenant.owner)
    const removed = await admin.get(`/api/tenants/${tenant.slug}/members/${member.id}`, { method: 'DELETE', headers: { Origin: ORIGIN } })
    expect(removed.status).toBe(204)
    expect((await call(server, token)).status).toBe(401)
    await expectRefusal(await present(server, client, await assertion(office)), 'invalid_grant', /not linked to a member of/)
  })
})

describe('provider of identity assertions', () => {
  it('is trusted only by its own tenant', async () => {
    const office = await officeFixture()
    const other = await officeFixture({ assertions: false })
    const { server, client } = other
    await expectRefusal(await present(server, client, await assertion(other)), 'invalid_grant', /does not trust the issuer/)
    // an assertion for the server of the other tenant, signed by the same issuer
    await expectRefusal(await present(office.server, office.client, await assertion(other)), 'invalid_grant', /aud must be/)
  })

  it('loses the grants of its assertions when assertions are disabled', async () => {
    const office = await officeFixture()
    const { server, client, tenant, provider } = office
    const { access_token: token } = await tokensBy(office)
    const byHand = await createToken(server, { user: office.member })
    const owner = await signedIn(tenant.owner)
    const headers = { Origin: ORIGIN, 'Content-Type': 'application/json' }
    const path = `/api/tenants/${tenant.slug}/identity-providers/${provider.id}`
    const changed = await owner.get(path, { method: 'PATCH', headers, body: JSON.stringify({ assertions: false }) })
    expect(changed.status).toBe(200)
    expect((await call(server, token)).status).toBe(401)
    expect((await call(server, byHand.token)).status).toBe(200)
    await expectRefusal(await present(server, client, await assertion(office)), 'invalid_grant', /does not trust the issuer/)
  })

  it('can rotate its keys at a jwks_uri set by the tenant', async () => {
    const issuer = 'https://idp-31.example'
    const office = await officeFixture({ issuer, jwksUri: `${issuer}/jwks` })
    const { server, client } = office
    const by = () => assertion(office, {}, { issuer })
    expect((await present(server, client, await by())).status).toBe(200)
    expect((await fetch(`${loopback(issuer)}/rotate`, { method: 'POST' })).status).toBe(204)
    await ageCachedDocument('jwks', `${issuer}/jwks`, 31_000)
    expect((await present(server, client, await by())).status).toBe(200)
    expect(await requestsTo(issuer, '/jwks')).toBe(2)
    expect(await requestsTo(issuer, '/.well-known/openid-configuration')).toBe(0)
  })

  it('can be reached for its keys when strangers exhaust the document fetch limit of its host', async () => {
    const issuer = 'https://idp-35.example'
    const office = await officeFixture({ issuer })
    const { server, client, tenant } = office
    const browser = await signedIn(tenant.owner)
    const { before } = await untilLimited((index) =>
      browser.get(authorizePath(server, { clientId: `${issuer}/app/${index}`, secret: undefined }), {
        headers: { 'CF-Connecting-IP': freshSlug('ip') },
      }),
    )
    expect(before).toEqual([400]) // the documents do not exist
    expect((await present(server, client, await assertion(office, {}, { issuer }))).status).toBe(200)
  })

  it('causes a 503 when its configuration cannot be fetched', async () => {
    const issuer = 'https://idp-32.example'
    const office = await officeFixture({ issuer })
    await put(issuer, '/answers', { '/.well-known/openid-configuration': 'broken' })
    const response = await present(office.server, office.client, await assertion(office, {}, { issuer }))
    expect(response.headers.get('Retry-After')).toBe('60')
    await expectRefusal(response, 'temporarily_unavailable', /keys of Acme ID are unavailable/, 503)
  })
})

describe('grant of an identity assertion', () => {
  it('does not regain scopes removed by the user when later assertions contain them', async () => {
    const office = await officeFixture()
    const { server, member, tenant } = office
    await tokensBy(office, { scope: 'mcp:read' })
    expect((await tokensBy(office)).scope).toBe('mcp:read mcp:write')
    const [grant] = await grantsOf(office)
    const browser = await signedIn(member)
    const headers = { Origin: ORIGIN, 'Content-Type': 'application/json' }
    const change = { method: 'PATCH', headers, body: JSON.stringify({ scopes: ['mcp:read'] }) }
    expect((await browser.get(`/api/me/grants/${grant?.id}`, change)).status).toBe(200)
    expect((await tokensBy(office)).scope).toBe('mcp:read')

    const owner = await signedIn(tenant.owner)
    const listed = await owner.get(`/api/tenants/${tenant.slug}/servers/${server.slug}/grants`)
    expect((await listed.json<{ items: unknown[] }>()).items).toMatchObject([
      { id: grant?.id, clientName: 'Office App', scopes: ['mcp:read'] },
    ])
  })

  it('cannot be used as a code or refresh token grant and survives a parallel consent', async () => {
    const office = await officeFixture()
    const { server, client, member } = office
    const { access_token: token } = await tokensBy(office)
    const [grant] = await grantsOf(office)
    await store
      .update(clients)
      .set({
        grantTypes: ['authorization_code', 'refresh_token', GRANT],
        redirectUris: ['https://app.example/callback'],
        responseTypes: ['code'],
      })
      .where(eq(clients.clientId, client.clientId))
    for (const form of [
      { grant_type: 'authorization_code', code: token, code_verifier: 'x'.repeat(43) },
      { grant_type: 'refresh_token', refresh_token: token },
    ])
      await expectRefusal(
        await postForm(server, 'token', { client_id: client.clientId, client_secret: client.secret, ...form }),
        'invalid_grant',
        /./,
      )
    // the client also gets a grant by consent
    const consented = await exchange(server, client, await authorizationCode(server, client, { user: member }))
    expect(consented.status).toBe(200)
    expect((await grantsOf(office)).map(({ id }) => id)).toContain(grant?.id)
    expect((await call(server, token)).status).toBe(200)
    const revoked = await postForm(server, 'revoke', { client_id: client.clientId, client_secret: client.secret, token })
    expect(revoked.status).toBe(200)
    expect((await call(server, token)).status).toBe(401)
  })

  it('ends when its identity link, its client or the grant itself is deleted', async () => {
    for (const end of [
      async ({ tenant, provider, member }: Office) => {
        const [link] = await linksOf(provider)
        const owner = await signedIn(tenant.owner)
        const path = `/api/tenants/${tenant.slug}/identity-providers/${provider.id}/links/${link?.id}`
        expect(member.id).toBe(link?.userId)
        return owner.get(path, { method: 'DELETE', headers: { Origin: ORIGIN } })
      },
      async ({ tenant, client }: Office) =>
        (await signedIn(tenant.owner)).get(`/api/tenants/${tenant.slug}/clients/${client.clientId}`, {
          method: 'DELETE',
          headers: { Origin: ORIGIN },
        }),
      async (office: Office) => {
        const [grant] = await grantsOf(office)
        return (await signedIn(office.member)).get(`/api/me/grants/${grant?.id}`, { method: 'DELETE', headers: { Origin: ORIGIN } })
      },
    ]) {
      const office = await officeFixture()
      const { access_token: token } = await tokensBy(office)
      expect((await end(office)).status).toBe(204)
      expect(await grantsOf(office)).toEqual([])
      expect((await call(office.server, token)).status).toBe(401)
    }
  })

  it('is not created when the member leaves at the same time', async () => {
    const office = await officeFixture()
    await tokensBy(office)
    const { server, client, member, tenant } = office
    const jwts = await Promise.all([0, 1, 2, 3].map(() => assertion(office)))
    const [, ...answers] = await Promise.all([
      store.delete(members).where(and(eq(members.tenantId, tenant.id), eq(members.userId, member.id))),
      ...jwts.map((jwt) => present(server, client, jwt)),
    ])
    for (const { status } of answers) expect([200, 400, 503]).toContain(status)
    expect(await grantsOf(office)).toEqual([])
    expect(await store.select().from(tokens).where(eq(tokens.serverId, server.id))).toEqual([])
  })
})

const linksOf = ({ id }: TestProvider) => store.select().from(identityLinks).where(eq(identityLinks.providerId, id))
