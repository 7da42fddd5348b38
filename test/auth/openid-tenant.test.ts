import { eq } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { identityLinks, identityProviders, signIns } from '../../store/schema/identities.ts'
import { users } from '../../store/schema/people.ts'
import { auditEvents, invitations, members, tenants } from '../../store/schema/tenants.ts'
import { authorizePath, Browser, consentForm, createClient, signedIn } from '../support/oauth.ts'
import {
  atProvider,
  authorizationUrlOf,
  comeBack,
  createProvider,
  invite,
  age,
  loopback,
  linkedUser,
  PLATFORM_ISSUER,
  put,
  registerPlatform,
  requestsTo,
  signInThrough,
  start,
  vouchFor,
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

/** A tenant with a provider of its own, and a member it invited by address. */
async function acme(settings: Partial<typeof identityProviders.$inferInsert> = {}) {
  const tenant = await createTenant()
  const provider = await createProvider(tenant, ISSUER, settings)
  const member = await addMember(tenant, 'developer')
  await vouchFor(tenant, member)
  return { tenant, provider, member, claims: claimsOf(member) }
}

const claimsOf = ({ email }: { email: string }, more: Record<string, unknown> = {}) => ({ sub: `sub of ${email}`, email, ...more })

/** A password of theirs, so that an address alone does not make them somebody's. */
async function withPassword(): Promise<TestUser & { browser: Browser }> {
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

describe('a tenant’s provider', () => {
  it('is found from the sign-in page by the tenant’s name, which says of a tenant without one what it says of none', async () => {
    const { tenant, provider } = await acme()
    const path = '/device?user_code=BCDF-GHJK'
    const find = (typed: string) => new Browser().get(`/auth/sign-in?${new URLSearchParams({ typed, continue: path })}`)
    const found = await find(` ${tenant.slug.toUpperCase()} `)
    const text = await found.text()
    expect([found.status, text]).toEqual([200, expect.stringContaining(`value="${provider.id}"`)])
    expect(text).toContain(`name="continue" value="${path}"`)
    const [without, none] = [(await createTenant()).slug, 'nobody-here']
    const answers = [await find(without), await find(none)]
    const told = await Promise.all(answers.map(async (each) => (await each.text()).replaceAll(without, none)))
    expect([answers.map(({ status }) => status), told[0]]).toEqual([[404, 404], told[1]])
    expect(told[0]).toContain('There is no tenant of that name with a provider of its own')
  })

  it('is offered where its tenant is named, by its host too, and nowhere else', async () => {
    const { tenant, provider } = await acme({ name: 'Google <b>' })
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

  it('is what /authorize of its servers leads to, and ends in their consent page', async () => {
    const { tenant, provider, claims } = await acme()
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

  it('signs in the member whom its tenant invited by that address, and by the subject from then on', async () => {
    const { tenant, provider, member, claims } = await acme()
    const first = await signInThrough(provider.id, { claims: { ...claims, email: member.email.toUpperCase() } })
    expect([first.response.status, first.location]).toEqual([303, '/dashboard/'])
    expect((await whoIs(first.browser))?.user.id).toBe(member.id)
    expect(await linkedUser(provider, claims.sub)).toBe(member.id)
    expect(await actions(tenant)).toEqual(['identity-link.created'])

    const renamed = await signInThrough(provider.id, { claims: { sub: claims.sub, email: 'elsewhere@example.com', email_verified: false } })
    expect((await whoIs(renamed.browser))?.user.id).toBe(member.id)
    // an address that is given to somebody else does not bring the account along
    const successor = await signInThrough(provider.id, { claims: { ...claims, sub: 'another person' } })
    expect([successor.location.split('?')[0], await whoIs(successor.browser)]).toEqual(['/auth/openid/link', undefined])
  })

  it.each<[string, Partial<typeof identityProviders.$inferInsert>, Record<string, unknown>, boolean]>([
    ['a verified address', {}, {}, true],
    ['an address it does not say is verified', {}, { email_verified: null }, false],
    ['an address it says is not verified', {}, { email_verified: false }, false],
    ['any address, where the tenant trusts it with all', { trustsEmails: true }, { email_verified: null }, true],
    ['no address', { trustsEmails: true }, { email: null }, false],
    ['what is no address', { trustsEmails: true }, { email: 'nobody' }, false],
    ['the tenant of its issuer', { issuerTenant: 'acme' }, { tenant: 'acme' }, true],
  ])('with %s links a member: %#', async (_, settings, change, links) => {
    const { provider, member, claims } = await acme(settings)
    const { browser } = await signInThrough(provider.id, { claims: { ...claims, ...change } })
    expect((await whoIs(browser))?.user.id).toBe(links ? member.id : undefined)
    expect(await linkedUser(provider, claims.sub)).toBe(links ? member.id : undefined)
  })

  it.each<[string, Partial<typeof identityProviders.$inferInsert>, Record<string, unknown>]>([
    ['another tenant of its issuer', { issuerTenant: 'acme' }, { tenant: 'other' }],
    ['no tenant of its issuer, where one is needed', { issuerTenant: 'acme' }, {}],
    ['a tenant of its issuer, where none is expected', {}, { tenant: 'other' }],
  ])('that names %s is not heard', async (_, settings, change) => {
    const { provider, claims } = await acme(settings)
    const { response } = await signInThrough(provider.id, { claims: { ...claims, ...change } })
    expect([response.status, await linkedUser(provider, claims.sub)]).toEqual([502, undefined])
  })

  it('makes a newcomer’s account by an open invitation to that address, and uses it up', async () => {
    const { tenant, provider } = await acme()
    const email = `${freshSlug('new')}@example.com`
    const invitation = await invite(tenant, email.toUpperCase(), 'developer')
    const { browser } = await signInThrough(provider.id, { claims: claimsOf({ email }, { name: 'Grace' }) })
    const me = await whoIs(browser)
    expect(me).toMatchObject({ user: { email, name: 'Grace' }, tenants: [{ slug: tenant.slug, role: 'developer' }] })
    const [row] = await store.select().from(invitations).where(eq(invitations.id, invitation))
    expect(row?.acceptedAt).toEqual(expect.any(Date))
    const [user] = await store.select().from(users).where(eq(users.email, email))
    expect(user?.emailVerified).toBe(false) // a tenant's word is no proof to the platform
    expect(await actions(tenant)).toEqual(['member.joined', 'identity-link.created'])
    expect((await whoIs((await signInThrough(provider.id, { claims: claimsOf({ email }) })).browser))?.user.id).toBe(me?.user.id)
  })

  it('makes one account of ten newcomers’ answers at once', async () => {
    const { tenant, provider } = await acme()
    const email = `${freshSlug('new')}@example.com`
    await invite(tenant, email)
    const signIns = await Promise.all(Array.from({ length: 5 }, () => signInThrough(provider.id, { claims: claimsOf({ email }) })))
    const ids = (await Promise.all(signIns.map(async ({ browser }) => (await whoIs(browser))?.user.id))).filter((id) => id !== undefined)
    expect(new Set(ids).size).toBe(1)
    expect(await store.select().from(users).where(eq(users.email, email))).toHaveLength(1)
  })

  it.each<[string, (tenant: TestTenant, email: string) => Promise<unknown>, Record<string, unknown>]>([
    ['without an invitation', () => Promise.resolve(), {}],
    ['with an invitation to anybody', (tenant) => invite(tenant, null), {}],
    ['with an invitation to another address', (tenant) => invite(tenant, `x${freshSlug()}@example.com`), {}],
    ['with an invitation of another tenant', async (_, email) => invite(await createTenant(), email), {}],
    ['with an address that is not verified', (tenant, email) => invite(tenant, email), { email_verified: false }],
  ])('makes no account for a newcomer %s', async (_, prepare, change) => {
    const { tenant, provider } = await acme()
    const email = `${freshSlug('new')}@example.com`
    await prepare(tenant, email)
    const { location } = await signInThrough(provider.id, { claims: claimsOf({ email }, change) })
    expect(location.split('?')[0]).toBe('/auth/openid/link')
    expect(await store.select().from(users).where(eq(users.email, email))).toEqual([])
  })
})

describe('a hostile tenant that says of its own visitor that they are somebody', () => {
  /** The attacker owns a tenant with a provider, and signs in there as whoever they like. */
  const attack = async (victim: { email: string }) => {
    const { tenant, provider } = await acme({ trustsEmails: true })
    const as = () => signInThrough(provider.id, { claims: claimsOf(victim, { email_verified: true }) })
    return { tenant, provider, as }
  }

  it('who has nothing to do with it, is told to sign in', async () => {
    const victim = await withPassword()
    const { as } = await attack(victim)
    const { browser, location } = await as()
    expect([location.split('?')[0], await whoIs(browser)]).toEqual(['/auth/openid/link', undefined])
  })

  it('whom it has invited by address, is told to sign in: whoever has an account accepts an invitation themselves', async () => {
    const victim = await withPassword()
    const { tenant, as } = await attack(victim)
    await invite(tenant, victim.email)
    const { browser } = await as()
    expect(await whoIs(browser)).toBeUndefined()
    expect(await whoIs(victim.browser)).toMatchObject({ tenants: [] })
  })

  it('who is a member of it and signed up with an address nobody has proven, is told to sign in', async () => {
    const victim = await withPassword()
    const { tenant, provider, as } = await attack(victim)
    await join(tenant, victim)
    expect(await whoIs((await as()).browser)).toBeUndefined()
    expect(await linkedUser(provider, claimsOf(victim).sub)).toBeUndefined()
  })

  it('who is a member of it and has invited them so, is that member within it and nobody outside', async () => {
    const victim = await createUser()
    const [own, server] = [await createTenant(victim), await createServer({ tenant: await createTenant(victim) })]
    const open = await createServer({ settings: { access: 'signed-in' } })
    await store.update(users).set({ operator: true }).where(eq(users.id, victim.id))
    const { tenant, as } = await attack(victim)
    await join(tenant, victim)
    await vouchFor(tenant, victim)
    const hers = await createToken(server, { user: victim })
    const theirs = await createToken(await createServer({ tenant }), { user: victim })
    const { browser } = await as()
    const call = (method: string, path: string, body?: unknown) =>
      browser.get(`/api${path}`, {
        method,
        headers: { Origin: ORIGIN, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
    expect(await whoIs(browser)).toMatchObject({ user: { id: victim.id, operator: false }, tenants: [{ slug: tenant.slug }] })

    // within
    expect((await call('GET', `/tenants/${tenant.slug}`)).status).toBe(200)
    const grants = await (await call('GET', '/me/grants')).json<{ items: { id: string }[] }>()
    expect(grants.items.map(({ id }) => id)).toEqual([theirs.grantId])
    const token = await call('POST', '/me/tokens', { name: 'x', tenant: tenant.slug, role: 'viewer' })
    const pat = { Authorization: `Bearer ${(await token.json<{ token: string }>()).token}` }
    expect((await new Browser().get('/api/me', { headers: pat })).status).toBe(200)

    // outside
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
    // and is not led into more: another invitation, another link
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

  it('whom nobody has made an account for yet, makes one that is theirs alone once their address is proven', async () => {
    const victim = { email: `${freshSlug('victim')}@example.com` }
    const { tenant, as } = await attack(victim)
    await invite(tenant, victim.email)
    const squatter = await as()
    const { user } = (await whoIs(squatter.browser))!
    // another tenant's invitation and provider lead into that tenant only
    const { tenant: second, provider } = await acme()
    await invite(second, victim.email)
    const there = await signInThrough(provider.id, { claims: claimsOf(victim) })
    expect(await whoIs(there.browser)).toMatchObject({ user: { id: user.id }, tenants: [{ slug: second.slug }] })
    expect(await whoIs(squatter.browser)).toMatchObject({ tenants: [{ slug: tenant.slug }] })
  })
})

describe('a link that a person makes themselves', () => {
  /** Signed in with a password, and at the provider as somebody. */
  const between = async (prepare: (tenant: TestTenant, user: TestUser) => Promise<unknown>, change: Record<string, unknown> = {}) => {
    const user = await withPassword()
    const { tenant, provider } = await acme()
    await prepare(tenant, user)
    const claims = claimsOf(user, change)
    const { location } = await signInThrough(provider.id, { claims }, user.browser)
    return { user, tenant, provider, claims, location }
  }

  it('is for a member, whatever their address is there, and leaves the sign-in they have', async () => {
    const { user, tenant, provider, claims, location } = await between(join, { email: 'quite@another.example', email_verified: false })
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

  it('is for whom the tenant invited by the address that both have, who then is a member', async () => {
    const { user, tenant, location } = await between((of, { email }) => invite(of, email))
    const done = await user.browser.post('/auth/openid/link', await consentForm(await user.browser.get(location)))
    expect(done.status).toBe(303)
    expect(await whoIs(user.browser)).toMatchObject({ tenants: [{ slug: tenant.slug }] })
  })

  it.each<[string, (tenant: TestTenant, user: TestUser) => Promise<unknown>, Record<string, unknown>]>([
    ['no member', () => Promise.resolve(), {}],
    [
      'invited by the address of their account, being somebody else at the provider',
      (tenant, { email }) => invite(tenant, email),
      { email: 'mallory@example.com' },
    ],
    ['invited by an address that the provider does not vouch for', (tenant, { email }) => invite(tenant, email), { email_verified: false }],
    ['invited without an address', (tenant) => invite(tenant, null), {}],
  ])('is not for who is %s', async (_, prepare, change) => {
    const { user, provider, claims, location } = await between(prepare, change)
    expect((await user.browser.get(location)).status).toBe(403)
    const forged = { key: new URL(location, ORIGIN).searchParams.get('key') ?? '', user: user.id }
    expect((await user.browser.post('/auth/openid/link', forged)).status).toBe(403)
    expect([await linkedUser(provider, claims.sub), (await whoIs(user.browser))?.tenants]).toEqual([undefined, []])
  })

  it('is one for each member and each subject', async () => {
    const { user, tenant, provider, location, claims } = await between(join)
    await user.browser.post('/auth/openid/link', await consentForm(await user.browser.get(location)))
    const second = await signInThrough(provider.id, { claims: { sub: 'another' } }, user.browser)
    // the other subject is asked about in a browser that is still fully signed in
    const refused = await user.browser.post('/auth/openid/link', await consentForm(await user.browser.get(second.location)))
    expect(refused.status).toBe(409)
    expect(await linkedUser(provider, claims.sub)).toBe(user.id)
    expect(await store.select().from(identityLinks).where(eq(identityLinks.tenantId, tenant.id))).toHaveLength(1)
  })
})

describe('a sign-in by a tenant’s provider ends with', () => {
  const signedInMember = async () => {
    const made = await acme()
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
    ['the provider', ({ provider, call }) => call('DELETE', `/identity-providers/${provider.id}`)],
    ['its use for sign-in', ({ provider, call }) => call('PATCH', `/identity-providers/${provider.id}`, { signIn: null })],
    ['the membership', ({ member, call }) => call('DELETE', `/members/${member.id}`)],
    ['the tenant', ({ call }) => call('DELETE', '')],
    [
      'the link, ended by an owner',
      async ({ provider, call }) => {
        const { items } = await (await call('GET', `/identity-providers/${provider.id}/links`)).json<{ items: { id: string }[] }>()
        return call('DELETE', `/identity-providers/${provider.id}/links/${items[0]!.id}`)
      },
    ],
    [
      'the link, ended by its member',
      async ({ browser }) => {
        const { items } = await (await browser.get('/api/me/identities')).json<{ items: { id: string }[] }>()
        return browser.get(`/api/me/identities/${items[0]!.id}`, { method: 'DELETE', headers: { Origin: ORIGIN } })
      },
    ],
  ])('%s', async (_, end) => {
    const made = await signedInMember()
    const ended = await end(made)
    expect([200, 204]).toContain(ended.status)
    expect(await whoIs(made.browser)).toBeUndefined()
    expect(await store.select().from(signIns).where(eq(signIns.userId, made.member.id))).toEqual([])
    expect(await store.select().from(users).where(eq(users.id, made.member.id))).toHaveLength(1)
  })

  it('the suspension of the tenant, which offers it no more', async () => {
    const { tenant, provider, browser, claims } = await signedInMember()
    const path = await atProvider(await start(browser, provider.id), { claims })
    await store.update(tenants).set({ suspendedAt: new Date() }).where(eq(tenants.id, tenant.id))
    expect((await browser.get(path)).status).toBe(400)
    expect((await start(browser, provider.id)).status).toBe(404)
    expect(await whoIs(browser)).toMatchObject({ tenants: [] })
    expect(await (await browser.get(`/auth/sign-in?tenant=${tenant.slug}`)).text()).not.toContain(provider.id)
  })

  it('nothing that happens to another provider', async () => {
    const [one, two] = [await signedInMember(), await signedInMember()]
    await one.call('DELETE', `/identity-providers/${one.provider.id}`)
    expect((await whoIs(two.browser))?.user.id).toBe(two.member.id)
  })
})

describe('a provider that misbehaves', () => {
  let next = 1
  /** Of one test each: they are asked by nobody else. */
  const misbehaving = async (): Promise<{
    tenant: TestTenant
    provider: TestProvider
    issuer: string
    claims: Record<string, unknown>
  }> => {
    const issuer = `https://idp-${next++}.example`
    const { tenant, member, claims } = await acme()
    return { tenant, provider: await createProvider(tenant, issuer), issuer, claims: { ...claims, sub: member.id } }
  }

  it.each<[string, string, unknown, RegExp]>([
    ['redirects from its configuration', '/answers', { '/.well-known/openid-configuration': 'redirect' }, /redirect/],
    ['publishes no JSON', '/answers', { '/.well-known/openid-configuration': 'html' }, /not JSON/],
    ['publishes half a document', '/answers', { '/.well-known/openid-configuration': 'broken' }, /not JSON/],
    ['sends 10 MB as its configuration', '/answers', { '/.well-known/openid-configuration': 'large' }, /65536 bytes/],
    ['is down', '/answers', { '/.well-known/openid-configuration': 'error' }, /answered 500/],
    ['publishes another issuer', '/configuration', { issuer: 'https://other-idp.example' }, /another issuer/],
    ['sends people to http', '/configuration', { authorization_endpoint: 'http://idp.example/authorize' }, /https/],
    ['has no token endpoint', '/configuration', { token_endpoint: null }, /no token_endpoint/],
  ])('and %s is told of on a page', async (_, path, setting, why) => {
    const { provider, issuer } = await misbehaving()
    await put(issuer, path, setting)
    const response = await start(new Browser(), provider.id)
    expect([response.status, await response.text()]).toEqual([502, expect.stringMatching(why)])
    expect(response.headers.getSetCookie()).toEqual([])
    await start(new Browser(), provider.id)
    expect(await requestsTo(issuer, '/.well-known/openid-configuration')).toBe(1) // a failure is kept for a while
  })

  it.each<[string, Record<string, string>, RegExp]>([
    ['redirects the code’s exchange', { '/token': 'redirect' }, /redirect/],
    ['sends 10 MB of keys', { '/jwks': 'large' }, /65536 bytes/],
    ['sends 10 MB for a code', { '/token': 'large' }, /JSON/],
    ['sends half an answer', { '/token': 'broken' }, /JSON/],
    ['answers the exchange with a page', { '/token': 'html' }, /content-type/],
    ['fails at the exchange', { '/token': 'error' }, /status/],
    ['never answers the exchange', { '/token': 'stall' }, /did not answer/],
    ['never sends its keys', { '/jwks': 'stall' }, /did not answer/],
  ])('and %s signs nobody in', async (_, answers, why) => {
    const { provider, issuer, claims } = await misbehaving()
    await put(issuer, '/answers', answers)
    const { response, browser } = await signInThrough(provider.id, { claims })
    expect([response.status, await response.text()]).toEqual([502, expect.stringMatching(why)])
    expect(await whoIs(browser)).toBeUndefined()
  })

  it.each([
    ['the platform itself', { token_endpoint: `${ORIGIN}/auth/sign-in` }, /https/],
    ['an address', { token_endpoint: 'https://127.0.0.1/token' }, /not a public host name/],
    ['another port', { token_endpoint: 'https://idp.example:8443/token' }, /port 8443/],
    ['a private name', { jwks_uri: 'https://keys.internal/jwks' }, /not a public host name/],
  ])('and has codes or keys fetched at %s is refused', async (_, configuration, why) => {
    const { provider, issuer, claims } = await misbehaving()
    await put(issuer, '/configuration', configuration)
    const page = await start(new Browser(), provider.id)
    const response = page.status === 200 ? (await signInThrough(provider.id, { claims })).response : page
    expect([response.status, await response.text()]).toEqual([502, expect.stringMatching(why)])
  })

  it('and sends people on to another provider is not told what that one answered', async () => {
    const { provider: hostile, issuer } = await misbehaving()
    await put(issuer, '/configuration', { authorization_response_iss_parameter_supported: null })
    const { provider: honest, claims } = await acme()
    await registerPlatform(PLATFORM_ISSUER, 'wharf')
    for (const other of ['platform', honest.id]) {
      const person = new Browser()
      const state = authorizationUrlOf(await start(person, hostile.id)).searchParams.get('state') ?? ''
      // they are sent on with what its owner began there, who would finish it with the code
      const onward = authorizationUrlOf(await start(new Browser(), other))
      onward.searchParams.set('state', state)
      const answer = await person.get(await comeBack(onward, { claims, answer: { iss: null } }))
      expect([answer.status, await requestsTo(issuer, '/token')]).toEqual([400, 0])
    }
  })

  it('is asked for its keys again as they change, though not within 30 s', async () => {
    const { provider, issuer, claims } = await misbehaving()
    expect((await signInThrough(provider.id, { claims })).response.status).toBe(303)
    await fetch(`${loopback(issuer)}/rotate`, { method: 'POST' })
    expect((await signInThrough(provider.id, { claims })).response.status).toBe(502)
    expect(await requestsTo(issuer, '/jwks')).toBe(1)
    await age('jwks', `${issuer}/jwks`, 31_000)
    expect((await signInThrough(provider.id, { claims })).response.status).toBe(303)
    expect(await requestsTo(issuer, '/jwks')).toBe(2)
  })

  it('speaks Basic where it does not say otherwise, and post where it does', async () => {
    const { provider, issuer, claims } = await misbehaving()
    await put(issuer, '/configuration', { token_endpoint_auth_methods_supported: ['client_secret_post'] })
    expect((await signInThrough(provider.id, { claims })).response.status).toBe(303)
  })
})
