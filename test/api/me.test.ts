import { eq } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { credentials } from '../../store/schema/people.ts'
import { signedIn, untilLimited, type Browser } from '../support/oauth.ts'
import { createTenant, createUser, fetchPlatform, freshSlug, ORIGIN, store } from '../support/platform.ts'

const PASSWORD = 'correct horse battery'
const NEW_PASSWORD = 'staple of a correct horse'

function post(path: string, fields: Record<string, string>): Promise<Response> {
  const headers = { Origin: ORIGIN, 'CF-Connecting-IP': freshSlug('ip') }
  return fetchPlatform(path, { method: 'POST', body: new URLSearchParams(fields), headers })
}

const cookieOf = (response: Response) => response.headers.getSetCookie()[0]?.split(';')[0] ?? ''
const signIn = (email: string, password: string) => post('/auth/sign-in', { email, password })

/** Signs up a user with a password. `call` calls the API from the browser of the user. */
async function newPerson() {
  const email = `${freshSlug('person')}@example.com`
  const cookie = cookieOf(await post('/auth/sign-up', { name: 'Ada', email, password: PASSWORD }))
  return { email, call: callAs({ Cookie: cookie }) }
}

function callAs(headers: Record<string, string>) {
  return (method: string, path: string, body?: unknown, more: Record<string, string> = {}) =>
    fetchPlatform(path, {
      method,
      headers: { Origin: ORIGIN, 'Content-Type': 'application/json', 'CF-Connecting-IP': freshSlug('ip'), ...headers, ...more },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
}

const callFrom = (browser: Browser, method: string, path: string, body: unknown) =>
  browser.get(path, { method, headers: { Origin: ORIGIN, 'Content-Type': 'application/json' }, body: JSON.stringify(body) })

async function expectFault(response: Response, pointer: string, detail: string) {
  expect(response.status).toBe(400)
  expect(await response.json()).toMatchObject({ errors: [{ pointer, detail }] })
}

describe('own name', () => {
  it('changes with PATCH /api/me', async () => {
    const { call } = await newPerson()
    const changed = await call('PATCH', '/api/me', { name: '  Ada Lovelace ' })
    expect([changed.status, await changed.json()]).toMatchObject([200, { user: { name: 'Ada Lovelace' }, hasPassword: true, tenants: [] }])
    expect(await (await call('GET', '/api/me')).json()).toMatchObject({ user: { name: 'Ada Lovelace' } })
  })

  it('is refused when empty or with direction marks, and no other field can change with it', async () => {
    const { email, call } = await newPerson()
    await expectFault(await call('PATCH', '/api/me', { name: ' ' }), '/name', 'is empty')
    await expectFault(
      await call('PATCH', '/api/me', { name: 'a\u202eb' }),
      '/name',
      'has the invisible character U+202E RIGHT-TO-LEFT OVERRIDE',
    )
    expect((await call('PATCH', '/api/me', { name: 'Ada', email: 'other@example.com', operator: true })).status).toBe(400)
    expect(await (await call('GET', '/api/me')).json()).toMatchObject({ user: { name: 'Ada', email, operator: false } })
  })
})

describe('own password', () => {
  it('changes with the current password, and every other sign-in ends', async () => {
    const { email, call } = await newPerson()
    const elsewhere = callAs({ Cookie: cookieOf(await signIn(email, PASSWORD)) })
    expect((await elsewhere('GET', '/api/me')).status).toBe(200)
    expect((await call('PUT', '/api/me/password', { currentPassword: PASSWORD, newPassword: NEW_PASSWORD })).status).toBe(204)
    expect((await call('GET', '/api/me')).status).toBe(200)
    expect((await elsewhere('GET', '/api/me')).status).toBe(401)
    expect((await signIn(email, PASSWORD)).status).toBe(401)
    expect((await signIn(email, NEW_PASSWORD)).status).toBe(303)
  })

  it('stays when the current password is wrong, or the new password too short or too long', async () => {
    const { email, call } = await newPerson()
    const change = (body: object) => call('PUT', '/api/me/password', body)
    for (const currentPassword of ['wrong', '', undefined, 'x'.repeat(200)]) {
      await expectFault(await change({ currentPassword, newPassword: NEW_PASSWORD }), '/currentPassword', 'is not your password')
    }
    await expectFault(await change({ currentPassword: PASSWORD, newPassword: 'short' }), '/newPassword', 'must have at least 10 characters')
    const long = 'x'.repeat(129)
    await expectFault(await change({ currentPassword: PASSWORD, newPassword: long }), '/newPassword', 'must have at most 128 characters')
    expect((await signIn(email, PASSWORD)).status).toBe(303)
  })

  it('is set without a current password when the user has signed in through a provider only', async () => {
    const user = await createUser()
    const browser = await signedIn(user)
    expect(await (await browser.get('/api/me')).json()).toMatchObject({ hasPassword: false })
    const change = (body: object) => callFrom(browser, 'PUT', '/api/me/password', body)
    await expectFault(
      await change({ currentPassword: PASSWORD, newPassword: NEW_PASSWORD }),
      '/currentPassword',
      'must be left out, because you have no password yet',
    )
    expect((await change({ newPassword: PASSWORD })).status).toBe(204)
    expect((await signIn(user.email, PASSWORD)).status).toBe(303)
    await expectFault(await change({ newPassword: NEW_PASSWORD }), '/currentPassword', 'is not your password')
  })

  it('changes once when ten requests change it at the same time', async () => {
    const { email, call } = await newPerson()
    const passwords = Array.from({ length: 10 }, (_, index) => `${NEW_PASSWORD} ${index}`)
    const answers = await Promise.all(
      passwords.map((newPassword) => call('PUT', '/api/me/password', { currentPassword: PASSWORD, newPassword })),
    )
    const winners = passwords.filter((_, index) => answers[index]?.status === 204)
    expect(winners).toHaveLength(1)
    expect(answers.every(({ status }) => status === 204 || status === 409 || status === 400)).toBe(true)
    expect((await signIn(email, winners[0] ?? '')).status).toBe(303)
  })

  it('is stored once when three requests set the first password at the same time', async () => {
    const user = await createUser()
    const browser = await signedIn(user)
    const answers = await Promise.all([1, 2, 3].map(() => callFrom(browser, 'PUT', '/api/me/password', { newPassword: PASSWORD })))
    expect(answers.filter(({ status }) => status === 204)).toHaveLength(1)
    expect(await store.select().from(credentials).where(eq(credentials.userId, user.id))).toHaveLength(1)
  })

  it('is refused with 429 after as many guesses as the sign-in page allows', async () => {
    const { call } = await newPerson()
    const guess = { currentPassword: 'x'.repeat(200), newPassword: NEW_PASSWORD }
    const wrong = { ...guess, currentPassword: 'wrong' }
    await expectFault(await call('PUT', '/api/me/password', guess), '/currentPassword', 'is not your password')
    const { before, limited } = await untilLimited(() => call('PUT', '/api/me/password', wrong, { 'CF-Connecting-IP': '203.0.113.9' }))
    expect([before, limited.headers.get('Retry-After')]).toEqual([[400], '60'])
  })
})

describe('account', () => {
  it('refuses changes by API token, by tenant sign-in, from another origin and without a sign-in', async () => {
    const { owner, slug, id } = await createTenant()
    const browser = await signedIn(owner)
    const made = await callFrom(browser, 'POST', '/api/me/tokens', { name: 'x', tenant: slug, role: 'owner' })
    const { token } = await made.json<{ token: string }>()
    const byToken = callAs({ Authorization: `Bearer ${token}` })
    const ofTenant = await signedIn(owner, { tenantId: id })
    for (const [method, path, body] of [
      ['PATCH', '/api/me', { name: 'Eve' }],
      ['PUT', '/api/me/password', { newPassword: NEW_PASSWORD }],
    ] as const) {
      expect((await byToken(method, path, body)).status).toBe(403)
      expect((await callFrom(ofTenant, method, path, body)).status).toBe(403)
      expect((await callAs({})(method, path, body)).status).toBe(401)
      const foreign = {
        method,
        headers: { Origin: 'https://evil.example', 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
      }
      expect((await browser.get(path, foreign)).status).toBe(403)
    }
    expect(await (await browser.get('/api/me')).json()).toMatchObject({ hasPassword: false, wholeAccount: true })
    expect(await (await ofTenant.get('/api/me')).json()).toMatchObject({ wholeAccount: false })
  })
})
