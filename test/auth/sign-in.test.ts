import { env } from 'cloudflare:workers'
import { createExecutionContext } from 'cloudflare:test'
import { eq } from 'drizzle-orm'
import { expect, it } from 'vitest'
import { signIns } from '../../store/schema/identities.ts'
import { atRoot, authorizePath, createClient, ROOT_CLIENT, untilLimited } from '../support/oauth.ts'
import { createServer, fetchPlatform, freshSlug, ORIGIN, store } from '../support/platform.ts'
import worker from '../../workers/index.ts'

const PASSWORD = 'correct horse battery'

function post(path: string, fields: Record<string, string>, headers: Record<string, string> = {}) {
  return fetchPlatform(path, {
    method: 'POST',
    body: new URLSearchParams(fields),
    headers: { Origin: ORIGIN, 'CF-Connecting-IP': freshSlug('ip'), ...headers },
  })
}

async function signUp(fields: Record<string, string> = {}) {
  const email = `${freshSlug('person')}@example.com`
  const response = await post('/auth/sign-up', { name: 'Ada', email, password: PASSWORD, ...fields })
  return { email, response, cookie: response.headers.getSetCookie()[0]?.split(';')[0] ?? '' }
}

const isSignedIn = async (cookie: string) => (await fetchPlatform('/api/me', { headers: { Cookie: cookie } })).status === 200

it('sign-up, sign-in and sign-out work, with a new sign-in each time', async () => {
  const { email, response, cookie } = await signUp({ continue: '/demo/hello/authorize?x=1' })
  expect(response.status).toBe(303)
  expect(response.headers.get('Location')).toBe('/auth/sign-in?after=sign-up&continue=%2Fdemo%2Fhello%2Fauthorize%3Fx%3D1')
  const onward = await fetchPlatform(response.headers.get('Location') ?? '', { headers: { Cookie: cookie } })
  expect([onward.status, onward.headers.get('Location')]).toEqual([303, '/demo/hello/authorize?x=1'])
  expect(response.headers.getSetCookie()[0]).toMatch(/HttpOnly.*SameSite=Lax|SameSite=Lax.*HttpOnly/i)

  const again = await post('/auth/sign-in', { email, password: PASSWORD })
  const second = again.headers.getSetCookie()[0]?.split(';')[0] ?? ''
  expect([again.status, second === cookie]).toEqual([303, false])
  expect(await isSignedIn(second)).toBe(true)

  const out = await post('/auth/sign-out', {}, { Cookie: second })
  expect([out.status, out.headers.get('Location')]).toEqual([303, '/auth/sign-in'])
  expect(await isSignedIn(second)).toBe(false)
  expect(await isSignedIn(cookie)).toBe(true)
})

it('database stores no plain password and no usable sign-in cookie', async () => {
  const { cookie } = await signUp()
  const [row] = await store.select().from(signIns).limit(1)
  expect(await isSignedIn(cookie)).toBe(true)
  expect(await isSignedIn(`wharf-sign-in=${row?.token}`)).toBe(false)
  const dump = await env.DB.prepare('SELECT * FROM credentials').all()
  expect(JSON.stringify(dump.results)).not.toContain(PASSWORD)
})

it('sign-in shows the same error for a wrong password and an unknown email', async () => {
  const { email } = await signUp()
  const [wrong, unknown] = await Promise.all([
    post('/auth/sign-in', { email, password: 'not the password' }),
    post('/auth/sign-in', { email: `x${email}`, password: 'not the password' }),
  ])
  expect([wrong.status, unknown.status]).toEqual([401, 401])
  const text = (page: string) => page.replaceAll(/x?person[^"]*example\.com/g, '')
  expect(text(await wrong.text())).toBe(text(await unknown.text()))
})

it.each([
  ['a foreign Origin', { Origin: 'https://evil.example' }],
  ['no Origin', { Origin: '' }],
])('sign-in answers 403 to a form with %s', async (_, headers) => {
  const response = await fetchPlatform('/auth/sign-in', {
    method: 'POST',
    body: new URLSearchParams({ email: 'a@b.example', password: PASSWORD }),
    headers: Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== '')),
  })
  expect(response.status).toBe(403)
})

it('sign-in accepts a null Origin when Sec-Fetch-Site is same-origin', async () => {
  const response = await fetchPlatform('/auth/sign-in', {
    method: 'POST',
    body: new URLSearchParams({ email: 'a@b.example', password: PASSWORD }),
    headers: { Origin: 'null', 'Sec-Fetch-Site': 'same-origin' },
  })
  expect(response.status).toBe(401)
})

it.each([
  ['a short password', { password: 'short' }, 400],
  ['a password of more than 128 characters', { password: 'x'.repeat(129) }, 400],
  ['no name', { name: ' ' }, 400],
  ['a name with a text-direction override', { name: 'Ada \u202eecilA' }, 400],
  ['a name with a control character', { name: 'Ada\u0007' }, 400],
  ['an invalid email', { email: 'nobody' }, 400],
])('sign-up is refused with %s', async (_, fields, status) => {
  expect((await signUp(fields)).response.status).toBe(status)
})

/** The reply with the parts replaced that differ between any two replies. */
async function replyOf(response: Response) {
  const headers = Object.fromEntries([...response.headers].filter(([name]) => name !== 'set-cookie'))
  const cookies = response.headers.getSetCookie().map((cookie) => cookie.replace(/=[\w%.]+;/, '=…;'))
  return { status: response.status, headers, cookies, body: await response.text() }
}

it('sign-up sends the same reply for a new address and for an address with an account', async () => {
  const { email, response: first, cookie } = await signUp()
  const { response: second, cookie: nowhere } = await signUp({ email, password: 'another password' })
  const { response: third } = await signUp({ email: email.toUpperCase(), password: 'another password' })
  const reply = await replyOf(first)
  expect(reply.status).toBe(303)
  expect(await replyOf(second)).toEqual(reply)
  expect(await replyOf(third)).toEqual(reply)
  const shape = (value: string) => value.replaceAll(/[a-z0-9]/gi, 'x').length
  expect(shape(decodeURIComponent(nowhere))).toBe(shape(decodeURIComponent(cookie)))
  expect([await isSignedIn(cookie), await isSignedIn(nowhere)]).toEqual([true, false])

  const page = await (await fetchPlatform(second.headers.get('Location') ?? '', { headers: { Cookie: nowhere } })).text()
  expect(page).toContain('its password is still valid')
  expect((await post('/auth/sign-in', { email, password: PASSWORD })).status).toBe(303)
  expect((await post('/auth/sign-in', { email, password: 'another password' })).status).toBe(401)
})

it('sign-up signs in to the account of the address when the password is right', async () => {
  const { email, response } = await signUp()
  const again = await signUp({ email })
  expect(await replyOf(again.response)).toEqual(await replyOf(response))
  expect(await isSignedIn(again.cookie)).toBe(true)
})

it('sign-up leaves one account when two sign-ups with the same address race', async () => {
  const email = `${freshSlug('person')}@example.com`
  const replies = await Promise.all([signUp({ email, password: 'the first password' }), signUp({ email, password: 'the second password' })])
  expect(replies.map(({ response }) => response.status)).toEqual([303, 303])
  expect((await Promise.all(replies.map(({ cookie }) => isSignedIn(cookie)))).filter(Boolean)).toHaveLength(1)
})

it.each([
  ['//evil.example/x'],
  ['/\\evil.example'],
  ['https://evil.example/'],
  ['javascript:alert(1)'],
  ['/.//evil.example/x'],
  ['/x/..//evil.example'],
  ['/%2e//evil.example'],
  ['/./\\evil.example'],
  ['/\t/evil.example'],
])('sign-up redirects to the dashboard when continue is %j', async (next) => {
  const { response } = await signUp({ continue: next })
  expect(response.headers.get('Location')).toBe('/auth/sign-in?after=sign-up&continue=%2Fdashboard%2F')
})

it.each(['/auth/sign-in', '/auth/sign-up'])('%s names only a registered redirect URI in form-action', async (path) => {
  const server = await createServer()
  const registered = ['https://app.example:8443/cb?x', 'http://127.0.0.1/cb', 'http://[::1]/cb']
  const [client, atTheRoot] = [await createClient(server, { redirectUris: registered }), await createClient(server, ROOT_CLIENT)]
  for (const [redirectUri, named, change] of [
    ['https://app.example:8443/cb?x', "'self' https://app.example:8443"],
    ['http://127.0.0.1:5000/cb', "'self' http://127.0.0.1:5000"],
    ['http://[::1]:5000/cb', "'self' http:"], // a CSP source cannot be an IPv6 address
    ['https://evil.example/cb', "'self'"],
    ['https://app.example:8443/other', "'self'"],
    ['https://app.example;sandbox/cb', "'self'"],
    ['javascript:alert(1)', "'self'"],
    ['https://app.example:8443/cb?x', "'self'", { client_id: 'unknown' }],
    ['https://app.example:8443/cb?x', "'self'", { client_id: 'https://127.0.0.1/client.json' }],
  ] as const) {
    const next = authorizePath(server, client, { redirect_uri: redirectUri, ...change })
    const { headers } = await fetchPlatform(`${path}?${new URLSearchParams({ continue: next })}`)
    expect(headers.get('Content-Security-Policy')).toContain(`; form-action ${named}; frame-ancestors 'none'`)
  }
  const next = authorizePath(atRoot(server), atTheRoot)
  const { headers } = await fetchPlatform(`${path}?${new URLSearchParams({ continue: next })}`)
  expect(headers.get('Content-Security-Policy')).toContain("; form-action 'self' https://app.example; ")
})

it('sign-up answers 413 to a large form and sign-in 415 to JSON', async () => {
  expect((await signUp({ name: 'x'.repeat(20_000) })).response.status).toBe(413)
  const json = await fetchPlatform('/auth/sign-in', {
    method: 'POST',
    body: '{}',
    headers: { Origin: ORIGIN, 'Content-Type': 'application/json' },
  })
  expect(json.status).toBe(415)
})

it('sign-in answers 429 per network to repeated wrong passwords and admits the owner from another', async () => {
  const { email } = await signUp()
  const guess = (index: number) =>
    post('/auth/sign-in', { email, password: 'x'.repeat(500) }, { 'CF-Connecting-IP': `2001:db8:0:1::${index.toString(16)}` })
  const { before, limited } = await untilLimited(guess)
  expect([before, limited.headers.get('Retry-After')]).toEqual([[401], '60'])
  expect((await post('/auth/sign-in', { email, password: PASSWORD }, { 'CF-Connecting-IP': '2001:db8:0:2::1' })).status).toBe(303)
})

it('sign-in limits wrong passwords per account across all networks', async () => {
  const { email } = await signUp()
  const few = { ...env, ACCOUNT_RATE_LIMIT: env.FETCH_RATE_LIMIT } // a total of ten
  const { before } = await untilLimited(async () => {
    const body = new URLSearchParams({ email, password: 'x'.repeat(500) })
    const headers = { Origin: ORIGIN, 'CF-Connecting-IP': freshSlug('ip') }
    const request = new Request<unknown, IncomingRequestCfProperties>(`${ORIGIN}/auth/sign-in`, { method: 'POST', body, headers })
    return worker.fetch(request, few, createExecutionContext())
  })
  expect(before).toEqual([401])
})

it('sign-in page escapes HTML in the submitted email', async () => {
  const { store: _, ...rest } = { store: 0, email: '"><script>alert(1)</script>' }
  const body = await (await post('/auth/sign-in', { ...rest, password: 'not the password' })).text()
  expect(body).not.toContain('<script')
  expect(body).toContain('&lt;script&gt;')
})

it('sign-in page forbids framing, scripts and caching', async () => {
  const { headers } = await fetchPlatform('/auth/sign-in')
  expect(headers.get('Content-Security-Policy')).toContain("frame-ancestors 'none'")
  expect(headers.get('Content-Security-Policy')).not.toContain('script-src')
  expect(headers.get('X-Frame-Options')).toBe('DENY')
  expect(headers.get('Cache-Control')).toBe('no-store')
  expect(headers.get('Referrer-Policy')).toBe('same-origin')
})

it('sign-in cookie is invalid when its row was deleted', async () => {
  const { cookie } = await signUp()
  const [row] = await store.select().from(signIns).orderBy(signIns.createdAt).limit(100)
  expect(row).toBeDefined()
  await store.delete(signIns).where(eq(signIns.token, decodeURIComponent(cookie.split('=')[1] ?? '').split('.')[0] ?? ''))
  expect(await isSignedIn(cookie)).toBe(false)
})
