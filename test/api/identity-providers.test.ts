import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { person, tenantOf, type Person } from '../support/person.ts'
import { put } from '../support/openid.ts'
import { fetchPlatform, ORIGIN } from '../support/platform.ts'

const ISSUER = 'https://other-idp.example'
const SECRET = 'a client secret, 1234'
const right = { name: 'Acme ID', issuer: ISSUER, assertions: true, signIn: { clientId: 'wharf', clientSecret: SECRET } }

/** Returns a new member of the tenant with the role. */
async function memberOf(owner: Person, tenant: string, role: string): Promise<Person & { id: string }> {
  const member = await person()
  const { body } = await owner.call('POST', `/tenants/${tenant}/invitations`, { role, email: member.email })
  const headers = { Cookie: member.cookie, Origin: ORIGIN, 'Content-Type': 'application/x-www-form-urlencoded' }
  expect((await fetchPlatform(new URL(body.url).pathname, { method: 'POST', headers, body: '' })).status).toBe(303)
  return { ...member, id: (await member.call('GET', '/me')).body.user.id }
}

describe('identity provider API', () => {
  it('creates, shows, changes and deletes a provider with audit events, and hides the secret', async () => {
    const owner = await person()
    const tenant = await tenantOf(owner)
    const base = `/tenants/${tenant}/identity-providers`
    const made = await owner.call('POST', base, right)
    expect([made.status, made.headers.get('Cache-Control')]).toEqual([201, 'no-store'])
    const { id } = made.body
    expect(made.body).toEqual({
      id: expect.any(String),
      name: 'Acme ID',
      issuer: ISSUER,
      issuerTenant: null,
      jwksUri: null,
      trustsEmails: false,
      assertions: true,
      signIn: {
        clientId: 'wharf',
        clientSecretLastFour: '1234',
        redirectUri: `${ORIGIN}/auth/openid/${id}/callback`,
        url: `${ORIGIN}/auth/sign-in?tenant=${tenant}`,
      },
      createdBy: expect.any(String),
      createdAt: expect.any(String),
      updatedAt: expect.any(String),
    })
    expect((await owner.call('GET', `${base}/${id}`)).body).toEqual(made.body)
    const changed = await owner.call('PATCH', `${base}/${id}`, { name: 'Acme', assertions: false, signIn: { clientId: 'other' } })
    expect(changed.body).toMatchObject({ name: 'Acme', assertions: false, signIn: { clientId: 'other', clientSecretLastFour: '1234' } })
    const without = await owner.call('PATCH', `${base}/${id}`, { signIn: null })
    expect(without.body.signIn).toBeNull()
    expect((await owner.call('PATCH', `${base}/${id}`, { signIn: { clientId: 'x' } })).body.errors[0].pointer).toBe('/signIn/clientSecret')
    expect((await owner.call('GET', base)).body.items).toMatchObject([{ id, signIn: null }])
    expect((await owner.call('DELETE', `${base}/${id}`)).status).toBe(204)
    expect((await owner.call('GET', base)).body.items).toEqual([])
    expect((await owner.call('DELETE', `${base}/${id}`)).status).toBe(404)

    const events = (await owner.call('GET', `/tenants/${tenant}/audit`)).body.items as { action: string }[]
    expect(events.map(({ action }) => action).toSorted()).toEqual([
      'identity-provider.changed',
      'identity-provider.changed',
      'identity-provider.created',
      'identity-provider.deleted',
      'tenant.created',
    ])
    expect(JSON.stringify(events)).not.toContain(SECRET)
  })

  it('stores the secret sealed only, also when the request repeats its Idempotency-Key', async () => {
    const owner = await person()
    const base = `/tenants/${await tenantOf(owner)}/identity-providers`
    const answers = [1, 2].map(() => owner.call('POST', base, right, { 'Idempotency-Key': 'once' }))
    expect(JSON.stringify((await Promise.all(answers)).map(({ body }) => body))).not.toContain(SECRET)
    for (const table of ['identity_providers', 'audit_events', 'idempotency_keys'])
      expect(JSON.stringify((await env.DB.prepare(`SELECT * FROM ${table}`).all()).results)).not.toContain(SECRET)
  })

  it.each<[string, Record<string, unknown>, number, string]>([
    ['an issuer on http', { issuer: 'http://idp.example' }, 400, '/issuer'],
    ['an issuer with a query', { issuer: `${ISSUER}/?a=b` }, 400, '/issuer'],
    ['an issuer with an empty fragment', { issuer: `${ISSUER}/#` }, 400, '/issuer'],
    ['an issuer in another spelling', { issuer: 'https://Other-IDP.example' }, 400, '/issuer'],
    ['an issuer on another port', { issuer: `${ISSUER}:8443` }, 400, '/issuer'],
    ['an issuer with a password', { issuer: 'https://a:b@other-idp.example' }, 400, '/issuer'],
    ['an issuer with an IP address', { issuer: 'https://127.0.0.1' }, 400, '/issuer'],
    ['an issuer with an internal host name', { issuer: 'https://metadata.internal' }, 400, '/issuer'],
    ['an issuer without a published configuration', { issuer: 'https://documents.example/client/x' }, 400, '/issuer'],
    ['an issuer that differs from its document by a trailing slash', { issuer: `${ISSUER}/` }, 400, '/issuer'],
    ['a jwksUri without keys', { jwksUri: 'https://keys.example/put/none' }, 400, '/jwksUri'],
    ['a jwksUri on http', { jwksUri: 'http://keys.example/put/none' }, 400, '/jwksUri'],
    ['an empty name', { name: ' ' }, 400, '/name'],
    ['a name with direction marks', { name: 'a\u202eb' }, 400, '/name'],
    ['a client without a secret', { signIn: { clientId: 'x' } }, 400, '/signIn/clientSecret'],
    ['an unknown field', { scopes: 'x' }, 400, '/scopes'],
  ])('refuses %s', async (_, change, status, pointer) => {
    const owner = await person()
    const base = `/tenants/${await tenantOf(owner)}/identity-providers`
    const refused = await owner.call('POST', base, { ...right, ...change })
    expect([refused.status, refused.body.errors?.[0].pointer]).toEqual([status, pointer])
    expect((await owner.call('GET', base)).body.items).toEqual([])
  })

  it('accepts an issuer without a configuration for assertions, but not for sign-in', async () => {
    const owner = await person()
    const base = `/tenants/${await tenantOf(owner)}/identity-providers`
    const bare = { name: 'Bare', issuer: 'https://documents.example/client/x', jwksUri: `${ISSUER}/jwks`, assertions: true }
    expect((await owner.call('POST', base, bare)).status).toBe(201)
    expect((await owner.call('POST', base, { ...bare, issuer: 'https://documents.example/y', signIn: right.signIn })).status).toBe(400)
  })

  it('refuses sign-in when the issuer has no authorization endpoint', async () => {
    const issuer = 'https://idp-34.example'
    await put(issuer, '/configuration', { authorization_endpoint: null })
    const owner = await person()
    const base = `/tenants/${await tenantOf(owner)}/identity-providers`
    const { body } = await owner.call('POST', base, { ...right, issuer, signIn: null })
    const refused = await owner.call('PATCH', `${base}/${body.id}`, { signIn: right.signIn })
    expect([refused.status, refused.body.errors[0].pointer]).toEqual([400, '/issuer'])
  })

  it('refuses a second provider of the same issuer, and an eleventh of a tenant', async () => {
    const owner = await person()
    const base = `/tenants/${await tenantOf(owner)}/identity-providers`
    const bare = { name: 'x', jwksUri: `${ISSUER}/jwks` }
    const statuses = []
    for (let index = 0; index < 10; index++)
      statuses.push((await owner.call('POST', base, { ...bare, issuer: `https://issuer-${index}.example` })).status)
    expect(statuses).toEqual(Array.from({ length: 10 }, () => 201))
    expect((await owner.call('POST', base, { ...bare, issuer: 'https://issuer-1.example' })).body.errors[0].pointer).toBe('/issuer')
    expect((await owner.call('POST', base, { ...bare, issuer: 'https://issuer-11.example' })).status).toBe(409)
  })

  it('allows changes to owners only, and reading to admins as well', async () => {
    const owner = await person()
    const tenant = await tenantOf(owner)
    const base = `/tenants/${tenant}/identity-providers`
    const { id } = (await owner.call('POST', base, right)).body
    for (const [role, status] of [
      ['admin', 200],
      ['developer', 403],
      ['viewer', 403],
    ] as const) {
      const member = await memberOf(owner, tenant, role)
      expect((await member.call('GET', base)).status).toBe(status)
      expect((await member.call('GET', `${base}/${id}`)).status).toBe(status)
      expect((await member.call('GET', `${base}/${id}/links`)).status).toBe(status)
      expect((await member.call('POST', base, { ...right, issuer: 'https://idp.example' })).status).toBe(403)
      expect((await member.call('PATCH', `${base}/${id}`, { name: 'x' })).status).toBe(403)
      expect((await member.call('DELETE', `${base}/${id}`)).status).toBe(403)
      expect((await member.call('POST', `${base}/${id}/links`, { subject: 'x', userId: member.id })).status).toBe(403)
      expect((await member.call('DELETE', `${base}/${id}/links/x`)).status).toBe(403)
    }
  })
})

describe('identity link API', () => {
  it('links a subject to a member once, shows the link to the member and audits each change', async () => {
    const owner = await person()
    const tenant = await tenantOf(owner)
    const [member, stranger] = [await memberOf(owner, tenant, 'viewer'), await person()]
    const { id } = (await owner.call('POST', `/tenants/${tenant}/identity-providers`, right)).body
    const base = `/tenants/${tenant}/identity-providers/${id}/links`
    const made = await owner.call('POST', base, { subject: 'U1', userId: member.id })
    expect([made.status, made.body]).toEqual([
      201,
      {
        id: expect.any(String),
        subject: 'U1',
        email: null,
        userId: member.id,
        userName: 'Ada',
        userEmail: member.email,
        createdBy: expect.any(String),
        createdAt: expect.any(String),
        lastUsedAt: null,
      },
    ])
    const ownId = (await owner.call('GET', '/me')).body.user.id
    expect((await owner.call('POST', base, { subject: 'U1', userId: ownId })).status).toBe(409)
    expect((await owner.call('POST', base, { subject: 'U2', userId: member.id })).status).toBe(409)
    const strangerId = (await stranger.call('GET', '/me')).body.user.id
    for (const userId of [strangerId, 'nobody'])
      expect((await owner.call('POST', base, { subject: 'U2', userId })).body.errors[0].pointer).toBe('/userId')
    expect((await owner.call('GET', base)).body.items).toMatchObject([{ subject: 'U1' }])
    expect((await member.call('GET', '/me/identities')).body.items).toEqual([
      {
        id: made.body.id,
        issuer: ISSUER,
        name: 'Acme ID',
        tenant,
        createdAt: expect.any(String),
        lastUsedAt: null,
      },
    ])
    expect((await owner.call('DELETE', `${base}/${made.body.id}`)).status).toBe(204)
    expect((await member.call('GET', '/me/identities')).body.items).toEqual([])
    const events = (await owner.call('GET', `/tenants/${tenant}/audit`)).body.items as { action: string; detail: object }[]
    expect(events.filter(({ action }) => action.startsWith('identity-link.')).map(({ action }) => action)).toEqual([
      'identity-link.deleted',
      'identity-link.created',
    ])
  })

  it('deletes the links of a member when the membership ends', async () => {
    const owner = await person()
    const tenant = await tenantOf(owner)
    const member = await memberOf(owner, tenant, 'viewer')
    const { id } = (await owner.call('POST', `/tenants/${tenant}/identity-providers`, right)).body
    await owner.call('POST', `/tenants/${tenant}/identity-providers/${id}/links`, { subject: 'U1', userId: member.id })
    expect((await owner.call('DELETE', `/tenants/${tenant}/members/${member.id}`)).status).toBe(204)
    expect((await owner.call('GET', `/tenants/${tenant}/identity-providers/${id}/links`)).body.items).toEqual([])
  })
})
