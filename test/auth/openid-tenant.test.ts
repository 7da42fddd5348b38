import { eq } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { identityLinks, identityProviders, signIns } from '../../store/schema/identities.ts'
import { users } from '../../store/schema/people.ts'
import { auditEvents, invitations, members, tenants } from '../../store/schema/tenants.ts'
import { authorizePath, Browser, consentForm, createClient, signedIn } from '../support/oauth.ts'
import {
  signInAtProvider,
  authorizationUrlOf,
  signInAtUrl,
  createProvider,
  invite,
  ageCachedDocument,
  loopback,
  linkedUser,
  PLATFORM_ISSUER,
  put,
  registerPlatform,
  requestsTo,
  signInThrough,
  start,
  markInvitedByEmail,
  whoIs,
  type TestProvider,
} from '../support/openid.ts'
import {
  addMember,
  createServer,
  createTenant,
  createToken,
  createUser,
  freshSlug,
  ORIGIN,
  store,
  type TestTenant,
  type TestUser,
} from '../support/platform.ts'

const ISSUER = 'https://idp-0.example'

/** Creates a tenant with its own provider and a member invited by email. */
async function tenantWithProvider(settings: Partial<typeof identityProviders.$inferInsert> = {}) {
  const tenant = await createTenant()
  const provider = await createProvider(tenant, ISSUER, settings)
  const member = await addMember(tenant, 'developer')
  await markInvitedByEmail(tenant, member)
  return { tenant, provider, member, claims: claimsOf(member) }
}

const claimsOf = ({ email }: { email: string }, more: Record<string, unknown> = {}) => ({ sub: `sub of ${email}`, email, ...more })

/** Signs up a user with a password. Accounts without credentials are linked by email alone. */
async function userWithPassword(): Promise<TestUser & { browser: Browser }> {
  const email = `${freshSlug('person')}@example.com`
  const browser = new Browser()
  const form = { name: 'Ada', email, password: 'correct horse battery' }
  await browser.post('/auth/sign-up', form, { Origin: ORIGIN, 'CF-Connecting-IP': freshSlug('ip') })
  const me = await whoIs(browser)
  return { id: me?.user.id ?? '', email, browser }
}

async function join(tenant: TestTenant, user: { id: string }): Promise<void> {
  await store.insert(members).values({ tenantId: tenant.id, userId: user.id, role: 'viewer' })
}

const actions = async (tenant: TestTenant) =>
  (await store.select().from(auditEvents).where(eq(auditEvents.tenantId, tenant.id))).map(({ action }) => action)

describe('provider of a tenant', () => {
  it('is found by tenant name, with the same error for unknown tenants and tenants without one', async () => {
    const { tenant, provider } = await tenantWithProvider()
    const path = '/device?user_code=BCDF-GHJK'
    const find = (typed: string) => new Browser().get(`/auth/sign-in?${new URLSearchParams({ typed, continue: path })}`)
    const found = await find(` ${tenant.slug.toUpperCase()} `)
    const text = await found.text()
    expect([found.status, text]).toEqual([200, expect.stringContaining(`value="${provider.id}"`)])
    expect(text).toContain(`name="continue" value="${path}"`)
    const [without, none] = [(await createTenant()).slug, 'nobody-here']
    const answers = [await find(without), await find(none)]
    const errors = await Promise.all(answers.map(async (each) => (await each.text()).replaceAll(without, none)))
    expect([answers.map(({ status }) => status), errors[0]]).toEqual([[404, 404], errors[1]])
    expect(errors[0]).toContain('No tenant with this name has a sign-in provider')
  })

  it('is offered with its host name only on sign-in pages of its tenant', async () => {
    const { tenant, provider } = await tenantWithProvider({ name: 'Google <b>' })
    const page = async (path: string) => (await new Browser().get(path)).text()
    const offered = await page(`/auth/sign-in?tenant=${tenant.slug}`)
    expect(offered).toContain('Sign in with Google &lt;b&gt;')
    expect(offered).toContain('at idp-0.example')
    expect(offered).toContain('Sign in with Example ID')
    expect(offered).toContain(`value="${provider.id}"`)
    for (const path of ['/auth/sign-in', '/auth/sign-in?tenant=nobody-here', "/auth/sign-in?tenant=x'--", '/auth/sign-up'])
      expect(await page(path)).not.toContain('idp-0.example')
    const wrong = await new Browser().post('/auth/sign-in', { email: 'a@b.example', password: 'not the password', tenant: tenant.slug })
    expect([wrong.status, await wrong.text()]).toEqual([401, expect.stringContaining(provider.id)])
  })

  it('is offered by the authorization endpoint of its servers and leads to the consent page', async () => {
    const { tenant, provider, claims } = await tenantWithProvider()
    const server = await createServer({ tenant })
    const client = await createClient(server)
    const browser = new Browser()
    const asked = await browser.get(authorizePath(server, client))
    const signIn = new URL(asked.headers.get('Location') ?? '', ORIGIN)
    expect([asked.status, signIn.searchParams.get('tenant')]).toEqual([303, tenant.slug])
    const { location } = await signInThrough(provider.id, { claims }, browser, signIn.searchParams.get('continue') ?? '')
    const consent = await browser.get(location)
    expect([consent.status, await consent.text()]).toEqual([200, expect.stringContaining(claims.email)])
  })

  it('signs in a member by the invited email once and by subject from then on', async () => {
    const { tenant, provider, member, claims } = await tenantWithProvider()
    const first = await signInThrough(provider.id, { claims: { ...claims, email: member.email.toUpperCase() } })
    expect([first.response.status, first.location]).toEqual([303, '/dashboard/'])
    expect((await whoIs(first.browser))?.user.id).toBe(member.id)
    expect(await linkedUser(provider, claims.sub)).toBe(member.id)
    expect(await actions(tenant)).toEqual(['identity-link.created'])

    const renamed = await signInThrough(provider.id, { claims: { sub: claims.sub, email: 'elsewhere@example.com', email_verified: false } })
    expect((await whoIs(renamed.browser))?.user.id).toBe(member.id)
    // a reassigned email does not give access to the account
    const successor = await signInThrough(provider.id, { claims: { ...claims, sub: 'another person' } })
    expect([successor.location.split('?')[0], await whoIs(successor.browser)]).toEqual(['/auth/openid/link', undefined])
  })

  it.each<[string, Partial<typeof identityProviders.$inferInsert>, Record<string, unknown>, boolean]>([
    ['links a member with a verified email', {}, {}, true],
    ['does not link a member without email_verified', {}, { email_verified: null }, false],
    ['does not link a member with an unverified email', {}, { email_verified: false }, false],
    ['links a member without email_verified when the tenant trusts all emails', { trustsEmails: true }, { email_verified: null }, true],
    ['does not link a member without an email', { trustsEmails: true }, { email: null }, false],
    ['does not link a member with an invalid email', { trustsEmails: true }, { email: 'nobody' }, false],
    ['links a member with the configured tenant claim', { issuerTenant: 'acme' }, { tenant: 'acme' }, true],
  ])('%s', async (_, settings, change, links) => {
    const { provider, member, claims } = await tenantWithProvider(settings)
    const { browser } = await signInThrough(provider.id, { claims: { ...claims, ...change } })
    expect((await whoIs(browser))?.user.id).toBe(links ? member.id : undefined)
    expect(await linkedUser(provider, claims.sub)).toBe(links ? member.id : undefined)
  })

  it.each<[string, Partial<typeof identityProviders.$inferInsert>, Record<string, unknown>]>([
    ['another tenant claim than configured', { issuerTenant: 'acme' }, { tenant: 'other' }],
    ['no tenant claim when one is configured', { issuerTenant: 'acme' }, {}],
    ['a tenant claim when none is configured', {}, { tenant: 'other' }],
  ])('is refused with %s', async (_, settings, change) => {
    const { provider, claims } = await tenantWithProvider(settings)
    const { response } = await signInThrough(provider.id, { claims: { ...claims, ...change } })
    expect([response.status, await linkedUser(provider, claims.sub)]).toEqual([502, undefined])
  })

  it('creates an account for a new user with an open invitation to the email and accepts it', async () => {
    const { tenant, provider } = await tenantWithProvider()
    const email = `${freshSlug('new')}@example.com`
    const invitation = await invite(tenant, email.toUpperCase(), 'developer')
    const { browser } = await signInThrough(provider.id, { claims: claimsOf({ email }, { name: 'Grace' }) })
    const me = await whoIs(browser)
    expect(me).toMatchObject({ user: { email, name: 'Grace' }, tenants: [{ slug: tenant.slug, role: 'developer' }] })
    const [row] = await store.select().from(invitations).where(eq(invitations.id, invitation))
    expect(row?.acceptedAt).toEqual(expect.any(Date))
    const [user] = await store.select().from(users).where(eq(users.email, email))
    // the platform does not accept a verification by a tenant's provider
    expect(user?.emailVerified).toBe(false)
    expect(await actions(tenant)).toEqual(['member.joined', 'identity-link.created'])
    expect((await whoIs((await signInThrough(provider.id, { claims: claimsOf({ email }) })).browser))?.user.id).toBe(me?.user.id)
  })

  it('creates one account when a new user signs in five times at the same time', async () => {
    const { tenant, provider } = await tenantWithProvider()
    const email = `${freshSlug('new')}@example.com`
    await invite(tenant, email)
    const signIns = await Promise.all(Array.from({ length: 5 }, () => signInThrough(provider.id, { claims: claimsOf({ email }) })))
    const ids = (await Promise.all(signIns.map(async ({ browser }) => (await whoIs(browser))?.user.id))).filter((id) => id !== undefined)
    expect(new Set(ids).size).toBe(1)
    expect(await store.select().from(users).where(eq(users.email, email))).toHaveLength(1)
  })

  it.each<[string, (tenant: TestTenant, email: string) => Promise<unknown>, Record<string, unknown>]>([
    ['without an invitation', () => Promise.resolve(), {}],
    ['with an invitation without an email', (tenant) => invite(tenant, null), {}],
    ['with an invitation to another email', (tenant) => invite(tenant, `x${freshSlug()}@example.com`), {}],
    ['with an invitation of another tenant', async (_, email) => invite(await createTenant(), email), {}],
    ['with an unverified email', (tenant, email) => invite(tenant, email), { email_verified: false }],
  ])('creates no account for a new user %s', async (_, prepare, change) => {
    const { tenant, provider } = await tenantWithProvider()
    const email = `${freshSlug('new')}@example.com`
    await prepare(tenant, email)
    const { location } = await signInThrough(provider.id, { claims: claimsOf({ email }, change) })
    expect(location.split('?')[0]).toBe('/auth/openid/link')
    expect(await store.select().from(users).where(eq(users.email, email))).toEqual([])
  })
})

describe('provider of a tenant that impersonates a user', () => {
  /** Creates a tenant of the attacker, whose provider asserts the email of the victim. */
  const attack = async (victim: { email: string }) => {
    const { tenant, provider } = await tenantWithProvider({ trustsEmails: true })
    const impersonate = () => signInThrough(provider.id, { claims: claimsOf(victim, { email_verified: true }) })
    return { tenant, provider, impersonate }
  }

  it('gets no sign-in when the user has no relation to the tenant', async () => {
    const victim = await userWithPassword()
    const { impersonate } = await attack(victim)
    const { browser, location } = await impersonate()
    expect([location.split('?')[0], await whoIs(browser)]).toEqual(['/auth/openid/link', undefined])
  })

  it('gets no sign-in when the user was invited but has an account', async () => {
    const victim = await userWithPassword()
    const { tenant, impersonate } = await attack(victim)
    await invite(tenant, victim.email)
    const { browser } = await impersonate()
    expect(await whoIs(browser)).toBeUndefined()
    expect(await whoIs(victim.browser)).toMatchObject({ tenants: [] })
  })

  it('gets no sign-in when the user is a member with an unverified email', async () => {
    const victim = await userWithPassword()
    const { tenant, provider, impersonate } = await attack(victim)
    await join(tenant, victim)
    expect(await whoIs((await impersonate()).browser)).toBeUndefined()
    expect(await linkedUser(provider, claimsOf(victim).sub)).toBeUndefined()
  })

  it('affects only its own tenant when the user is an invited member', async () => {
    const victim = await createUser()
    const [own, server] = [await createTenant(victim), await createServer({ tenant: await createTenant(victim) })]
    const open = await createServer({ settings: { access: 'signed-in' } })
    await store.update(users).set({ operator: true }).where(eq(users.id, victim.id))
    const { tenant, impersonate } = await attack(victim)
    await join(tenant, victim)
    await markInvitedByEmail(tenant, victim)
    const hers = await createToken(server, { user: victim })
    const theirs = await createToken(await createServer({ tenant }), { user: victim })
    const { browser } = await impersonate()
    const call = (method: string, path: string, body?: unknown) =>
      browser.get(`/api${path}`, {
        method,
        headers: { Origin: ORIGIN, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
    expect(await whoIs(browser)).toMatchObject({ user: { id: victim.id, operator: false }, tenants: [{ slug: tenant.slug }] })

    // allowed within the tenant
    expect((await call('GET', `/tenants/${tenant.slug}`)).status).toBe(200)
    const grants = await (await call('GET', '/me/grants')).json<{ items: { id: string }[] }>()
    expect(grants.items.map(({ id }) => id)).toEqual([theirs.grantId])
    const token = await call('POST', '/me/tokens', { name: 'x', tenant: tenant.slug, role: 'viewer' })
    const pat = { Authorization: `Bearer ${(await token.json<{ token: string }>()).token}` }
    expect((await new Browser().get('/api/me', { headers: pat })).status).toBe(200)

    // refused outside the tenant
    expect((await call('GET', `/tenants/${own.slug}`)).status).toBe(404)
    expect((await call('DELETE', `/tenants/${own.slug}`)).status).toBe(404)
    expect((await call('DELETE', `/me/grants/${hers.grantId}`)).status).toBe(404)
    expect((await call('POST', '/me/tokens', { name: 'x', tenant: own.slug, role: 'viewer' })).status).toBe(400)
    expect((await call('POST', '/tenants', { slug: freshSlug('new'), name: 'x' })).status).toBe(403)
    expect((await new Browser().get(`/api/tenants/${own.slug}`, { headers: pat })).status).toBe(404)
    expect(await (await new Browser().get('/api/me', { headers: pat })).json()).toMatchObject({ user: { operator: false } })
    for (const each of [server, open]) {
      const asked = await browser.get(authorizePath(each, await createClient(each)))
      expect(asked.headers.get('Location')).toMatch(/^\/auth\/sign-in\?/)
    }
    const page = await signedIn(victim)
    const form = await consentForm(await page.get(authorizePath(server, await createClient(server))))
    const answered = await browser.post(`/${server.tenant.slug}/${server.slug}/consent`, { ...form, decision: 'approve' })
    expect(answered.status).toBe(403)
    // cannot accept another invitation or create another link
    const elsewhere = await createTenant()
    const link = await signedIn(elsewhere.owner)
    const invitation = await link.get(`/api/tenants/${elsewhere.slug}/invitations`, {
      method: 'POST',
      headers: { Origin: ORIGIN, 'Content-Type': 'application/json' },
      body: JSON.stringify({ role: 'viewer', email: victim.email }),
    })
    const { url } = await invitation.json<{ url: string }>()
    expect((await browser.post(new URL(url).pathname, {})).headers.get('Location')).toMatch(/^\/auth\/sign-in/)
    const other = await createProvider(elsewhere, ISSUER)
    const { location } = await signInThrough(other.id, { claims: { sub: 'mallory', email_verified: false } }, browser)
    expect((await browser.get(location)).status).toBe(403)
    expect((await signedIn(victim).then((full) => whoIs(full)))?.tenants).toHaveLength(3)
  })

  it('gets a new account limited to its tenant when the user has no account', async () => {
    const victim = { email: `${freshSlug('victim')}@example.com` }
    const { tenant, impersonate } = await attack(victim)
    await invite(tenant, victim.email)
    const squatter = await impersonate()
    const { user } = (await whoIs(squatter.browser))!
    // an invitation and provider of another tenant give access to the other tenant only
    const { tenant: second, provider } = await tenantWithProvider()
    await invite(second, victim.email)
    const there = await signInThrough(provider.id, { claims: claimsOf(victim) })
    expect(await whoIs(there.browser)).toMatchObject({ user: { id: user.id }, tenants: [{ slug: second.slug }] })
    expect(await whoIs(squatter.browser)).toMatchObject({ tenants: [{ slug: tenant.slug }] })
  })
})

describe('identity link confirmed by a user', () => {
  /** Signs in a user with a password, then at the provider with the changed claims. */
  const startLink = async (prepare: (tenant: TestTenant, user: TestUser) => Promise<unknown>, change: Record<string, unknown> = {}) => {
    const user = await userWithPassword()
    const { tenant, provider } = await tenantWithProvider()
    await prepare(tenant, user)
    const claims = claimsOf(user, change)
    const { location } = await signInThrough(provider.id, { claims }, user.browser)
    return { user, tenant, provider, claims, location }
  }

  it('is created for a member with any email at the provider and keeps the sign-in', async () => {
    const { user, tenant, provider, claims, location } = await startLink(join, { email: 'quite@another.example', email_verified: false })
    const page = await user.browser.get(location)
    const text = await page.clone().text()
    expect([page.status, text]).toEqual([200, expect.stringContaining('quite@another.example')])
    expect(text).toContain(ISSUER)
    const done = await user.browser.post('/auth/openid/link', await consentForm(page))
    expect([done.status, done.headers.get('Location')]).toEqual([303, '/dashboard/'])
    expect(await linkedUser(provider, claims.sub)).toBe(user.id)
    expect([...user.browser.cookies.keys()]).toEqual(['wharf-sign-in'])
    expect((await user.browser.get('/api/me/tokens')).status).toBe(200)
    expect(await actions(tenant)).toEqual(['identity-link.created'])
    const { browser } = await signInThrough(provider.id, { claims })
    expect(await whoIs(browser)).toMatchObject({ user: { id: user.id }, tenants: [{ slug: tenant.slug }] })
  })

  it('is created for an invited user with the same verified email, who becomes a member', async () => {
    const { user, tenant, location } = await startLink((of, { email }) => invite(of, email))
    const done = await user.browser.post('/auth/openid/link', await consentForm(await user.browser.get(location)))
    expect(done.status).toBe(303)
    expect(await whoIs(user.browser)).toMatchObject({ tenants: [{ slug: tenant.slug }] })
  })

  it.each<[string, (tenant: TestTenant, user: TestUser) => Promise<unknown>, Record<string, unknown>]>([
    ['not a member', () => Promise.resolve(), {}],
    [
      'invited by email but has another email at the provider',
      (tenant, { email }) => invite(tenant, email),
      { email: 'mallory@example.com' },
    ],
    ['invited by an email that the provider does not verify', (tenant, { email }) => invite(tenant, email), { email_verified: false }],
    ['invited without an email', (tenant) => invite(tenant, null), {}],
  ])('is refused when the user is %s', async (_, prepare, change) => {
    const { user, provider, claims, location } = await startLink(prepare, change)
    expect((await user.browser.get(location)).status).toBe(403)
    const forged = { key: new URL(location, ORIGIN).searchParams.get('key') ?? '', user: user.id }
    expect((await user.browser.post('/auth/openid/link', forged)).status).toBe(403)
    expect([await linkedUser(provider, claims.sub), (await whoIs(user.browser))?.tenants]).toEqual([undefined, []])
  })

  it('is refused when the member is already linked with another subject', async () => {
    const { user, tenant, provider, location, claims } = await startLink(join)
    await user.browser.post('/auth/openid/link', await consentForm(await user.browser.get(location)))
    const second = await signInThrough(provider.id, { claims: { sub: 'another' } }, user.browser)
    // the browser still has the full sign-in
    const refused = await user.browser.post('/auth/openid/link', await consentForm(await user.browser.get(second.location)))
    expect(refused.status).toBe(409)
    expect(await linkedUser(provider, claims.sub)).toBe(user.id)
    expect(await store.select().from(identityLinks).where(eq(identityLinks.tenantId, tenant.id))).toHaveLength(1)
  })
})

describe('sign-in through the provider of a tenant', () => {
  const signedInMember = async () => {
    const made = await tenantWithProvider()
    const { browser } = await signInThrough(made.provider.id, { claims: made.claims })
    expect((await whoIs(browser))?.user.id).toBe(made.member.id)
    const owner = await signedIn(made.tenant.owner)
    const call = (method: string, path: string, body?: unknown) =>
      owner.get(`/api/tenants/${made.tenant.slug}${path}`, {
        method,
        headers: { Origin: ORIGIN, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
    return { ...made, browser, call }
  }

  it.each<[string, (made: Awaited<ReturnType<typeof signedInMember>>) => Promise<Response>]>([
    ['the provider is deleted', ({ provider, call }) => call('DELETE', `/identity-providers/${provider.id}`)],
    ['sign-in is disabled for the provider', ({ provider, call }) => call('PATCH', `/identity-providers/${provider.id}`, { signIn: null })],
    ['the membership is deleted', ({ member, call }) => call('DELETE', `/members/${member.id}`)],
    ['the tenant is deleted', ({ call }) => call('DELETE', '')],
    [
      'an owner deletes the identity link',
      async ({ provider, call }) => {
        const { items } = await (await call('GET', `/identity-providers/${provider.id}/links`)).json<{ items: { id: string }[] }>()
        return call('DELETE', `/identity-providers/${provider.id}/links/${items[0]!.id}`)
      },
    ],
    [
      'the member deletes the identity link',
      async ({ browser }) => {
        const { items } = await (await browser.get('/api/me/identities')).json<{ items: { id: string }[] }>()
        return browser.get(`/api/me/identities/${items[0]!.id}`, { method: 'DELETE', headers: { Origin: ORIGIN } })
      },
    ],
  ])('ends when %s', async (_, end) => {
    const made = await signedInMember()
    const ended = await end(made)
    expect([200, 204]).toContain(ended.status)
    expect(await whoIs(made.browser)).toBeUndefined()
    expect(await store.select().from(signIns).where(eq(signIns.userId, made.member.id))).toEqual([])
    expect(await store.select().from(users).where(eq(users.id, made.member.id))).toHaveLength(1)
  })

  it('is not offered or completed when the tenant is suspended', async () => {
    const { tenant, provider, browser, claims } = await signedInMember()
    const path = await signInAtProvider(await start(browser, provider.id), { claims })
    await store.update(tenants).set({ suspendedAt: new Date() }).where(eq(tenants.id, tenant.id))
    expect((await browser.get(path)).status).toBe(400)
    expect((await start(browser, provider.id)).status).toBe(404)
    expect(await whoIs(browser)).toMatchObject({ tenants: [{ slug: tenant.slug, suspended: { why: expect.any(String) } }] })
    const page = await (await browser.get(`/auth/sign-in?tenant=${tenant.slug}`)).text()
    expect(page).not.toContain(provider.id)
    expect(page).toContain('is suspended by the operator')
  })

  it('is kept when another provider is deleted', async () => {
    const [one, two] = [await signedInMember(), await signedInMember()]
    await one.call('DELETE', `/identity-providers/${one.provider.id}`)
    expect((await whoIs(two.browser))?.user.id).toBe(two.member.id)
  })
})

describe('misbehaving provider', () => {
  let next = 1
  /** Creates a provider with an issuer used by this test only. */
  const misbehaving = async (): Promise<{
    tenant: TestTenant
    provider: TestProvider
    issuer: string
    claims: Record<string, unknown>
  }> => {
    const issuer = `https://idp-${next++}.example`
    const { tenant, member, claims } = await tenantWithProvider()
    return { tenant, provider: await createProvider(tenant, issuer), issuer, claims: { ...claims, sub: member.id } }
  }

  it.each<[string, string, unknown, RegExp]>([
    ['a configuration that redirects', '/answers', { '/.well-known/openid-configuration': 'redirect' }, /redirect/],
    ['a configuration in HTML', '/answers', { '/.well-known/openid-configuration': 'html' }, /not JSON/],
    ['a truncated configuration', '/answers', { '/.well-known/openid-configuration': 'broken' }, /not JSON/],
    ['a configuration of 10 MB', '/answers', { '/.well-known/openid-configuration': 'large' }, /65536 bytes/],
    ['a configuration endpoint that answers 500', '/answers', { '/.well-known/openid-configuration': 'error' }, /answered 500/],
    ['another issuer in its configuration', '/configuration', { issuer: 'https://other-idp.example' }, /https:\/\/other-idp\.example/],
    ['an http authorization_endpoint', '/configuration', { authorization_endpoint: 'http://idp.example/authorize' }, /https/],
    ['no token_endpoint', '/configuration', { token_endpoint: null }, /lacks authorization_endpoint or token_endpoint/],
  ])('with %s causes an error page before the redirect', async (_, path, setting, why) => {
    const { provider, issuer } = await misbehaving()
    await put(issuer, path, setting)
    const response = await start(new Browser(), provider.id)
    expect([response.status, await response.text()]).toEqual([502, expect.stringMatching(why)])
    expect(response.headers.getSetCookie()).toEqual([])
    await start(new Browser(), provider.id)
    // the failure is cached
    expect(await requestsTo(issuer, '/.well-known/openid-configuration')).toBe(1)
  })

  it.each<[string, Record<string, string>, RegExp]>([
    ['a token endpoint that redirects', { '/token': 'redirect' }, /redirect/],
    ['a key set of 10 MB', { '/jwks': 'large' }, /65536 bytes/],
    ['a token response of 10 MB', { '/token': 'large' }, /JSON/],
    ['a truncated token response', { '/token': 'broken' }, /JSON/],
    ['a token response in HTML', { '/token': 'html' }, /content-type/],
    ['a token endpoint that answers 500', { '/token': 'error' }, /status/],
    ['a token endpoint that never answers', { '/token': 'stall' }, /did not answer/],
    ['a jwks_uri that never answers', { '/jwks': 'stall' }, /did not answer/],
  ])('with %s creates no sign-in', async (_, answers, why) => {
    const { provider, issuer, claims } = await misbehaving()
    await put(issuer, '/answers', answers)
    const { response, browser } = await signInThrough(provider.id, { claims })
    expect([response.status, await response.text()]).toEqual([502, expect.stringMatching(why)])
    expect(await whoIs(browser)).toBeUndefined()
  })

  it.each([
    ['a token_endpoint at the platform', { token_endpoint: `${ORIGIN}/auth/sign-in` }, /https/],
    ['a token_endpoint on an IP address', { token_endpoint: 'https://127.0.0.1/token' }, /not a public host name/],
    ['a token_endpoint on another port', { token_endpoint: 'https://idp.example:8443/token' }, /port 8443/],
    ['a private host name in its jwks_uri', { jwks_uri: 'https://keys.internal/jwks' }, /not a public host name/],
  ])('with %s is refused', async (_, configuration, why) => {
    const { provider, issuer, claims } = await misbehaving()
    await put(issuer, '/configuration', configuration)
    const page = await start(new Browser(), provider.id)
    const response = page.status === 200 ? (await signInThrough(provider.id, { claims })).response : page
    expect([response.status, await response.text()]).toEqual([502, expect.stringMatching(why)])
  })

  it('cannot obtain the code of another provider by redirecting the user there (mix-up attack)', async () => {
    const { provider: hostile, issuer } = await misbehaving()
    await put(issuer, '/configuration', { authorization_response_iss_parameter_supported: null })
    const { provider: honest, claims } = await tenantWithProvider()
    await registerPlatform(PLATFORM_ISSUER, 'wharf')
    for (const other of ['platform', honest.id]) {
      const person = new Browser()
      const state = authorizationUrlOf(await start(person, hostile.id)).searchParams.get('state') ?? ''
      // the hostile provider redirects the user with a request of its own to obtain the code
      const onward = authorizationUrlOf(await start(new Browser(), other))
      onward.searchParams.set('state', state)
      const answer = await person.get(await signInAtUrl(onward, { claims, answer: { iss: null } }))
      expect([answer.status, await requestsTo(issuer, '/token')]).toEqual([400, 0])
    }
  })

  it('can rotate its keys, and its key set is fetched again at most once in 30 s', async () => {
    const { provider, issuer, claims } = await misbehaving()
    expect((await signInThrough(provider.id, { claims })).response.status).toBe(303)
    await fetch(`${loopback(issuer)}/rotate`, { method: 'POST' })
    expect((await signInThrough(provider.id, { claims })).response.status).toBe(502)
    expect(await requestsTo(issuer, '/jwks')).toBe(1)
    await ageCachedDocument('jwks', `${issuer}/jwks`, 31_000)
    expect((await signInThrough(provider.id, { claims })).response.status).toBe(303)
    expect(await requestsTo(issuer, '/jwks')).toBe(2)
  })

  it('can require client_secret_post', async () => {
    const { provider, issuer, claims } = await misbehaving()
    await put(issuer, '/configuration', { token_endpoint_auth_methods_supported: ['client_secret_post'] })
    expect((await signInThrough(provider.id, { claims })).response.status).toBe(303)
  })
})
