import { env } from 'cloudflare:workers'
import { eq } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { tenants } from '../../store/schema/tenants.ts'
import { openSession } from '../support/legacy.ts'
import { callModern, eventsOf, wireServer } from '../support/modern.ts'
import { authorizationCode, authorizePath, createClient, exchange, obtainTokens, postForm, refresh, signedIn } from '../support/oauth.ts'
import { person, tenantOf, upload, type Person } from '../support/person.ts'
import { createServer, createToken, fetchPlatform, freshSlug, store, surfaceOf, type TestServer } from '../support/platform.ts'

const WHY = 'The invoice of October is not paid'

const suspend = (tenantId: string) =>
  store.update(tenants).set({ suspendedAt: new Date(), suspendedBecause: WHY }).where(eq(tenants.id, tenantId))
const resume = (tenantId: string) =>
  store.update(tenants).set({ suspendedAt: null, suspendedBecause: null }).where(eq(tenants.id, tenantId))

const SLOW = `{ slow: async () => { await scheduler.wait(40000); return { content: [] } }, quick: async () => ({ content: [{ type: 'text', text: 'done' }] }) }`
const surface = surfaceOf(['slow', 'quick'].map((name) => ({ name, inputSchema: { type: 'object' }, annotations: { readOnlyHint: true } })))

const serverOf = () => createServer({ code: wireServer(SLOW), surface })

/** Waits for the end of a promise and returns the milliseconds since `since`. */
async function endsAfter(since: number, promise: Promise<unknown>): Promise<number> {
  await promise
  return Date.now() - since
}

async function untilRefused(server: TestServer, token: string): Promise<Response> {
  for (;;) {
    const response = await callModern(server, { token, params: { name: 'quick' } })
    if (response.status !== 200) return response
    await response.body?.cancel()
    await scheduler.wait(250)
  }
}

async function readAll(response: Response): Promise<string> {
  let text = ''
  for await (const { data } of eventsOf(response)) text += data
  return text
}

describe('suspended tenant', () => {
  it('stops calls, sessions and streams of its servers within 10 s, and their clients read why', async () => {
    const server = await serverOf()
    const { token } = await createToken(server)
    const session = await openSession(server, { token })
    const streams = [
      callModern(server, { token, params: { name: 'slow' } }).then(readAll),
      session.call(1, 'slow').then((response) => response.text()),
      callModern(server, { token, method: 'subscriptions/listen', params: { notifications: { toolsListChanged: true } } }).then(readAll),
    ]
    const standalone = session.get().then((response) => response.text())
    await scheduler.wait(4_000) // the call is a stream by now
    expect((await callModern(server, { token, params: { name: 'quick' } })).status).toBe(200)

    const since = Date.now()
    await suspend(server.tenant.id)
    const ended = Promise.all([...streams.map((stream) => endsAfter(since, stream)), endsAfter(since, standalone)])
    const refused = await untilRefused(server, token)
    const refusedAfter = Date.now() - since
    const times = await ended
    console.log(`refused after ${refusedAfter} ms; streams ended after ${times.join(', ')} ms`)
    for (const time of [refusedAfter, ...times]) expect(time).toBeLessThan(10_000)
    expect(refused.status).toBe(403)
    expect(await refused.json()).toMatchObject({
      error: { message: `The tenant ${server.tenant.slug} is suspended by the operator of this platform: ${WHY}.` },
    })
    for (const stream of streams) expect(await stream).toContain(WHY)
    const inSession = await session.call(2, 'quick')
    expect([inSession.status, await inSession.text()]).toEqual([403, expect.stringContaining(WHY)])
  })

  it('continues with the same tokens, grants and sessions after it is resumed', async () => {
    const server = await serverOf()
    const { token } = await createToken(server)
    const session = await openSession(server, { token })
    const client = await createClient(server)
    const { refresh_token } = await obtainTokens(server, client)
    await suspend(server.tenant.id)
    await untilRefused(server, token)
    await resume(server.tenant.id)
    const called = await callModern(server, { token, params: { name: 'quick' } })
    expect([called.status, await called.text()]).toEqual([200, expect.stringContaining('done')])
    expect((await session.call(3, 'quick')).status).toBe(200)
    expect((await refresh(server, client, refresh_token)).status).toBe(200)
  })

  it('issues no tokens, and apps and people read why', async () => {
    const server = await serverOf()
    const client = await createClient(server)
    const { refresh_token } = await obtainTokens(server, client)
    const code = await authorizationCode(server, client)
    const browser = await signedIn(server.tenant.owner)
    await suspend(server.tenant.id)
    for (const answer of [
      await exchange(server, client, code),
      await refresh(server, client, refresh_token),
      await postForm(server, 'revoke', { client_id: client.clientId, token: refresh_token }),
      await fetchPlatform(`/${server.tenant.slug}/${server.slug}/register`, { method: 'POST', body: '{}' }),
      await fetchPlatform(`/${server.tenant.slug}/${server.slug}/device_authorization`, { method: 'POST', body: new URLSearchParams() }),
    ]) {
      expect([answer.status, await answer.json()]).toEqual([
        503,
        { error: 'temporarily_unavailable', error_description: expect.stringContaining(WHY) },
      ])
    }
    for (const path of [authorizePath(server, client), `/${server.tenant.slug}/${server.slug}`]) {
      const page = await browser.get(path)
      expect([page.status, await page.text()]).toEqual([403, expect.stringContaining(WHY)])
    }
    const unknown = await fetchPlatform(`/${server.tenant.slug}/unknown-server/mcp`, { method: 'POST', body: '{}' })
    expect(unknown.status).toBe(404)
    await resume(server.tenant.id)
    expect((await exchange(server, client, code)).status).toBe(200)
  })

  it('can be read and not be changed by its members, also with a token of the API', async () => {
    const owner = await person()
    const tenant = await tenantOf(owner)
    const slug = freshSlug('s')
    const at = `/tenants/${tenant}`
    await owner.call('POST', `${at}/servers`, { slug, name: 'x' })
    await owner.call('POST', `${at}/servers/${slug}/versions`, upload())
    const { body: made } = await owner.call('POST', '/me/tokens', { name: 'ci', tenant, role: 'owner' })
    const byToken: Person['call'] = (method, path, body) =>
      owner.call(method, path, body, { Authorization: `Bearer ${made.token}`, Cookie: '' })
    const { body: before } = await owner.call('GET', at)
    expect(before.suspended).toBeNull()
    const [row] = await store.select().from(tenants).where(eq(tenants.slug, tenant))
    await suspend(row!.id)
    const suspended = { since: expect.any(String), why: WHY }
    for (const call of [owner.call, byToken]) {
      expect((await call('GET', at)).body).toMatchObject({ slug: tenant, suspended })
      expect((await call('GET', `${at}/servers/${slug}`)).body).toMatchObject({ slug })
      for (const [method, path, body] of [
        ['POST', `${at}/servers/${slug}/versions`, upload('again')],
        ['POST', `${at}/servers/${slug}/versions/1/activate`, {}],
        ['POST', `${at}/servers`, { slug: freshSlug('s'), name: 'x' }],
        ['PATCH', `${at}/servers/${slug}`, { access: 'public' }],
        ['PUT', `${at}/servers/${slug}/environment`, { values: { A: 'x' } }],
        ['POST', `${at}/invitations`, { role: 'viewer' }],
        ['POST', `${at}/clients`, { name: 'x', grantTypes: ['client_credentials'] }],
        ['DELETE', `${at}/servers/${slug}`, undefined],
        ['DELETE', at, undefined],
      ] as const) {
        const refused = await call(method, path, body)
        expect([path, refused.status, refused.body]).toEqual([
          path,
          403,
          expect.objectContaining({ title: 'Tenant suspended', detail: expect.stringContaining(WHY) }),
        ])
      }
    }
    expect((await owner.call('GET', '/me')).body.tenants).toMatchObject([{ slug: tenant, suspended }])
    expect((await owner.call('POST', '/me/tokens', { name: 'x', tenant, role: 'viewer' })).body).toMatchObject({
      title: 'Tenant suspended',
    })
    await resume(row!.id)
    expect((await owner.call('POST', `${at}/servers/${slug}/versions`, upload('again'))).status).toBe(201)
  })

  it('stores no version whose upload began before the suspension', async () => {
    const owner = await person()
    const tenant = await tenantOf(owner)
    const slug = freshSlug('s')
    await owner.call('POST', `/tenants/${tenant}/servers`, { slug, name: 'x' })
    const slow = `import main from './main.js'
export default { async fetch(request) { await scheduler.wait(1000); return main.fetch(request) } }`
    const started = owner.call('POST', `/tenants/${tenant}/servers/${slug}/versions`, {
      ...upload(),
      modules: { 'index.js': slow, 'main.js': upload().modules['index.js'] },
    })
    await scheduler.wait(500)
    const [row] = await store.select().from(tenants).where(eq(tenants.slug, tenant))
    await suspend(row!.id)
    expect((await started).status).toBe(409)
    expect((await owner.call('GET', `/tenants/${tenant}/servers/${slug}/versions`)).body.items).toEqual([])
  })

  it('leaves the servers of other tenants alone', async () => {
    const [server, other] = [await serverOf(), await serverOf()]
    const { token } = await createToken(other)
    const listening = await callModern(other, {
      token,
      method: 'subscriptions/listen',
      params: { notifications: { toolsListChanged: true } },
    })
    await suspend(server.tenant.id)
    await scheduler.wait(6_000)
    expect((await callModern(other, { token, params: { name: 'quick' } })).status).toBe(200)
    await env.SUBSCRIPTION_HUB.getByName(other.id).publish({ type: 'tools/list_changed' })
    const events = eventsOf(listening)
    expect((await events.next()).value?.message).toMatchObject({ method: 'notifications/subscriptions/acknowledged' })
    expect((await events.next()).value?.message).toMatchObject({ method: 'notifications/tools/list_changed' })
    await listening.body?.cancel().catch(() => undefined)
  })
})
