import { createExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { and, eq, isNull } from 'drizzle-orm'
import { beforeAll, describe, expect, it } from 'vitest'
import { sha256 } from '../../protocol/random.ts'
import { clients, initialAccessTokens } from '../../store/schema/clients.ts'
import { identityProviders } from '../../store/schema/identities.ts'
import { accessKeys } from '../../store/schema/machines.ts'
import { idempotencyKeys } from '../../store/schema/people.ts'
import { hostedServers } from '../../store/schema/servers.ts'
import { auditEvents, invitations, personalTokens, tenants } from '../../store/schema/tenants.ts'
import worker from '../../workers/index.ts'
import { dyingAt, type Death } from '../support/dying-d1.ts'
import { person, tenantOf, upload, type Person } from '../support/person.ts'
import { freshSlug, ORIGIN, store } from '../support/platform.ts'

let owner: Person
let userId: string
let tenant: string
let tenantId: string
let server: string
let client: string
let provider: string

beforeAll(async () => {
  owner = await person()
  userId = (await owner.call('GET', '/me')).body.user.id
  tenant = await tenantOf(owner)
  tenantId = (await store.select().from(tenants).where(eq(tenants.slug, tenant)))[0]!.id
  server = freshSlug('s')
  await owner.call('POST', `/tenants/${tenant}/servers`, { slug: server, name: 'x' })
  await owner.call('POST', `/tenants/${tenant}/servers/${server}/versions`, { ...upload(), activate: false })
  client = (await owner.call('POST', `/tenants/${tenant}/clients`, { name: 'x', grantTypes: ['client_credentials'] })).body.clientId
  provider = (await owner.call('POST', `/tenants/${tenant}/identity-providers`, { name: 'x', issuer: 'https://idp.example' })).body.id
})

interface Mutation {
  path: () => string
  body: () => unknown
  /** Name and value of a secret of the reply are stored as a hash. */
  secret?: { of: (body: Record<string, string>) => string; isStored: (hash: string) => Promise<boolean> }
  /** Audit action, of which each mutation writes one event. */
  action: string
  /** Deletes what was made, because a user or a tenant may have a limited number. */
  cleanUp?: () => Promise<unknown>
}

const one = async (rows: Promise<unknown[]>) => (await rows).length === 1
const at = () => `/tenants/${tenant}/servers/${server}`

const MUTATIONS: Record<string, Mutation> = {
  'a tenant': {
    path: () => '/tenants',
    body: () => ({ slug: freshSlug('t'), name: 'x' }),
    action: 'tenant.created',
    cleanUp: deleteOtherTenants,
  },
  'a personal API token': {
    path: () => '/me/tokens',
    body: () => ({ name: 'x', tenant, role: 'viewer' }),
    action: 'personal-token.created',
    secret: {
      of: ({ token }) => token!,
      isStored: (hash) => one(store.select().from(personalTokens).where(eq(personalTokens.tokenHash, hash))),
    },
    cleanUp: () => store.delete(personalTokens).where(eq(personalTokens.userId, userId)),
  },
  'an invitation': {
    path: () => `/tenants/${tenant}/invitations`,
    body: () => ({ role: 'viewer' }),
    action: 'invitation.created',
    secret: {
      of: ({ url }) => url!.split('/').at(-1)!,
      isStored: (hash) => one(store.select().from(invitations).where(eq(invitations.tokenHash, hash))),
    },
  },
  'a client': {
    path: () => `/tenants/${tenant}/clients`,
    body: () => ({ name: 'x', grantTypes: ['client_credentials'] }),
    action: 'client.created',
    secret: { of: ({ secret }) => secret!, isStored: (hash) => one(store.select().from(clients).where(eq(clients.secretHash, hash))) },
  },
  'a new secret': {
    path: () => `/tenants/${tenant}/clients/${client}/secret`,
    body: () => ({ overlapHours: 1 }),
    action: 'client.secret-rotated',
    secret: { of: ({ secret }) => secret!, isStored: (hash) => one(store.select().from(clients).where(eq(clients.secretHash, hash))) },
  },
  'an identity provider': {
    path: () => `/tenants/${tenant}/identity-providers`,
    body: () => ({ name: 'x', issuer: 'https://other-idp.example', assertions: true }),
    action: 'identity-provider.created',
    cleanUp: () => store.delete(identityProviders).where(eq(identityProviders.issuer, 'https://other-idp.example')),
  },
  'an identity link': {
    path: () => `/tenants/${tenant}/identity-providers/${provider}/links`,
    body: () => ({ subject: freshSlug('subject'), userId }),
    action: 'identity-link.created',
    cleanUp: async () => {
      for (const { id } of (await owner.call('GET', `/tenants/${tenant}/identity-providers/${provider}/links`)).body.items)
        await owner.call('DELETE', `/tenants/${tenant}/identity-providers/${provider}/links/${id}`)
    },
  },
  'a hosted server': {
    path: () => `/tenants/${tenant}/servers`,
    body: () => ({ slug: freshSlug('s'), name: 'x', access: 'public' }),
    action: 'server.created',
    cleanUp: () => store.delete(hostedServers).where(and(eq(hostedServers.tenantId, tenantId), eq(hostedServers.access, 'public'))),
  },
  'an initial access token': {
    path: () => `${at()}/initial-access-tokens`,
    body: () => ({ name: 'x' }),
    action: 'initial-access-token.created',
    secret: {
      of: ({ token }) => token!,
      isStored: (hash) => one(store.select().from(initialAccessTokens).where(eq(initialAccessTokens.tokenHash, hash))),
    },
  },
  'an access key': {
    path: () => `${at()}/access-keys`,
    body: () => ({ name: 'x', scopes: ['mcp:read'] }),
    action: 'access-key.created',
    secret: { of: ({ key }) => key!, isStored: (hash) => one(store.select().from(accessKeys).where(eq(accessKeys.keyHash, hash))) },
  },
  'a version': { path: () => `${at()}/versions`, body: () => upload(freshSlug('hello')), action: 'version.uploaded' },
  'an activation': { path: () => `${at()}/versions/1/activate`, body: () => ({}), action: 'version.activated' },
}

async function deleteOtherTenants() {
  for (const { slug } of (await owner.call('GET', '/me')).body.tenants)
    if (slug !== tenant) await store.delete(tenants).where(eq(tenants.slug, slug))
}

/** Sends the request to a platform that dies at the given call of D1. */
async function sendDying(path: string, body: unknown, key: string, death: Death): Promise<{ status: number; calls: number }> {
  const { database, calls } = dyingAt(death)
  const response = await worker.fetch(
    new Request<unknown, IncomingRequestCfProperties>(new URL(`/api${path}`, ORIGIN), {
      method: 'POST',
      headers: { Cookie: owner.cookie, Origin: ORIGIN, 'Content-Type': 'application/json', 'Idempotency-Key': key },
      body: JSON.stringify(body),
    }),
    { ...env, DB: database },
    createExecutionContext(),
  )
  await response.text()
  return { status: response.status, calls: calls() }
}

const endLeases = () =>
  store
    .update(idempotencyKeys)
    .set({ leaseUntil: 0 })
    .where(and(eq(idempotencyKeys.userId, userId), isNull(idempotencyKeys.status)))

const effects = async (action: string) =>
  (
    await store
      .select({ id: auditEvents.id })
      .from(auditEvents)
      .where(and(eq(auditEvents.actor, userId), eq(auditEvents.action, action as 'client.created')))
  ).length

describe.each(Object.entries(MUTATIONS))('Idempotency-Key for %s', (_, { path, body, action, secret, cleanUp }) => {
  it.each(['before', 'after'] as const)(
    'has one effect and one reply when the platform dies %s any call of the database',
    async (moment) => {
      for (let call = 1; ; call++) {
        expect(call).toBeLessThan(40)
        const key = { 'Idempotency-Key': freshSlug('key') }
        const [asked, where] = [body(), path()]
        const start = await effects(action)
        const first = await sendDying(where, asked, key['Idempotency-Key'], { call, moment })
        const stored = (await effects(action)) - start
        expect([0, 1]).toContain(stored)
        await endLeases()
        const retried = await owner.call('POST', where, asked, key)
        expect([call, retried.status, retried.body]).toEqual([
          call,
          action.includes('rotated') || action.includes('activated') ? 200 : 201,
          expect.anything(),
        ])
        expect([call, (await effects(action)) - start]).toEqual([call, 1])
        if (secret) expect(await secret.isStored(await sha256(secret.of(retried.body)))).toBe(true)
        const again = await owner.call('POST', where, asked, key)
        expect([again.status, again.body]).toEqual([retried.status, retried.body])
        expect((await effects(action)) - start).toBe(1)
        await cleanUp?.()
        if (first.calls < call) break // the platform lived
      }
    },
  )
})

describe('Idempotency-Key', () => {
  it('is claimed by a retry within six seconds when a run died before its mutation, and the late run stores nothing', async () => {
    const key = { 'Idempotency-Key': freshSlug('key') }
    const asked = { name: 'x', grantTypes: ['client_credentials'] }
    const where = `/tenants/${tenant}/clients`
    const start = await effects('client.created')
    await sendDying(where, asked, key['Idempotency-Key'], { call: 4, moment: 'before' })
    const began = Date.now()
    let retried = await owner.call('POST', where, asked, key)
    while (retried.status === 409) {
      expect([retried.body.title, retried.headers.get('Retry-After')]).toEqual(['Still running', '1'])
      await scheduler.wait(200)
      retried = await owner.call('POST', where, asked, key)
    }
    expect(retried.status).toBe(201)
    expect(Date.now() - began).toBeLessThan(6_000)
    expect((await effects('client.created')) - start).toBe(1)
  })

  it('is not taken over while a run lives, even if the run takes longer than the lease', async () => {
    const key = { 'Idempotency-Key': freshSlug('key') }
    const slow = `import main from './main.js'
export default { async fetch(request) { await scheduler.wait(2500); return main.fetch(request) } }`
    const asked = { ...upload(), modules: { 'index.js': slow, 'main.js': upload().modules['index.js'] } }
    const start = await effects('version.uploaded')
    const first = owner.call('POST', `${at()}/versions`, asked, key)
    const statuses = new Set<number>()
    const state = { isDone: false }
    void first.finally(() => (state.isDone = true))
    while (!state.isDone) {
      await scheduler.wait(500)
      if (!state.isDone) statuses.add((await owner.call('POST', `${at()}/versions`, asked, key)).status)
    }
    const { status, body } = await first
    expect([status, body.state]).toEqual([201, 'ready'])
    statuses.delete(201) // the last one can arrive after the first reply
    expect([...statuses]).toEqual([409])
    expect((await owner.call('POST', `${at()}/versions`, asked, key)).body.number).toBe(body.number)
    expect((await effects('version.uploaded')) - start).toBe(1)
  })

  it('has one effect when a retry takes over from a run that still lives', async () => {
    const key = { 'Idempotency-Key': freshSlug('key') }
    const slow = `import main from './main.js'
export default { async fetch(request) { await scheduler.wait(600); return main.fetch(request) } }`
    const asked = { ...upload(), modules: { 'index.js': slow, 'main.js': upload().modules['index.js'] } }
    const start = await effects('version.uploaded')
    const runs = [owner.call('POST', `${at()}/versions`, asked, key)]
    for (let n = 0; n < 3; n++) {
      await scheduler.wait(300)
      await endLeases()
      runs.push(owner.call('POST', `${at()}/versions`, asked, key))
    }
    const replies = await Promise.all(runs)
    expect(
      replies
        .map(({ status }) => status)
        .toSorted()
        .slice(0, 1),
    ).toEqual([201])
    for (const { status, body } of replies) if (status !== 201) expect([status, body.title]).toEqual([409, 'Still running'])
    expect((await effects('version.uploaded')) - start).toBe(1)
  })

  it('gives only its user the reply, and no reader of the database a secret', async () => {
    const key = { 'Idempotency-Key': freshSlug('key') }
    const asked = { name: 'x', tenant, role: 'viewer' }
    const made = await owner.call('POST', '/me/tokens', asked, key)
    const other = await person()
    expect((await other.call('POST', '/me/tokens', asked, key)).status).toBe(400)
    const rows = JSON.stringify(await store.select().from(idempotencyKeys))
    expect(rows).not.toContain(made.body.token)
    expect(rows).not.toContain(made.body.id)
    // the reply of one key does not open for another key
    const [row] = await store.select().from(idempotencyKeys).where(eq(idempotencyKeys.key, key['Idempotency-Key']))
    const next = { 'Idempotency-Key': freshSlug('key') }
    await owner.call('POST', '/me/tokens', asked, next)
    await store.update(idempotencyKeys).set({ body: row!.body }).where(eq(idempotencyKeys.key, next['Idempotency-Key']))
    const refused = await owner.call('POST', '/me/tokens', asked, next)
    expect([refused.status, refused.body.title]).toEqual([409, 'Done before'])
  })

  it('is free again after a refused request', async () => {
    const key = { 'Idempotency-Key': freshSlug('key') }
    expect((await owner.call('POST', '/me/tokens', { name: 'x', tenant: 'nobody', role: 'viewer' }, key)).status).toBe(400)
    expect((await owner.call('POST', '/me/tokens', { name: 'x', tenant, role: 'viewer' }, key)).status).toBe(201)
  })
})
