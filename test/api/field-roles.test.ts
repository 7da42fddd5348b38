import { beforeAll, describe, expect, it } from 'vitest'
import { SERVER_FIELDS } from '../../protocol/api/field-roles.ts'
import { person, tenantOf, type ApiAnswer, type Person } from '../support/person.ts'
import { fetchPlatform, freshSlug, ORIGIN } from '../support/platform.ts'

type Role = 'viewer' | 'developer' | 'admin' | 'owner'
const ROLES = ['viewer', 'developer', 'admin', 'owner'] as const

type Call = (method: string, path: string, body?: unknown) => Promise<ApiAnswer>

let tenant: string
let owner: Person
const members = new Map<Role, Person>()
/** Personal API tokens of the owner, each with a lower role. */
const tokens = new Map<Role, Call>()

beforeAll(async () => {
  owner = await person()
  tenant = await tenantOf(owner)
  members.set('owner', owner)
  for (const role of ['viewer', 'developer', 'admin'] as const) {
    const member = await person()
    const { body } = await owner.call('POST', `/tenants/${tenant}/invitations`, { role })
    await fetchPlatform(new URL(body.url).pathname, {
      method: 'POST',
      headers: { Cookie: member.cookie, Origin: ORIGIN, 'Content-Type': 'application/x-www-form-urlencoded' },
      body: '',
    })
    members.set(role, member)
  }
  for (const role of ROLES) {
    const { body } = await owner.call('POST', '/me/tokens', { name: role, tenant, role })
    tokens.set(role, (method, path, sent) => owner.call(method, path, sent, { Authorization: `Bearer ${body.token}`, Cookie: '' }))
  }
})

const callersOf = (role: Role): [string, Call][] => [
  ['member', members.get(role)!.call],
  ['token', tokens.get(role)!],
]

const VALUES: Record<Exclude<keyof typeof SERVER_FIELDS, 'slug'>, unknown> = {
  name: 'Another name',
  description: 'Says hello',
  icon: 'https://example.com/icon.png',
  access: 'public',
  clients: 'approved',
  registration: 'closed',
  machineScopes: ['mcp:read'],
  challenge: 'least',
  origins: ['https://app.example.com'],
  egress: ['api.example.com'],
  limits: { deadlineSeconds: 60, totalSeconds: 120, concurrentCalls: 2 },
}
const RANK = (role: Role) => ROLES.indexOf(role)

describe('field of a hosted server', () => {
  it.each(Object.entries(VALUES))('%s requires the same role in a creation and in a change', async (field, value) => {
    const needed = SERVER_FIELDS[field as keyof typeof VALUES]
    for (const role of ['developer', 'admin'] as const) {
      for (const [kind, call] of callersOf(role)) {
        const allowed = RANK(role) >= RANK(needed)
        const slug = freshSlug('s')
        const made = await call('POST', `/tenants/${tenant}/servers`, { slug, name: 'Hello', [field]: value })
        expect([kind, role, made.status]).toEqual([kind, role, allowed ? 201 : 403])
        if (!allowed) expect((await owner.call('POST', `/tenants/${tenant}/servers`, { slug, name: 'Hello' })).status).toBe(201)
        const changed = await call('PATCH', `/tenants/${tenant}/servers/${slug}`, { [field]: value })
        expect([kind, role, changed.status]).toEqual([kind, role, allowed ? 200 : 403])
        const { body } = await owner.call('GET', `/tenants/${tenant}/servers/${slug}`)
        expect(JSON.stringify(body[field]) === JSON.stringify(value)).toBe(allowed)
        if (allowed) continue
        for (const refused of [made, changed]) {
          expect(refused.body.detail).toBe(`\`${field}\` requires the role admin in ${tenant}; your role is developer.`)
          expect(refused.body.errors).toEqual([{ pointer: `/${field}`, detail: 'requires the role admin; your role is developer' }])
        }
      }
    }
  })

  it('is refused to a developer even with the default value, together with every other such field', async () => {
    const developer = members.get('developer')!
    const body = { slug: freshSlug('s'), name: 'x', access: 'members', egress: [], limits: { deadlineSeconds: 30, concurrentCalls: 64 } }
    const refused = await developer.call('POST', `/tenants/${tenant}/servers`, body)
    expect([refused.status, refused.body.errors.map(({ pointer }: { pointer: string }) => pointer)]).toEqual([
      403,
      ['/access', '/egress', '/limits'],
    ])
    expect(refused.body.detail).toContain('`access`, `egress`, `limits` require the role admin')
    expect((await owner.call('GET', `/tenants/${tenant}/servers/${body.slug}`)).status).toBe(404)
  })

  it('cannot be written by a viewer', async () => {
    const slug = freshSlug('s')
    await owner.call('POST', `/tenants/${tenant}/servers`, { slug, name: 'x' })
    for (const [, call] of callersOf('viewer')) {
      expect((await call('PATCH', `/tenants/${tenant}/servers/${slug}`, { name: 'y' })).status).toBe(403)
      expect((await call('POST', `/tenants/${tenant}/servers`, { slug: freshSlug('s'), name: 'x' })).status).toBe(403)
    }
  })
})

it('resources with a creation and a change require the same role for both', async () => {
  const server = freshSlug('s')
  await owner.call('POST', `/tenants/${tenant}/servers`, { slug: server, name: 'x' })
  const client = async () =>
    (await owner.call('POST', `/tenants/${tenant}/clients`, { name: 'x', grantTypes: ['client_credentials'] })).body.clientId as string
  const at = `/tenants/${tenant}/servers/${server}`
  const clientId = await client()
  const { body: provider } = await owner.call('POST', `/tenants/${tenant}/identity-providers`, { name: 'x', issuer: 'https://idp.example' })
  const writes: [Role, string, string, unknown][] = [
    ['admin', 'POST', `/tenants/${tenant}/clients`, { name: 'x', grantTypes: ['client_credentials'] }],
    ['admin', 'PATCH', `/tenants/${tenant}/clients/${clientId}`, { name: 'y' }],
    ['admin', 'POST', `/tenants/${tenant}/clients/${clientId}/secret`, {}],
    ['owner', 'POST', `/tenants/${tenant}/identity-providers`, { name: 'x', issuer: 'https://idp.example' }],
    ['owner', 'PATCH', `/tenants/${tenant}/identity-providers/${provider.id}`, { name: 'y' }],
    ['admin', 'PUT', `${at}/machine-grants/${clientId}`, { scopes: ['mcp:read'] }],
    ['admin', 'POST', `${at}/access-keys`, { name: 'x', scopes: ['mcp:read'], clientId }],
    ['admin', 'POST', `${at}/initial-access-tokens`, { name: 'x' }],
    ['admin', 'POST', `/tenants/${tenant}/invitations`, { role: 'viewer' }],
    ['admin', 'POST', `${at}/client-approvals`, { clientId: 'c', state: 'approved' }],
    ['admin', 'PATCH', `/tenants/${tenant}`, { name: 'Acme' }],
  ]
  for (const [needed, method, path, body] of writes) {
    for (const role of ROLES) {
      for (const [kind, call] of callersOf(role)) {
        const { status } = await call(method, path, body)
        expect([path, kind, role, status === 403]).toEqual([path, kind, role, RANK(role) < RANK(needed)])
      }
    }
  }
})
