import { createExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { eq } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { serverUrls } from '../../protocol/location.ts'
import { deleteExpired } from '../../store/expired.ts'
import { hostedServers, retiredServers } from '../../store/schema/servers.ts'
import { retiredTenants, tenants } from '../../store/schema/tenants.ts'
import worker from '../../workers/index.ts'
import { openSession } from '../support/legacy.ts'
import { callModern } from '../support/modern.ts'
import { person, tenantOf, upload, type Person } from '../support/person.ts'
import { addresses, createToken, fetchPlatform, freshSlug, ORIGIN, store, type TestServer } from '../support/platform.ts'

const daysAgo = (days: number) => new Date(Date.now() - days * 24 * 3600_000)

async function join(owner: Person, tenant: string, role: string): Promise<Person> {
  const member = await person()
  const { body } = await owner.call('POST', `/tenants/${tenant}/invitations`, { role })
  await fetchPlatform(new URL(body.url).pathname, {
    method: 'POST',
    headers: { Cookie: member.cookie, Origin: ORIGIN, 'Content-Type': 'application/x-www-form-urlencoded' },
    body: '',
  })
  return member
}

const create = async (who: Person, slug: string) => (await who.call('POST', '/tenants', { slug, name: 'x' })).status

/** Creates a tenant on a platform with a different rest. */
async function createWithRest(who: Person, slug: string, days: string): Promise<number> {
  const request = new Request<unknown, IncomingRequestCfProperties>(`${ORIGIN}/api/tenants`, {
    method: 'POST',
    headers: { Cookie: who.cookie, Origin: ORIGIN, 'Content-Type': 'application/json' },
    body: JSON.stringify({ slug, name: 'x' }),
  })
  return (await worker.fetch(request, { ...env, SLUG_REST_DAYS: days }, createExecutionContext())).status
}

/** Creates a server of the API with a version that says `greeting`. */
async function serverOf(owner: Person, tenant: string, slug: string, greeting: string, access = 'members'): Promise<TestServer> {
  expect((await owner.call('POST', `/tenants/${tenant}/servers`, { slug, name: 'x', access })).status).toBe(201)
  expect((await owner.call('POST', `/tenants/${tenant}/servers/${slug}/versions`, upload(greeting))).body.active).toBe(true)
  const [row] = await store
    .select()
    .from(hostedServers)
    .innerJoin(tenants, eq(tenants.id, hostedServers.tenantId))
    .where(eq(tenants.slug, tenant))
  const { id, email } = (await owner.call('GET', '/me')).body.user
  return {
    tenant: { id: row!.tenants.id, slug: tenant, owner: { id, email } },
    slug,
    id: row!.hosted_servers.id,
    urls: serverUrls({ tenant, server: slug }, 'path', addresses),
    definition: () => Promise.reject(new Error('not used')),
  }
}

const say = async (server: TestServer, token?: string) => {
  const response = await callModern(server, { params: { name: 'hello' }, ...(token === undefined ? {} : { token }) })
  return [response.status, await response.text()] as const
}

describe('slug of a deleted tenant', () => {
  it('can be taken back by every former owner, and by no former member or stranger', async () => {
    const [owner, stranger] = [await person(), await person()]
    const slug = await tenantOf(owner)
    const second = await join(owner, slug, 'owner')
    const admin = await join(owner, slug, 'admin')
    expect((await owner.call('DELETE', `/tenants/${slug}`)).status).toBe(204)
    for (const who of [stranger, admin]) {
      const refused = await who.call('POST', '/tenants', { slug, name: 'x' })
      expect([refused.status, refused.body.errors]).toEqual([
        409,
        [
          {
            pointer: '/slug',
            detail: expect.stringMatching(/^was the slug of a deleted tenant, whose owners can take it back until \d{4}-\d\d-\d\d$/),
          },
        ],
      ])
    }
    expect(await create(second, slug)).toBe(201)
    expect(await store.select().from(retiredTenants).where(eq(retiredTenants.slug, slug))).toEqual([])
    expect((await second.call('DELETE', `/tenants/${slug}`)).status).toBe(204)
    expect([await create(owner, slug), await create(second, slug)]).toEqual([409, 201])
  })

  it('rests for 90 days, or as long as the operator says', async () => {
    const [owner, stranger] = [await person(), await person()]
    const slug = await tenantOf(owner)
    await owner.call('DELETE', `/tenants/${slug}`)
    const age = (days: number) =>
      store
        .update(retiredTenants)
        .set({ retiredAt: daysAgo(days) })
        .where(eq(retiredTenants.slug, slug))
    await age(89.9)
    expect(await create(stranger, slug)).toBe(409)
    await deleteExpired(store, new Date())
    expect(await createWithRest(stranger, slug, '90')).toBe(409)
    expect(await createWithRest(stranger, slug, '89')).toBe(201)
    await stranger.call('DELETE', `/tenants/${slug}`)
    expect([await create(owner, slug), await createWithRest(owner, slug, '0')]).toEqual([409, 201])
    await owner.call('DELETE', `/tenants/${slug}`)
    await age(90.1)
    await deleteExpired(store, new Date())
    expect(await store.select().from(retiredTenants).where(eq(retiredTenants.slug, slug))).toEqual([])
    expect(await create(stranger, slug)).toBe(201)
  })

  it('goes to one of the former owners when they race with strangers and with the deletion', async () => {
    const owner = await person()
    const slug = await tenantOf(owner)
    const second = await join(owner, slug, 'owner')
    const strangers = await Promise.all(Array.from({ length: 4 }, () => person()))
    const attempts = await Promise.all([
      owner.call('DELETE', `/tenants/${slug}`).then(({ status }) => status),
      ...strangers.flatMap((who) => [create(who, slug), create(who, slug)]),
    ])
    expect(attempts).toEqual([204, ...Array.from({ length: 8 }, () => 409)])
    const taken = await Promise.all([owner, second, ...strangers, owner, second].map((who) => create(who, slug)))
    expect(taken.filter((status) => status === 201)).toHaveLength(1)
    expect(taken.slice(2, 6)).toEqual([409, 409, 409, 409])
  })

  it('is kept for at most 200 tenants that a user deleted', async () => {
    const owner = await person()
    const { id } = (await owner.call('GET', '/me')).body.user
    const row = (n: number) => ({ slug: freshSlug('old'), tenantId: `old-${n}`, owners: [id], retiredBy: id, retiredAt: daysAgo(2) })
    for (let n = 0; n < 200; n += 10) await store.insert(retiredTenants).values(Array.from({ length: 10 }, (_, index) => row(n + index)))
    const slug = await tenantOf(owner)
    await owner.call('DELETE', `/tenants/${slug}`)
    const kept = await store.select().from(retiredTenants).where(eq(retiredTenants.retiredBy, id))
    expect(kept).toHaveLength(200)
    expect(kept.map((each) => each.slug)).toContain(slug)
  })
})

describe('slug of a deleted server', () => {
  it('can be taken back by an admin, and by no developer while it rests', async () => {
    const owner = await person()
    const tenant = await tenantOf(owner)
    const [developer, admin] = [await join(owner, tenant, 'developer'), await join(owner, tenant, 'admin')]
    const slug = freshSlug('s')
    const make = (who: Person) => who.call('POST', `/tenants/${tenant}/servers`, { slug, name: 'x' })
    expect((await make(developer)).status).toBe(201)
    expect((await admin.call('DELETE', `/tenants/${tenant}/servers/${slug}`)).status).toBe(204)
    const refused = await make(developer)
    expect([refused.status, refused.body.errors[0]]).toEqual([
      409,
      {
        pointer: '/slug',
        detail: expect.stringMatching(/^was the slug of a deleted server; until \d{4}-\d\d-\d\d only an admin can take it back/),
      },
    ])
    expect((await make(admin)).status).toBe(201)
    await admin.call('DELETE', `/tenants/${tenant}/servers/${slug}`)
    await store
      .update(retiredServers)
      .set({ retiredAt: daysAgo(91) })
      .where(eq(retiredServers.slug, slug))
    expect((await make(developer)).status).toBe(201)
    await admin.call('DELETE', `/tenants/${tenant}/servers/${slug}`)
    expect((await owner.call('DELETE', `/tenants/${tenant}`)).status).toBe(204)
    expect(await store.select().from(retiredServers).where(eq(retiredServers.slug, slug))).toEqual([])
  })
})

describe('token of a deleted server', () => {
  it.each(['members', 'signed-in'])('does not open the next server of the same slugs at any time, with access %s', async (access) => {
    const [owner, next] = [await person(), await person()]
    const tenant = await tenantOf(owner)
    const slug = freshSlug('s')
    const old = await serverOf(owner, tenant, slug, 'the old server', 'signed-in')
    const { token } = await createToken(old)
    expect((await say(old, token))[1]).toContain('the old server')
    const session = await openSession(old, { token })
    const key = (await owner.call('POST', `/tenants/${tenant}/servers/${slug}/access-keys`, { name: 'x', scopes: ['mcp:read'] })).body.key
    expect((await say(old, key))[1]).toContain('the old server')

    await owner.call('DELETE', `/tenants/${tenant}`)
    expect(await createWithRest(next, tenant, '0')).toBe(201)
    const server = await serverOf(next, tenant, slug, 'the new server', access)
    const until = Date.now() + 10_500
    while (Date.now() < until) {
      for (const bearer of [token, key]) expect((await say(server, bearer))[0]).toBe(401)
      expect((await session.call(1, 'hello')).status).toBe(401)
      await scheduler.wait(1_500)
    }
    const { token: own } = await createToken(server)
    expect((await say(server, own))[1]).toContain('the new server')
    expect((await say(server, token))[0]).toBe(401)
  })

  it('does not open the next server when the deletion was in a different isolate', async () => {
    const owner = await person()
    const tenant = await tenantOf(owner)
    const slug = freshSlug('s')
    const old = await serverOf(owner, tenant, slug, 'the old server', 'signed-in')
    const { token } = await createToken(old)
    expect((await say(old, token))[0]).toBe(200)
    // this isolate does not learn of these changes
    const [row] = await store.select().from(hostedServers).where(eq(hostedServers.id, old.id))
    await store.delete(hostedServers).where(eq(hostedServers.id, old.id))
    await store.insert(hostedServers).values({ ...row!, id: `next-${old.id}`, access: 'members', activeVersionId: null })
    const until = Date.now() + 11_000
    let status = 0
    while (Date.now() < until) {
      const [code, text] = await say(old, token)
      // the server that no longer exists may answer from the cache of the isolate
      if (code !== 401) expect(text).toContain('the old server')
      status = code
      await scheduler.wait(1_000)
    }
    expect(status).toBe(401)
  })

  it('does not open the server that the same owner makes again', async () => {
    const owner = await person()
    const tenant = await tenantOf(owner)
    const slug = freshSlug('s')
    const old = await serverOf(owner, tenant, slug, 'the old server')
    const { token } = await createToken(old)
    expect((await say(old, token))[0]).toBe(200)
    await owner.call('DELETE', `/tenants/${tenant}/servers/${slug}`)
    const server = await serverOf(owner, tenant, slug, 'the new server')
    expect((await say(server, token))[0]).toBe(401)
    const { token: own } = await createToken(server)
    expect((await say(server, own))[1]).toContain('the new server')
  })
})
