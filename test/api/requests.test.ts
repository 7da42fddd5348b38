import { beforeAll, describe, expect, it } from 'vitest'
import { eq } from 'drizzle-orm'
import { idempotencyKeys } from '../../store/schema/people.ts'
import { personalTokens } from '../../store/schema/tenants.ts'
import { person, tenantOf, upload, type ApiAnswer, type Person } from '../support/person.ts'
import { fetchPlatform, freshSlug, store } from '../support/platform.ts'

let owner: Person
let tenant: string
beforeAll(async () => {
  owner = await person()
  tenant = await tenantOf(owner)
})

async function serverOf(settings: Record<string, unknown> = {}) {
  const slug = freshSlug('s')
  const made = await owner.call('POST', `/tenants/${tenant}/servers`, { slug, name: 'x', ...settings })
  expect(made.status).toBe(201)
  return `/tenants/${tenant}/servers/${slug}`
}

/** Returns the status of a call with a personal API token. */
async function callBy(token: string, method: string, path: string, body?: unknown): Promise<number> {
  const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' }
  return (await fetchPlatform(`/api${path}`, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) })).status
}

describe('tenant', () => {
  it.each([
    [{ slug: 'api', name: 'x' }, '/slug'],
    [{ slug: 'A', name: 'x' }, '/slug'],
    [{ slug: 'a--b', name: 'x' }, '/slug'],
    [{ slug: 'fine-slug', name: '' }, '/name'],
    [{ slug: 'fine-slug', name: 'x', admin: true }, '/admin'],
    [{ slug: 'fine-slug' }, '/name'],
    [{ slug: 7, name: 'x' }, '/slug'],
  ])('is refused with the name of the invalid field when created as %j', async (body, pointer) => {
    const refused = await owner.call('POST', '/tenants', body)
    expect([refused.status, refused.headers.get('Content-Type')]).toEqual([400, 'application/problem+json'])
    expect(refused.body.errors[0].pointer).toBe(pointer)
  })

  it('is created once when five people ask for its slug at the same time', async () => {
    const slug = freshSlug('race')
    const people = await Promise.all(Array.from({ length: 5 }, person))
    const statuses = await Promise.all(people.map(async ({ call }) => (await call('POST', '/tenants', { slug, name: 'x' })).status))
    expect(statuses.toSorted()).toEqual([201, 409, 409, 409, 409])
  })

  it('is refused when its creator has twenty tenants', async () => {
    const maker = await person()
    const statuses = await Promise.all(
      Array.from({ length: 25 }, async () => (await maker.call('POST', '/tenants', { slug: freshSlug('many'), name: 'x' })).status),
    )
    expect(statuses.filter((status) => status === 201)).toHaveLength(20)
  })

  it('is deleted together with its hosted servers', async () => {
    const slug = await tenantOf(owner)
    await owner.call('POST', `/tenants/${slug}/servers`, { slug: 'gone', name: 'x', access: 'public' })
    await owner.call('POST', `/tenants/${slug}/servers/gone/versions`, upload())
    expect((await fetchPlatform(`/.well-known/oauth-authorization-server/${slug}/gone`)).status).toBe(200)
    expect((await owner.call('DELETE', `/tenants/${slug}`)).status).toBe(204)
    expect((await fetchPlatform(`/.well-known/oauth-authorization-server/${slug}/gone`)).status).toBe(404)
    expect((await owner.call('GET', `/tenants/${slug}`)).status).toBe(404)
  })
})

describe('API request', () => {
  it('is refused from another origin, with malformed or oversized JSON, or without a sign-in', async () => {
    const body = () => ({ slug: freshSlug('x'), name: 'x' })
    expect((await owner.call('POST', '/tenants', body(), { Origin: 'https://evil.example' })).status).toBe(403)
    expect((await owner.call('POST', '/tenants', body(), { Origin: 'null' })).status).toBe(403)
    expect((await owner.call('POST', '/tenants', body(), { Origin: 'null', 'Sec-Fetch-Site': 'same-origin' })).status).toBe(201)
    expect((await owner.call('POST', '/tenants', JSON.stringify(body()), { 'Content-Type': 'text/plain' })).status).toBe(415)
    expect((await owner.call('POST', '/tenants', '{"slug":"abc","slug":"abd","name":"x"}')).status).toBe(400)
    expect((await owner.call('POST', '/tenants', '{')).status).toBe(400)
    expect((await owner.call('POST', '/tenants', '[]')).status).toBe(400)
    expect((await owner.call('POST', '/tenants', { slug: 'abc', name: 'x'.repeat(70_000) })).status).toBe(413)
    expect((await fetchPlatform('/api/me')).status).toBe(401)
    expect((await fetchPlatform('/api/nothing', { headers: { Cookie: owner.cookie } })).status).toBe(404)
    const put = await owner.call('PUT', '/tenants', {})
    expect([put.status, put.headers.get('Allow')]).toEqual([405, 'POST'])
  })

  it('runs once per Idempotency-Key when ten arrive at the same time', async () => {
    const slug = freshSlug('once')
    const send = (name = 'x') => owner.call('POST', `/tenants/${tenant}/servers`, { slug, name }, { 'Idempotency-Key': `key-${slug}` })
    const answers = await Promise.all(Array.from({ length: 10 }, () => send()))
    expect(answers.every(({ status }) => status === 201 || status === 409)).toBe(true)
    expect(answers.filter(({ status }) => status === 409).every(({ body }) => body.title === 'Still running')).toBe(true)
    expect((await send()).body).toMatchObject({ slug })
    expect((await send('other')).status).toBe(400)
    expect((await owner.call('POST', '/tenants', {}, { 'Idempotency-Key': 'with space' })).status).toBe(400)
  })

  it('can be retried with its key after a failure, and a retry after success gets the same reply', async () => {
    const key = { 'Idempotency-Key': freshSlug('key') }
    expect((await owner.call('POST', '/me/tokens', { name: 'x', tenant: 'nobody', role: 'viewer' }, key)).status).toBe(400)
    const made = await owner.call('POST', '/me/tokens', { name: 'x', tenant, role: 'viewer' }, key)
    const again = await owner.call('POST', '/me/tokens', { name: 'x', tenant, role: 'viewer' }, key)
    expect([made.status, again.status, again.body]).toEqual([201, 201, made.body])
    expect(made.body.token).toEqual(expect.any(String))
  })
})

describe('limit per user', () => {
  it('answers 429 after 600 changes a minute, but allows reads, tenant tokens and other users', async () => {
    const busy = await person()
    const slug = await tenantOf(busy)
    const { body: made } = await busy.call('POST', '/me/tokens', { name: 'x', tenant: slug, role: 'owner' })
    let limited: ApiAnswer | undefined
    // at most twice the limit, because the minute can end in between
    for (let sent = 0; sent < 1_300 && limited === undefined; sent += 50) {
      const answers = await Promise.all(Array.from({ length: 50 }, () => busy.call('DELETE', '/me/tokens/none')))
      limited = answers.find(({ status }) => status === 429)
      expect(answers.every(({ status }) => status === 404 || status === 429)).toBe(true)
    }
    expect([limited?.body.title, limited?.headers.get('Retry-After')]).toEqual(['Too many changes', '60'])
    expect((await busy.call('GET', '/me')).status).toBe(200)
    expect(await callBy(made.token, 'DELETE', `/tenants/${slug}/servers/none`)).toBe(404)
    expect((await owner.call('DELETE', '/me/tokens/none')).status).toBe(404)
  })

  it('keeps the newest thousand idempotency keys', async () => {
    const keen = await person()
    const { id: userId } = (await keen.call('GET', '/me')).body.user
    const expiresAt = new Date(Date.now() + 3600_000)
    const answered = (n: number) => ({ userId, key: `old-${n}`, requestHash: 'x', status: 201, createdAt: new Date(n * 1000), expiresAt })
    for (let n = 0; n < 1_010; n += 10) {
      await store.insert(idempotencyKeys).values(Array.from({ length: 10 }, (_, index) => answered(n + index)))
    }
    const made = await keen.call('POST', '/tenants', { slug: freshSlug('keen'), name: 'x' }, { 'Idempotency-Key': 'new' })
    expect(made.status).toBe(201)
    const kept = await store.select({ key: idempotencyKeys.key }).from(idempotencyKeys).where(eq(idempotencyKeys.userId, userId))
    expect(kept).toHaveLength(1_001)
    expect(kept.map(({ key }) => key)).toEqual(expect.arrayContaining(['new', 'old-1009', 'old-10']))
    expect(kept.map(({ key }) => key)).not.toContain('old-9')
  })
})

describe('personal API token', () => {
  it('reaches one tenant within its role, and nothing of the account of its user', async () => {
    const other = await tenantOf(owner)
    const { body: made } = await owner.call('POST', '/me/tokens', { name: 'ci', tenant, role: 'developer' })
    expect(made.token).toMatch(/^wharf_pat_[\w-]{43}$/)
    expect(await callBy(made.token, 'GET', `/tenants/${tenant}`)).toBe(200)
    expect(await callBy(made.token, 'POST', `/tenants/${tenant}/servers`, { slug: freshSlug('ci'), name: 'x' })).toBe(201)
    expect(await callBy(made.token, 'PATCH', `/tenants/${tenant}`, { name: 'y' })).toBe(403)
    expect(await callBy(made.token, 'GET', `/tenants/${other}`)).toBe(404)
    expect(await callBy(made.token, 'POST', '/me/tokens', { name: 'x', tenant, role: 'viewer' })).toBe(403)
    expect(await callBy(made.token, 'POST', '/tenants', { slug: freshSlug('no'), name: 'x' })).toBe(403)
    const { id } = (await owner.call('GET', '/me')).body.user
    expect(await callBy(made.token, 'DELETE', `/tenants/${tenant}/members/${id}`)).toBe(403)
    expect(JSON.stringify((await owner.call('GET', '/me/tokens')).body)).not.toContain(made.token)
    expect((await owner.call('DELETE', `/me/tokens/${made.id}`)).status).toBe(204)
    expect(await callBy(made.token, 'GET', `/tenants/${tenant}`)).toBe(401)
    expect((await owner.call('DELETE', `/me/tokens/${made.id}`)).status).toBe(404)
    const { items } = (await owner.call('GET', `/tenants/${tenant}/audit`)).body as {
      items: { action: string; detail: { tokenId?: string } }[]
    }
    expect(items.filter(({ detail }) => detail.tokenId === made.id).map(({ action }) => action)).toEqual([
      'personal-token.deleted',
      'personal-token.created',
    ])
  })

  it('ends at its expiry, and never exceeds the current role of its user', async () => {
    const slug = await tenantOf(owner)
    const guest = await person()
    const { body: invited } = await owner.call('POST', `/tenants/${slug}/invitations`, { role: 'admin' })
    await fetchPlatform(new URL(invited.url).pathname, {
      method: 'POST',
      headers: { Cookie: guest.cookie, Origin: 'http://localhost:8787', 'Content-Type': 'application/x-www-form-urlencoded' },
      body: '',
    })
    const { body: made } = await guest.call('POST', '/me/tokens', { name: 'x', tenant: slug, role: 'admin' })
    expect(await callBy(made.token, 'GET', `/tenants/${slug}/audit`)).toBe(200)
    const id = (await guest.call('GET', '/me')).body.user.id as string
    await owner.call('PATCH', `/tenants/${slug}/members/${id}`, { role: 'viewer' })
    expect(await callBy(made.token, 'GET', `/tenants/${slug}/audit`)).toBe(403)
    expect((await guest.call('POST', '/me/tokens', { name: 'x', tenant: slug, role: 'admin' })).body.errors[0].pointer).toBe('/role')
    await store
      .update(personalTokens)
      .set({ expiresAt: new Date(Date.now() - 1000) })
      .where(eq(personalTokens.id, made.id))
    expect(await callBy(made.token, 'GET', `/tenants/${slug}`)).toBe(401)
  })

  it('is refused when its user has twenty tokens', async () => {
    const maker = await person()
    const slug = await tenantOf(maker)
    const statuses = await Promise.all(
      Array.from({ length: 25 }, async () => (await maker.call('POST', '/me/tokens', { name: 'x', tenant: slug, role: 'viewer' })).status),
    )
    expect(statuses.filter((status) => status === 201)).toHaveLength(20)
  })
})

describe('hosted server', () => {
  it.each([
    ['an unknown access', { access: 'everyone' }, '/access'],
    ['an unknown client policy', { clients: 'some' }, '/clients'],
    ['an origin with a path', { origins: ['https://x.example/path'] }, '/origins/0'],
    ['the origin null', { origins: ['null'] }, '/origins/0'],
    ['an IP address as egress host', { egress: ['10.0.0.1'] }, '/egress/0'],
    ['a URL as egress host', { egress: ['http://x.example'] }, '/egress/0'],
    ['a bare wildcard as egress host', { egress: ['*'] }, '/egress/0'],
    ['a script as icon', { icon: 'javascript:alert(1)' }, '/icon'],
    ['a new slug', { slug: 'other' }, '/slug'],
    ['a name with direction marks', { name: 'a\u202eb' }, '/name'],
    ['a description of 1,001 characters', { description: 'x'.repeat(1001) }, '/description', 'must have at most 1000 characters'],
  ])('refuses %s with the name of the invalid field', async (_, body, pointer, detail: unknown = expect.any(String)) => {
    const refused = await owner.call('PATCH', await serverOf(), body)
    expect([refused.status, refused.body.errors[0]]).toEqual([400, { pointer, detail }])
  })

  it('never returns environment values, and loses no simultaneous change of them', async () => {
    const path = `${await serverOf()}/environment`
    expect((await owner.call('PUT', path, { values: { API_KEY: 'very-secret-value-1234', SHORT: 'abc' } })).body).toEqual({
      values: [
        { name: 'API_KEY', lastFour: '1234' },
        { name: 'SHORT', lastFour: '' },
      ],
    })
    expect((await owner.call('PUT', path, { values: { SHORT: null } })).body).toEqual({ values: [{ name: 'API_KEY', lastFour: '1234' }] })
    expect(JSON.stringify((await owner.call('GET', path)).body)).not.toContain('very-secret')
    for (const values of [{ '1X': 'a' }, { EVENTS: 'a' }, { X: 'a'.repeat(9000) }, { X: 7 }])
      expect((await owner.call('PUT', path, { values })).status).toBe(400)
    const racing = await Promise.all(Array.from({ length: 5 }, (_, n) => owner.call('PUT', path, { values: { [`N${n}`]: 'x' } })))
    expect(racing.every(({ status }) => status === 200 || status === 409)).toBe(true)
    const won = racing.filter(({ status }) => status === 200).length
    expect((await owner.call('GET', path)).body.values).toHaveLength(1 + won)
  })

  it('keeps a version that the probe refused but never activates it, and stores no malformed upload', async () => {
    const path = `${await serverOf()}/versions`
    const refused = await owner.call('POST', path, {
      ...upload(),
      modules: { 'index.js': 'export default { fetch() { return new Response("hi") } }' },
    })
    expect(refused.body).toMatchObject({ state: 'refused', active: false })
    expect(refused.body.findings.length).toBeGreaterThan(0)
    expect((await owner.call('POST', `${path}/1/activate`)).status).toBe(409)
    for (const modules of [{ '../x.js': 'x' }, {}, { 'index.js': 7 }]) {
      const invalid = await owner.call('POST', path, { ...upload(), modules })
      expect([invalid.status, invalid.body.errors.length > 0]).toEqual([400, true])
    }
    expect((await owner.call('GET', path)).body.items).toHaveLength(1)
    expect((await owner.call('POST', path, { ...upload(), modules: { 'index.js': 'x'.repeat(9_000_000) } })).status).toBe(413)
  })
})
