import { createExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { and, eq } from 'drizzle-orm'
import { beforeAll, describe, expect, it } from 'vitest'
import { grants } from '../../store/schema/grants.ts'
import { hostedServers, versions } from '../../store/schema/servers.ts'
import { auditEvents, invitations, tenants } from '../../store/schema/tenants.ts'
import { AUDIT_ACTIONS, type AuditAction } from '../../protocol/audit.ts'
import worker from '../../workers/index.ts'
import { csvOf } from '../../workers/api/csv.ts'
import operations from '../../docs/operations.md?raw'
import { failingFrom } from '../support/failing-d1.ts'
import { person, tenantOf, upload, type Person } from '../support/person.ts'
import { fetchPlatform, freshSlug, ORIGIN, store } from '../support/platform.ts'

let owner: Person
let slug: string
let tenantId: string
let base: string
let server: string
beforeAll(async () => {
  owner = await person()
  slug = await tenantOf(owner)
  base = `/tenants/${slug}`
  server = `${base}/servers/${freshSlug('s')}`
  const [tenant] = await store.select().from(tenants).where(eq(tenants.slug, slug))
  tenantId = tenant!.id
  await owner.call('POST', `${base}/servers`, { slug: server.split('/').at(-1), name: 'Hello' })
  await owner.call('POST', `${server}/versions`, upload())
})

const recorded = (action: AuditAction) =>
  store
    .select()
    .from(auditEvents)
    .where(and(eq(auditEvents.tenantId, tenantId), eq(auditEvents.action, action)))

interface Change {
  call: [method: string, path: string, body?: unknown]
  hasChanged: () => Promise<boolean>
  detail: object
}

function callOn(database: D1Database, [method, path, body]: Change['call']) {
  const headers = { Cookie: owner.cookie, Origin: ORIGIN, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) }
  const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) }
  const request = new Request<unknown, IncomingRequestCfProperties>(`${ORIGIN}/api${path}`, init)
  return worker.fetch(request, { ...env, DB: database }, createExecutionContext())
}

it.each<{ action: AuditAction; prepare: () => Promise<Change> }>([
  {
    action: 'invitation.withdrawn',
    async prepare() {
      const { id } = (await owner.call('POST', `${base}/invitations`, { role: 'viewer' })).body
      const isGone = async () => (await store.select().from(invitations).where(eq(invitations.id, id))).length === 0
      return { call: ['DELETE', `${base}/invitations/${id}`], hasChanged: isGone, detail: { invitationId: id } }
    },
  },
  {
    action: 'tenant.renamed',
    async prepare() {
      const isRenamed = async () => (await store.select().from(tenants).where(eq(tenants.id, tenantId)))[0]?.name === 'Acme & Co'
      return { call: ['PATCH', base, { name: 'Acme & Co' }], hasChanged: isRenamed, detail: { name: 'Acme & Co' } }
    },
  },
  {
    action: 'version.activated',
    async prepare() {
      await owner.call('POST', `${server}/versions`, { ...upload('goodbye'), activate: false })
      const [, second] = await store.select().from(versions).where(eq(versions.tenantId, tenantId)).orderBy(versions.number)
      const isActive = async () =>
        (await store.select().from(hostedServers).where(eq(hostedServers.tenantId, tenantId)))[0]?.activeVersionId === second?.id
      return { call: ['POST', `${server}/versions/2/activate`], hasChanged: isActive, detail: { number: 2 } }
    },
  },
  {
    action: 'version.uploaded',
    async prepare() {
      const all = () => store.select().from(versions).where(eq(versions.tenantId, tenantId))
      const before = (await all()).length
      const body = { ...upload('again'), activate: false }
      const detail = { number: before + 1, state: 'ready', bundleHash: expect.stringMatching(/^[0-9a-f]{64}$/) }
      return { call: ['POST', `${server}/versions`, body], hasChanged: async () => (await all()).length > before, detail }
    },
  },
])('$action is recorded together with its change or not at all, whichever statement fails', async ({ action, prepare }) => {
  const { call, hasChanged, detail } = await prepare()
  const before = (await recorded(action)).length
  for (let works = 1; ; works++) {
    const response = await callOn(failingFrom(works), call)
    const events = (await recorded(action)).slice(before)
    if (await hasChanged()) {
      expect(events).toMatchObject([{ actor: (await owner.call('GET', '/me')).body.user.id, detail }])
      break
    }
    expect([events.length, response.status]).toEqual([0, 503])
  }
})

it('audit event names its hosted server until that server is deleted', async () => {
  const gone = freshSlug('s')
  await owner.call('POST', `${base}/servers`, { slug: gone, name: 'Gone' })
  const { items } = (await owner.call('GET', `${base}/audit`)).body
  expect(items[0]).toMatchObject({ action: 'server.created', server: gone, serverId: expect.any(String) })
  expect(items.at(-1)).toMatchObject({ action: 'tenant.created', server: null, serverId: null })
  await owner.call('DELETE', `${base}/servers/${gone}`)
  const [deleted, created] = (await owner.call('GET', `${base}/audit`)).body.items
  expect(deleted).toMatchObject({ action: 'server.deleted', server: null, serverId: items[0].serverId, detail: { slug: gone } })
  expect(created).toMatchObject({ action: 'server.created', server: null, serverId: items[0].serverId })
})

it('audit log has one event when three requests delete the same thing at the same time', async () => {
  const { id: userId } = (await owner.call('GET', '/me')).body.user
  const name = freshSlug('s')
  await owner.call('POST', `${base}/servers`, { slug: name, name: 'Short-lived' })
  const [{ id: serverId } = { id: '' }] = await store.select().from(hostedServers).where(eq(hostedServers.slug, name))
  const grant = { issuer: 'here', tenantId, serverId, userId, clientId: 'app', scopes: ['mcp:read' as const], resource: 'r', record: '{}' }
  await store.insert(grants).values({ ...grant, id: 'g' })
  const provider = await owner.call('POST', `${base}/identity-providers`, { name: 'Staff', issuer: 'https://idp.example' })
  const providerPath = `${base}/identity-providers/${provider.body.id}`
  const link = await owner.call('POST', `${providerPath}/links`, { subject: 'me', userId })
  for (const [path, action] of [
    [`${base}/servers/${name}/grants/g`, 'grant.ended'],
    [`${base}/servers/${name}`, 'server.deleted'],
    [`${providerPath}/links/${link.body.id}`, 'identity-link.deleted'],
    [providerPath, 'identity-provider.deleted'],
  ] as const) {
    const before = (await recorded(action)).length
    const statuses = (await Promise.all([1, 2, 3].map(() => owner.call('DELETE', path)))).map(({ status }) => status)
    expect([path, statuses.filter((status) => status === 204).length]).toEqual([path, 1])
    expect([path, (await recorded(action)).length]).toEqual([path, before + 1])
  }
})

it('invitation.withdrawn is recorded once, and never for an accepted invitation', async () => {
  const { id } = (await owner.call('POST', `${base}/invitations`, { role: 'viewer' })).body
  await store.update(invitations).set({ acceptedAt: new Date() }).where(eq(invitations.id, id))
  const before = (await recorded('invitation.withdrawn')).length
  expect((await owner.call('DELETE', `${base}/invitations/${id}`)).status).toBe(404)
  await store.update(invitations).set({ acceptedAt: null }).where(eq(invitations.id, id))
  const twice = await Promise.all([1, 2].map(() => owner.call('DELETE', `${base}/invitations/${id}`)))
  expect(twice.map(({ status }) => status).toSorted()).toEqual([204, 404])
  expect(await recorded('invitation.withdrawn')).toHaveLength(before + 1)
})

it('audit actions are all written by code and listed in docs/operations.md in the same order', () => {
  expect([...operations.matchAll(/^\| `([a-z-]+\.[a-z-]+)` \| .+ \|$/gm)].map(([, action]) => action)).toEqual(AUDIT_ACTIONS)
  const writers = import.meta.glob<string>('../../{store,workers}/**/*.ts', { query: '?raw', import: 'default', eager: true })
  const code = Object.values(writers).join('\n')
  expect(AUDIT_ACTIONS.filter((action) => !code.includes(`'${action}'`))).toEqual([])
})

describe('the audit log of a tenant with two people', () => {
  let own: Person
  let log: string
  let ids: { owner: string; client: string; key: string }
  let removed: string
  beforeAll(async () => {
    own = await person()
    const tenant = await tenantOf(own)
    log = `/tenants/${tenant}/audit`
    removed = freshSlug('s')
    const path = `/tenants/${tenant}/servers/${removed}`
    await own.call('POST', `/tenants/${tenant}/servers`, { slug: removed, name: 'Short-lived' })
    const client = await own.call('POST', `/tenants/${tenant}/clients`, { name: 'Nightly =job', grantTypes: ['client_credentials'] })
    const key = await own.call('POST', `${path}/access-keys`, { name: 'cron', scopes: ['mcp:read'] })
    await own.call('DELETE', `${path}/access-keys/${key.body.id}`)
    await own.call('DELETE', `/tenants/${tenant}/clients/${client.body.clientId}`)
    await own.call('DELETE', path)
    ids = { owner: (await own.call('GET', '/me')).body.user.id, client: client.body.clientId, key: key.body.id }
  })

  const found = async (query: Record<string, string>) => {
    const { body } = await own.call('GET', `${log}?${new URLSearchParams(query)}`)
    return (body.items as { action: AuditAction }[]).map(({ action }) => action)
  }

  it('has the names of people, and of deleted clients, keys and servers', async () => {
    const { items } = (await own.call('GET', log)).body
    const event = (action: AuditAction) => items.find((each: { action: AuditAction }) => each.action === action)
    const { name } = (await own.call('GET', '/me')).body.user
    expect(event('client.deleted').names).toEqual({ [ids.owner]: name, [ids.client]: 'Nightly =job' })
    expect(event('access-key.deleted').names).toEqual({ [ids.owner]: name, [ids.key]: 'cron', [event('server.deleted').serverId]: removed })
  })

  it.each<[Record<string, string>, AuditAction[]]>([
    [{ action: 'client' }, ['client.deleted', 'client.created']],
    [{ action: 'client.created' }, ['client.created']],
    [{ action: 'client.created,access-key' }, ['access-key.deleted', 'access-key.created', 'client.created']],
    [{ search: 'NIGHTLY' }, ['client.created']],
    [{ search: 'client created' }, ['client.created']],
    [{ search: '100%_no' }, []],
    [{ from: '2999-01-01T00:00:00Z' }, []],
    [{ action: 'access-key', to: '2999-01-01T00:00:00Z' }, ['access-key.deleted', 'access-key.created']],
    [{ action: 'access-key', actor: '' }, ['access-key.deleted', 'access-key.created']],
    [{ actor: 'client:none' }, []],
  ])('is filtered by %j', async (query, actions) => {
    expect(await found(query)).toEqual(actions)
  })

  it('is filtered by the person, and searched by the name of the person', async () => {
    const { name } = (await own.call('GET', '/me')).body.user
    const all = await found({})
    expect(await found({ actor: ids.owner })).toEqual(all)
    expect(await found({ search: name.toUpperCase() })).toEqual(all)
  })

  it('keeps the filter from page to page', async () => {
    const first = (await own.call('GET', `${log}?action=client&limit=1`)).body
    const second = (await own.call('GET', `${log}?action=client&limit=1&before=${first.next}`)).body
    expect([first, second].map(({ items }) => items.map(({ action }: { action: string }) => action))).toEqual([
      ['client.deleted'],
      ['client.created'],
    ])
    expect(second.next).toBeUndefined()
  })

  it.each([
    ['action=nothing', '/action'],
    ['action=client,', '/action'],
    ['from=yesterday', '/from'],
    [`search=${'x'.repeat(101)}`, '/search'],
    ['server=No%20slug', '/server'],
  ])('refuses the filter %s and names it', async (query, pointer) => {
    const { status, body } = await own.call('GET', `${log}?${query}`)
    expect([status, body.errors[0].pointer]).toEqual([400, pointer])
  })

  it('is exported as CSV, in which a name is no formula of a spreadsheet', async () => {
    const path = `/api${log}/export`
    const response = await fetchPlatform(`${path}?format=csv&action=client.created`, { headers: { Cookie: own.cookie } })
    expect(response.headers.get('Content-Type')).toBe('text/csv; charset=utf-8')
    expect(response.headers.get('Content-Disposition')).toMatch(/^attachment; filename="audit-[\w-]+\.csv"$/)
    const [head, row, ...rest] = (await response.text()).split('\r\n')
    expect(head).toBe('time,actor,actorName,action,server,detail,names,id')
    expect(row).toContain(`,${ids.owner},`)
    expect(row).toContain('""name"":""Nightly =job""')
    expect(rest).toEqual([''])
    expect(csvOf(['name'], [['=1+1'], ['@x'], ['-2'], ['a "b", c'], ['plain']])).toBe(
      `name\r\n'=1+1\r\n'@x\r\n'-2\r\n"a ""b"", c"\r\nplain\r\n`,
    )
  })

  it('is exported as JSON with every matching event, and refuses another format', async () => {
    const exported = (await own.call('GET', `${log}/export?action=access-key`)).body
    expect(exported).toEqual((await own.call('GET', `${log}?action=access-key`)).body)
    expect((await own.call('GET', `${log}/export?format=xml`)).status).toBe(400)
  })

  it('shows no event and no name to another tenant', async () => {
    const other = await person()
    const tenant = await tenantOf(other)
    const { items } = (await other.call('GET', `/tenants/${tenant}/audit?search=${ids.client}`)).body
    expect(items).toEqual([])
    expect((await other.call('GET', `${log}/export`)).status).toBe(404)
  })
})
