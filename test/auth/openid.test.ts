import { createExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { eq } from 'drizzle-orm'
import { beforeAll, describe, expect, it } from 'vitest'
import { credentials, users } from '../../store/schema/people.ts'
import worker from '../../workers/index.ts'
import { sealCookie } from '../../workers/auth/sealed-cookie.ts'
import { FLOW, flowKey } from '../../workers/auth/openid/flow.ts'
import { authorizePath, Browser, callback, consentForm, createClient } from '../support/oauth.ts'
import { signInAtProvider, authorizationUrlOf, PLATFORM_ISSUER, registerPlatform, signInThrough, start, whoIs } from '../support/openid.ts'
import type { ProviderSignIn } from '../support/provider-sign-in.ts'
import { createServer, freshSlug, ORIGIN, store } from '../support/platform.ts'

beforeAll(async () => {
  await registerPlatform(PLATFORM_ISSUER, 'wharf')
})

const FLOW_CONTENTS = { provider: 'platform', state: 's', nonce: 'n', codeVerifier: 'v'.repeat(43), next: '/dashboard/' }

/** Returns claims of a person who has no account at the platform. */
function stranger(claims: Record<string, unknown> = {}) {
  const name = freshSlug('person')
  return { sub: name, email: `${name}@example.com`, ...claims }
}

async function withEnv(changes: Partial<Env>, path: string, init: RequestInit<IncomingRequestCfProperties> = {}): Promise<Response> {
  const request = new Request<unknown, IncomingRequestCfProperties>(new URL(path, ORIGIN), { redirect: 'manual', ...init })
  return worker.fetch(request, { ...env, ...changes } as Env, createExecutionContext())
}

const linksOf = (text: string) => [...text.matchAll(/<p><a href="([^"]*)"/g)].map(([, href = '']) => href.replaceAll('&amp;', '&'))

/** Signs up with a password, as the pages do. */
async function signUp(email: string): Promise<Browser> {
  const browser = new Browser()
  const form = { name: 'Ada', email, password: 'correct horse battery' }
  const response = await browser.post('/auth/sign-up', form, { Origin: ORIGIN, 'CF-Connecting-IP': freshSlug('ip') })
  expect(response.status).toBe(303)
  return browser
}

describe('OpenID provider of the operator', () => {
  it('is offered on the sign-in and sign-up pages when it is fully configured', async () => {
    for (const path of ['/auth/sign-in', '/auth/sign-up?continue=/dashboard/x']) {
      const offered = await (await new Browser().get(path)).text()
      expect(offered).toContain('Sign in with Example ID')
      expect(offered).toContain('at idp.example')
      for (const absent of ['OPENID_ISSUER', 'OPENID_CLIENT_ID', 'OPENID_CLIENT_SECRET'] as const)
        expect(await (await withEnv({ [absent]: '' }, path)).text()).not.toContain('Example ID')
    }
  })

  it('signs a new user up and later in, with a new sign-in each time', async () => {
    const claims = stranger({ name: 'Grace \u202eHopper' })
    const first = await signInThrough('platform', { claims }, new Browser(), '/demo/hello/authorize?x=1')
    expect([first.response.status, first.location]).toEqual([303, '/demo/hello/authorize?x=1'])
    expect(first.response.headers.getSetCookie()[0]).toMatch(/^wharf-sign-in=.*HttpOnly.*SameSite=Lax|SameSite=Lax.*HttpOnly/i)
    const me = await whoIs(first.browser)
    expect(me?.user).toMatchObject({ email: claims.email, name: 'Grace Hopper', operator: false })

    const second = await signInThrough('platform', { claims: { ...claims, email: 'renamed@example.com' } })
    expect((await whoIs(second.browser))?.user).toEqual(me?.user)
    expect(second.browser.cookies.get('wharf-sign-in')).not.toBe(first.browser.cookies.get('wharf-sign-in'))
    expect([...second.browser.cookies.keys()]).toEqual(['wharf-sign-in'])
    const out = await second.browser.post('/auth/sign-out', {})
    expect([out.status, await whoIs(second.browser)]).toEqual([303, undefined])
    expect((await whoIs(first.browser))?.user).toEqual(me?.user)
  })

  it('is opened with PKCE, state and nonce by a page that names its host and redirects', async () => {
    const page = await start(new Browser(), 'platform')
    const { origin, pathname, searchParams } = authorizationUrlOf(page)
    expect(origin + pathname).toBe(`${PLATFORM_ISSUER}/authorize`)
    expect(Object.fromEntries(searchParams)).toEqual({
      response_type: 'code',
      client_id: 'wharf',
      redirect_uri: `${ORIGIN}/auth/openid/callback`,
      scope: 'openid email profile',
      state: expect.stringMatching(/^[\w-]{43}$/),
      nonce: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: 'S256',
    })
    expect(await page.text()).toContain('<strong>idp.example</strong>')
    expect(page.headers.get('Referrer-Policy')).toBe('same-origin')
    expect(page.headers.get('Content-Security-Policy')).toContain("form-action 'self'")
    const [cookie = ''] = page.headers.getSetCookie()
    expect(cookie).toMatch(/^wharf-openid-[\w-]{12}\.0=[\w.-]+; Path=\/; Max-Age=600; HttpOnly; SameSite=Lax$/)
    const [overHttps = ''] = await sealCookie({ env: { ...env, PUBLIC_ORIGIN: 'https://wharf.example' } }, FLOW, 'key', {
      ...FLOW_CONTENTS,
    })
    expect(overHttps).toMatch(/^__Host-wharf-openid-key\.0=[\w.-]+; Path=\/; Max-Age=600; HttpOnly; SameSite=Lax; Secure$/)
  })

  it('start endpoint answers 403 to a form from another origin and 405 to GET', async () => {
    for (const headers of [{ Origin: 'https://evil.example' }, {} as Record<string, string>])
      expect((await new Browser().post('/auth/openid/start', { provider: 'platform' }, headers)).status).toBe(403)
    expect((await new Browser().get('/auth/openid/start')).status).toBe(405)
  })

  it('start endpoint answers 404 when the provider is unknown', async () => {
    for (const provider of ['nothing', '', 'x'.repeat(500)]) expect((await start(new Browser(), provider)).status).toBe(404)
  })

  it.each([['//evil.example/x'], ['https://evil.example/'], ['javascript:alert(1)']])(
    'redirects to the dashboard when continue is %s',
    async (next) => {
      expect((await signInThrough('platform', { claims: stranger() }, new Browser(), next)).location).toBe('/dashboard/')
    },
  )

  it('continues to a URL that is longer than one cookie', async () => {
    const next = `/demo/hello/authorize?state=${'x'.repeat(7000)}`
    const { location, browser } = await signInThrough('platform', { claims: stranger() }, new Browser(), next)
    expect(location).toBe(next)
    expect([...browser.cookies.keys()]).toEqual(['wharf-sign-in'])
  })

  it('completes sign-ins started in two tabs', async () => {
    const browser = new Browser()
    const claims = stranger()
    const pages = [await start(browser, 'platform', '/dashboard/a'), await start(browser, 'platform', '/dashboard/b')]
    for (const [index, next] of ['/dashboard/a', '/dashboard/b'].entries()) {
      const response = await browser.get(await signInAtProvider(pages[index]!, { claims }))
      expect([response.status, response.headers.get('Location')]).toEqual([303, next])
    }
  })
})

const seconds = () => Math.floor(Date.now() / 1000)

describe('ID token', () => {
  it.each<[string, () => ProviderSignIn]>([
    ['two audiences and the platform as azp', () => ({ idToken: { aud: ['wharf', 'another'], azp: 'wharf' } })],
    ['an exp 30 s ago, within the clock tolerance', () => ({ idToken: { exp: seconds() - 30 } })],
    ['an iat and nbf in 45 s, within the clock tolerance', () => ({ idToken: { iat: seconds() + 45, nbf: seconds() + 45 } })],
    ['email_verified as text', () => ({ claims: { email_verified: 'true' } })],
    ['the email only at userinfo', () => ({ idToken: { email: null, email_verified: null } })],
  ])('is accepted with %s', async (_, signInNow) => {
    const signIn = signInNow()
    const claims = { ...stranger(), ...signIn.claims }
    const { response, browser } = await signInThrough('platform', { ...signIn, claims })
    expect(response.status).toBe(303)
    expect((await whoIs(browser))?.user.email).toBe(claims.email)
  })

  it.each<[string, ProviderSignIn, RegExp]>([
    ['another issuer', { idToken: { iss: 'https://other-idp.example' } }, /issuer/],
    ['another audience', { idToken: { aud: 'another' } }, /aud/],
    ['two audiences and no azp', { idToken: { aud: ['wharf', 'another'] } }, /aud/],
    ['another azp', { idToken: { aud: ['wharf', 'another'], azp: 'another' } }, /azp/],
    ['one audience and another azp', { idToken: { azp: 'another' } }, /azp/],
    ['another nonce', { idToken: { nonce: 'x'.repeat(43) } }, /nonce/],
    ['no nonce', { idToken: { nonce: null } }, /nonce/],
    ['an exp 61 s ago', { idToken: { exp: seconds() - 61 } }, /exp/],
    ['no exp', { idToken: { exp: null } }, /exp/],
    ['no iat', { idToken: { iat: null } }, /iat/],
    ['no sub', { idToken: { sub: null } }, /sub/],
    ['a sub that is not a string', { idToken: { sub: 7 } }, /sub/],
    ['no signature', { key: 'none' }, /alg/],
    ['the published key as a shared secret', { key: 'published' }, /alg/],
    ['an unpublished key under a published kid', { key: 'other' }, /signature/],
    ['an unpublished key under an unknown kid', { key: 'other', header: { kid: 'mine' } }, /could not be verified/],
    ['a tenant claim when none is configured', { claims: { tenant: 'acme' } }, /tenant/],
    ['another sub at userinfo', { idToken: { email: null }, userinfo: { sub: 'somebody' } }, /sub/],
  ])('is refused with %s', async (_, signIn, why) => {
    const claims = { ...stranger(), ...signIn.claims }
    const { response, browser } = await signInThrough('platform', { ...signIn, claims })
    const text = await response.text()
    expect(response.status).toBe(502)
    expect(text).toMatch(why)
    expect(text).not.toContain('eyJ')
    expect(await whoIs(browser)).toBeUndefined()
    expect(await store.select().from(users).where(eq(users.email, claims.email))).toEqual([])
  })
})

describe('authorization response of the provider', () => {
  it.each<[string, ProviderSignIn['answer'], number, RegExp]>([
    ['with the iss of another issuer (RFC 9207)', { iss: 'https://other-idp.example' }, 400, /iss/],
    ['without iss from a provider that supports iss', { iss: null }, 400, /iss/],
    ['with another state', { state: 'x'.repeat(43) }, 400, /has ended/],
    ['without a state', { state: null }, 400, /has ended/],
    ['with access_denied', { error: 'access_denied', code: null }, 403, /access_denied/],
    ['with another error', { error: 'server_error', error_description: '<b>Boom</b>', code: null }, 400, /server_error: &lt;b&gt;Boom/],
    ['with an unknown code', { code: 'x' }, 502, /invalid_grant/],
    ['without a code', { code: null }, 502, /code/],
    ['with tokens', { id_token: 'x' }, 502, /implicit/],
  ])('%s shows an error page and creates no sign-in', async (_, answer, status, text) => {
    const { response, browser } = await signInThrough('platform', { claims: stranger(), answer: answer! })
    expect([response.status, response.headers.get('Cache-Control')]).toEqual([status, 'no-store'])
    expect(await response.text()).toMatch(text)
    expect(await whoIs(browser)).toBeUndefined()
  })

  it.each([
    ['access_denied', { error: 'access_denied', code: null }, 403],
    ['server_error', { error: 'server_error', code: null }, 400],
  ])('with %s lets the user retry or return to the app with login_required', async (_, answer, status) => {
    const server = await createServer()
    const asked = authorizePath(server, await createClient(server), { state: 'a+b&c%20d?e' })
    const path = asked.replaceAll('%3F', '?') // a query may contain a literal question mark
    const browser = new Browser()
    const { response } = await signInThrough('platform', { claims: stranger(), answer }, browser, path)
    expect(response.status).toBe(status)
    const [otherWay = '', back = ''] = linksOf(await response.text())
    expect(otherWay).toBe(path)
    const signIn = new URL((await browser.get(otherWay)).headers.get('Location') ?? '', ORIGIN)
    expect([signIn.pathname, signIn.searchParams.get('tenant'), signIn.searchParams.get('continue')]).toEqual([
      '/auth/sign-in',
      server.tenant.slug,
      asked,
    ])
    const returned = await browser.get(back)
    expect([returned.status, callback(returned)]).toEqual([
      302,
      { error: 'login_required', error_description: expect.any(String), state: 'a+b&c%20d?e', iss: server.urls.issuer },
    ])
  })

  it('with access_denied links back to the requested page when no app is waiting', async () => {
    const { response } = await signInThrough('platform', { answer: { error: 'access_denied', code: null } }, new Browser(), '/dashboard/x')
    expect(linksOf(await response.text())).toEqual(['/auth/sign-in?continue=%2Fdashboard%2Fx'])
  })

  it('is refused when a parameter is repeated', async () => {
    const browser = new Browser()
    const path = await signInAtProvider(await start(browser, 'platform'), { claims: stranger() })
    expect((await browser.get(`${path}&iss=${PLATFORM_ISSUER}`)).status).toBe(400)
  })

  it('is accepted once when ten requests send it at the same time', async () => {
    const browser = new Browser()
    const path = await signInAtProvider(await start(browser, 'platform'), { claims: stranger() })
    const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const responses = await Promise.all(Array.from({ length: 10 }, () => withEnv({}, path, { headers: { Cookie: cookie } })))
    expect(responses.map(({ status }) => status).toSorted()).toEqual([303, ...Array.from({ length: 9 }, () => 400)])
    expect((await withEnv({}, path, { headers: { Cookie: cookie } })).status).toBe(400)
  })

  it('is accepted only in the browser that started and for ten minutes', async () => {
    const [begun, other] = [new Browser(), new Browser()]
    const claims = stranger()
    await start(other, 'platform')
    const path = await signInAtProvider(await start(begun, 'platform'), { claims })
    for (const browser of [other, new Browser()]) expect((await browser.get(path)).status).toBe(400)

    const state = new URL(path, ORIGIN).searchParams.get('state') ?? ''
    const late = await sealCookie({ env }, { ...FLOW, seconds: -1 }, flowKey(state), { ...FLOW_CONTENTS, state })
    expect((await withEnv({}, path, { headers: { Cookie: late.map((each) => each.split(';')[0]).join('; ') } })).status).toBe(400)
    expect((await begun.get(path)).status).toBe(303)
  })

  it('is refused when the flow cookie was altered or sealed under another key', async () => {
    const browser = new Browser()
    const path = await signInAtProvider(await start(browser, 'platform'), { claims: stranger() })
    const [[name = '', value = ''] = []] = browser.cookies
    const at = value.length - 10
    const altered = value.slice(0, at) + (value[at] === 'A' ? 'B' : 'A') + value.slice(at + 1)
    expect((await withEnv({}, path, { headers: { Cookie: `${name}=${altered}` } })).status).toBe(400)
    expect((await withEnv({ AUTH_SECRET: 'y'.repeat(43) }, path, { headers: { Cookie: `${name}=${value}` } })).status).toBe(400)
    expect((await browser.get(path)).status).toBe(303)
  })
})

describe('existing account', () => {
  it('with a password is linked by email only after its owner confirms', async () => {
    const claims = stranger()
    const holder = await signUp(claims.email)
    const { response, location, browser } = await signInThrough('platform', { claims })
    expect([response.status, await whoIs(browser)]).toEqual([303, undefined])
    expect(location).toMatch(/^\/auth\/openid\/link\?key=[\w-]{12}$/)
    const asked = await browser.get(location)
    expect([asked.status, await asked.text()]).toEqual([403, expect.stringContaining(claims.email)])
    // the pending link belongs to the first browser, not to the account owner
    expect((await holder.get(location)).status).toBe(400)

    const here = await signInThrough('platform', { claims }, holder)
    const page = await holder.get(here.location)
    expect(page.status).toBe(200)
    const form = await consentForm(page)
    expect((await holder.post('/auth/openid/link', form, { Origin: 'https://evil.example' })).status).toBe(403)
    const connected = await holder.post('/auth/openid/link', form)
    expect([connected.status, connected.headers.get('Location')]).toEqual([303, '/dashboard/'])
    expect((await holder.post('/auth/openid/link', form)).status).toBe(400)

    const after = await signInThrough('platform', { claims })
    expect((await whoIs(after.browser))?.user.id).toBe((await whoIs(holder))?.user.id)
  })

  it('is not linked when another user is signed in at the time of the decision', async () => {
    const claims = stranger()
    const holder = await signUp(claims.email)
    const { location } = await signInThrough('platform', { claims }, holder)
    const form = await consentForm(await holder.get(location))
    const other = await signUp(stranger().email)
    holder.cookies.set('wharf-sign-in', other.cookies.get('wharf-sign-in') ?? '')
    expect((await holder.post('/auth/openid/link', form)).status).toBe(400)
  })

  it('with a verified email is linked automatically', async () => {
    const claims = stranger()
    const holder = await signUp(claims.email)
    await store.update(users).set({ emailVerified: true }).where(eq(users.email, claims.email))
    const { browser } = await signInThrough('platform', { claims })
    expect((await whoIs(browser))?.user.id).toBe((await whoIs(holder))?.user.id)
  })

  it('without credentials is linked automatically by verified email', async () => {
    const claims = stranger()
    const [made] = await store
      .insert(users)
      .values({ id: freshSlug('id'), name: 'x', email: claims.email })
      .returning()
    const { browser } = await signInThrough('platform', { claims })
    expect((await whoIs(browser))?.user.id).toBe(made?.id)
  })

  it('is not linked by an unverified email unless the operator trusts all emails of the provider', async () => {
    const claims = stranger({ email_verified: false })
    const { location, browser } = await signInThrough('platform', { claims })
    expect([location.split('?')[0], await whoIs(browser)]).toEqual(['/auth/openid/link', undefined])
    expect(await store.select().from(users).where(eq(users.email, claims.email))).toEqual([])

    const trusting = new Browser()
    const path = await signInAtProvider(await start(trusting, 'platform'), { claims })
    const [[name = '', value = ''] = []] = trusting.cookies
    const trusted = await withEnv({ OPENID_TRUSTS_EMAILS: 'true' }, path, { headers: { Cookie: `${name}=${value}` } })
    expect([trusted.status, trusted.headers.get('Location')]).toEqual([303, '/dashboard/'])
  })

  it('cannot be linked with a second subject of the same provider', async () => {
    const [one, two] = [stranger(), stranger()]
    const { browser } = await signInThrough('platform', { claims: one })
    const again = await signInThrough('platform', { claims: { ...two, email: one.email } })
    expect(again.location).toContain('/auth/openid/link')
    again.browser.cookies.set('wharf-sign-in', browser.cookies.get('wharf-sign-in') ?? '')
    const form = await consentForm(await again.browser.get(again.location))
    expect((await again.browser.post('/auth/openid/link', form)).status).toBe(409)
  })

  it.each([
    ['closed', false],
    ['invitation', false],
    ['open', true],
  ])('is required to sign in unless sign-up is open (sign-up %s, new user admitted: %s)', async (mode, admits) => {
    const claims = stranger()
    const browser = new Browser()
    const path = await signInAtProvider(await start(browser, 'platform'), { claims })
    const [[name = '', value = ''] = []] = browser.cookies
    const response = await withEnv({ SIGN_UP: mode }, path, { headers: { Cookie: `${name}=${value}` } })
    expect(response.status).toBe(admits ? 303 : 403)
    expect(await store.select().from(users).where(eq(users.email, claims.email))).toHaveLength(admits ? 1 : 0)
  })

  it('lists its identities and keeps the last one when no other credential is left', async () => {
    const claims = stranger()
    const { browser } = await signInThrough('platform', { claims })
    const list = async (of: Browser) => (await (await of.get('/api/me/identities')).json<{ items: { id: string }[] }>()).items
    const [only] = await list(browser)
    expect(only).toMatchObject({ issuer: PLATFORM_ISSUER, name: 'Example ID', tenant: null })
    const remove = (of: Browser, id: string) => of.get(`/api/me/identities/${id}`, { method: 'DELETE', headers: { Origin: ORIGIN } })
    expect((await remove(browser, only!.id)).status).toBe(409)

    const holder = await signUp(stranger().email)
    const other = stranger({ email_verified: false })
    const { location } = await signInThrough('platform', { claims: other }, holder)
    await holder.post('/auth/openid/link', await consentForm(await holder.get(location)))
    const [linked] = await list(holder)
    expect((await remove(holder, only!.id)).status).toBe(404)
    expect((await remove(holder, linked!.id)).status).toBe(204)
    expect(await list(holder)).toEqual([])
    expect((await signInThrough('platform', { claims: other })).location).toContain('/auth/openid/link')
  })

  it('stores the issuer with the subject and no tokens', async () => {
    const claims = stranger()
    await signInThrough('platform', { claims })
    const rows = await store.select().from(credentials).where(eq(credentials.accountId, claims.sub))
    expect(rows).toMatchObject([{ providerId: PLATFORM_ISSUER, password: null, accessToken: null, idToken: null, refreshToken: null }])
  })
})
