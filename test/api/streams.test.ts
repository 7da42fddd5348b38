import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { expect, it, vi } from 'vitest'
import { drain, openSession, take } from '../support/legacy.ts'
import { callModern, eventsOf, wireServer } from '../support/modern.ts'
import { person, type Person } from '../support/person.ts'
import { createServer, createTenant, createToken, createUser, surfaceOf, type TestServer } from '../support/platform.ts'

/* A stream ends when a change of access excludes its caller. Every other stream continues. */

const surface = surfaceOf([{ name: 'hang', inputSchema: { type: 'object' }, annotations: { readOnlyHint: true } }])
const code = wireServer(`{ hang: async () => scheduler.wait(60_000) }`)

/** Returns a public hosted server and the browser of its owner. */
async function publicServer(): Promise<{ owner: Person; server: TestServer; path: string }> {
  const owner = await person()
  const { id } = (await owner.call('GET', '/me')).body.user as { id: string }
  const tenant = await createTenant({ id, email: owner.email })
  const server = await createServer({ tenant, code, surface, settings: { access: 'public' } })
  return { owner, server, path: `/tenants/${tenant.slug}/servers/${server.slug}` }
}

/** Opens a listen stream. `next()` returns the method of the next message, or `the end`. */
async function listen(server: TestServer, token?: string) {
  const response = await callModern(server, {
    method: 'subscriptions/listen',
    params: { notifications: { toolsListChanged: true } },
    ...(token === undefined ? {} : { token }),
  })
  const events = eventsOf(response)
  expect((await events.next()).value?.message?.['method']).toBe('notifications/subscriptions/acknowledged')
  return { next: async () => (await events.next()).value?.message?.['method'] ?? 'the end', close: () => events.return(undefined) }
}

const publish = (server: TestServer) => env.SUBSCRIPTION_HUB.getByName(server.id).publish({ type: 'tools/list_changed' })

it('streams of a caller end when a new access setting excludes the caller, and all others stay open', async () => {
  const { owner, server, path } = await publicServer()
  const stranger = await createToken(server, { user: await createUser() })
  const member = await createToken(server)
  const [open, ofStranger, ofMember] = [await listen(server), await listen(server, stranger.token), await listen(server, member.token)]
  const session = await openSession(server)
  const stream = await session.get()
  const running = await session.call(1, 'hang')
  const memberSession = await openSession(server, { token: member.token })
  const memberStream = await memberSession.get()

  expect((await owner.call('PATCH', path, { access: 'signed-in' })).status).toBe(200)
  expect(await open.next()).toBe('the end')
  expect(await drain(stream)).toEqual([])
  expect(await drain(running)).toMatchObject([{ id: 1, error: { code: -32603 } }])
  await publish(server)
  expect([await ofStranger.next(), await ofMember.next()]).toEqual(['notifications/tools/list_changed', 'notifications/tools/list_changed'])

  expect((await owner.call('PATCH', path, { access: 'members' })).status).toBe(200)
  expect(await ofStranger.next()).toBe('the end')
  await publish(server)
  expect(await ofMember.next()).toBe('notifications/tools/list_changed')
  const listChanged = { message: { method: 'notifications/tools/list_changed' } }
  expect(await take(memberStream, 2)).toMatchObject([listChanged, listChanged])
  await ofMember.close()
})

it('streams of an app end when the server requires an approval, or when the app is refused', async () => {
  const { owner, server, path } = await publicServer()
  const [approved, other] = [await createToken(server), await createToken(server)]
  await owner.call('POST', `${path}/client-approvals`, { clientId: approved.clientId, state: 'approved' })
  const [ofApproved, ofOther] = [await listen(server, approved.token), await listen(server, other.token)]
  expect((await owner.call('PATCH', path, { clients: 'approved' })).status).toBe(200)
  expect(await ofOther.next()).toBe('the end')
  await publish(server)
  expect(await ofApproved.next()).toBe('notifications/tools/list_changed')
  expect((await owner.call('POST', `${path}/client-approvals`, { clientId: approved.clientId, state: 'refused' })).status).toBe(200)
  expect(await ofApproved.next()).toBe('the end')
})

it.each([
  ['server', ({ path }: { path: string }) => path],
  ['tenant', ({ path }: { path: string }) => path.replace(/\/servers\/.*/, '')],
])('deletion of the %s closes all streams and sessions of the server and erases their data', async (_, addressOf) => {
  const { owner, server, path } = await publicServer()
  const { token } = await createToken(server)
  const sessions = [await openSession(server), await openSession(server, { token })]
  const streams = await Promise.all(sessions.map((session) => session.get()))
  const listeners = [await listen(server), await listen(server, token)]

  expect((await owner.call('DELETE', addressOf({ path }))).status).toBe(204)
  for (const listener of listeners) expect(await listener.next()).toBe('the end')
  for (const stream of streams) expect(await drain(stream)).toEqual([])
  for (const session of sessions) expect((await session.request(1, 'ping')).status).toBe(404)
  const tablesOf = (object: DurableObjectStub) =>
    runInDurableObject(object, (__, { storage }) =>
      storage.sql.exec("SELECT name FROM sqlite_master WHERE name NOT LIKE '\\_cf%' ESCAPE '\\'").toArray(),
    )
  for (const object of [env.SUBSCRIPTION_HUB.getByName(server.id), ...sessions.map((session) => session.object)]) {
    await vi.waitFor(async () => expect(await tablesOf(object)).toEqual([]), { timeout: 5_000 })
  }
})
