import { describe, expect, it } from 'vitest'
import { person, tenantOf, type Person } from '../support/person.ts'
import { authorizePath, createClient, signedIn } from '../support/oauth.ts'
import { createServer, fetchPlatform, freshSlug, ORIGIN } from '../support/platform.ts'

/* Names that one party writes and another party reads. */

interface Setting {
  owner: Person
  tenant: string
}

async function setting(): Promise<Setting> {
  const owner = await person()
  const tenant = await tenantOf(owner)
  expect((await owner.call('POST', `/tenants/${tenant}/servers`, { slug: 'named', name: 'Named' })).status).toBe(201)
  return { owner, tenant }
}

/** Creates a row by the management API, so that its change can be tested, and returns its path. */
async function made({ owner }: Setting, path: string, body: object): Promise<string> {
  const { status, body: row } = await owner.call('POST', path, body)
  expect(status).toBe(201)
  return `${path}/${row.id ?? row.clientId}`
}

const key = { scopes: ['mcp:read'] }
const machine = { grantTypes: ['client_credentials'] }

type Write = (setting: Setting, name: string) => Promise<{ status: number; body: { name?: string; user?: { name: string } } }>

const WRITES: [string, Write][] = [
  ['a user', ({ owner }, name) => owner.call('PATCH', '/me', { name })],
  ['a new tenant', ({ owner }, name) => owner.call('POST', '/tenants', { slug: freshSlug('t'), name })],
  ['a tenant', ({ owner, tenant }, name) => owner.call('PATCH', `/tenants/${tenant}`, { name })],
  ['a new server', ({ owner, tenant }, name) => owner.call('POST', `/tenants/${tenant}/servers`, { slug: freshSlug('s'), name })],
  ['a server', ({ owner, tenant }, name) => owner.call('PATCH', `/tenants/${tenant}/servers/named`, { name })],
  ['a personal API token', ({ owner, tenant }, name) => owner.call('POST', '/me/tokens', { name, tenant, role: 'viewer' })],
  ['an access key', ({ owner, tenant }, name) => owner.call('POST', `/tenants/${tenant}/servers/named/access-keys`, { ...key, name })],
  [
    'an initial access token',
    ({ owner, tenant }, name) => owner.call('POST', `/tenants/${tenant}/servers/named/initial-access-tokens`, { name }),
  ],
  ['a new client made by hand', ({ owner, tenant }, name) => owner.call('POST', `/tenants/${tenant}/clients`, { ...machine, name })],
  [
    'a client made by hand',
    async (set, name) =>
      set.owner.call('PATCH', await made(set, `/tenants/${set.tenant}/clients`, { ...machine, name: 'Before' }), { name }),
  ],
]

describe.each(WRITES)('name of %s', (_, write) => {
  it('is stored in its one spelling, with 64 characters at most and none invisible', async () => {
    const set = await setting()
    const spelled = await write(set, ' \uff21\uff44\uff41 \u{1f600}'.concat('x'.repeat(59)))
    expect(spelled.status).toBeLessThan(300)
    if (spelled.body) expect(spelled.body.name ?? spelled.body.user?.name).toBe(`Ada \u{1f600}${'x'.repeat(59)}`)
    for (const name of [
      'A\u200bda', // zero width space
      'A\u00adda', // soft hyphen
      '\ufeffAda', // byte order mark
      'Ada\u{e0041}\u{e0064}', // tag characters
      'A\u202eda',
      'Ada\u2800',
      'A\u200dda',
      ' ',
      'x'.repeat(65),
      `\uff21${'x'.repeat(64)}`,
    ]) {
      expect([name, await write(set, name)]).toMatchObject([name, { status: 400, body: { errors: [{ pointer: '/name' }] } }])
    }
  })
})

it('description of a server keeps the marks of its writing system and refuses what only hides', async () => {
  const { owner, tenant } = await setting()
  const describe = (description: string) => owner.call('PATCH', `/tenants/${tenant}/servers/named`, { description })
  for (const description of [
    '\u05e9\u05dc\u05d5\u05dd\u200f!',
    '\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645',
    '\u{1f468}\u200d\u{1f469}\u200d\u{1f467} family',
  ])
    expect(await describe(description)).toMatchObject({ status: 200, body: { description } })
  expect(await describe('Looks up\u200b orders')).toMatchObject({
    status: 400,
    body: {
      errors: [{ pointer: '/description', detail: 'has the character U+200B ZERO WIDTH SPACE at position 9, which only hides' }],
    },
  })
  expect((await describe('two\nlines')).status).toBe(400)
})

it('sign-up stores a name in its one spelling and refuses invisible characters', async () => {
  const signUp = (name: string) =>
    fetchPlatform('/auth/sign-up', {
      method: 'POST',
      body: new URLSearchParams({ name, email: `${freshSlug('person')}@example.com`, password: 'correct horse battery' }),
      headers: { Origin: ORIGIN, 'CF-Connecting-IP': freshSlug('ip') },
    })
  const made = await signUp('  \uff21da  Lovelace ')
  const cookie = made.headers.getSetCookie()[0]?.split(';')[0] ?? ''
  expect(await (await fetchPlatform('/api/me', { headers: { Cookie: cookie } })).json()).toMatchObject({ user: { name: 'Ada Lovelace' } })
  for (const name of ['A\u200bda', 'Ada\u{e0041}', '\u3164', 'x'.repeat(65)]) expect((await signUp(name)).status).toBe(400)
})

it('consent page shows the invisible characters of a name that was stored before as code points', async () => {
  const server = await createServer()
  const client = await createClient(server, { name: 'Cl\u200baude\u{e0041}' })
  const page = await (await (await signedIn(server.tenant.owner)).get(authorizePath(server, client))).text()
  expect(page).toContain('“Cl\\u200baude\\u{e0041}”')
})
