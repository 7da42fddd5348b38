import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import type { CallRecord } from '../../hosting/activity/record.ts'
import { findHostedServer } from '../../store/servers/servers.ts'
import { grants } from '../../store/schema/grants.ts'
import { person, tenantOf, type Person } from '../support/person.ts'
import { freshSlug, ORIGIN, store } from '../support/platform.ts'

const HOUR = 3600_000

async function serverWith(calls: Partial<CallRecord>[], lines: { level: 'info' | 'warn' | 'error'; message: string }[] = []) {
  const slug = freshSlug('s')
  expect((await owner.call('POST', `/tenants/${tenant}/servers`, { slug, name: 'x' })).status).toBe(201)
  const server = await findHostedServer(store, { tenant, server: slug })
  if (!server) throw new Error('the new server was not found')
  const now = Date.now()
  await env.SERVER_ACTIVITY.getByName(server.id).record({
    calls: calls.map((call) => ({
      at: now,
      durationMs: 3,
      method: 'tools/call',
      name: 'greet',
      revision: '2026-07-28',
      version: 1,
      outcome: 'ok',
      ...call,
    })),
    lines: lines.map((line) => ({ at: now, origin: 'console', ...line })),
  })
  return { server, path: `/tenants/${tenant}/servers/${slug}/activity` }
}

let owner: Person
let tenant: string
beforeAll(async () => {
  owner = await person()
  tenant = await tenantOf(owner)
})

describe('activity list', () => {
  it('shows problems only when problems=true', async () => {
    const { path } = await serverWith(
      [
        { name: 'good' },
        { name: 'failing', outcome: 'tool-error' },
        { name: 'broken', outcome: 'error', correlationId: 'c1' },
        { name: 'left', outcome: 'cancelled' },
      ],
      [
        { level: 'info', message: 'fine' },
        { level: 'warn', message: 'careful' },
      ],
    )
    const shown = async (query: string) => {
      const { body } = await owner.call('GET', `${path}?${query}`)
      return body.items.map((item: { name?: string; message?: string }) => item.name ?? item.message)
    }
    expect(await shown('problems=true')).toEqual(['careful', 'broken', 'failing'])
    expect(await shown('problems=true&kind=call')).toEqual(['broken', 'failing'])
    expect(await shown('correlationId=c1')).toEqual(['broken'])
    expect(await shown('')).toHaveLength(6)
  })

  it('takes the name of a client from a grant at the same server only', async () => {
    const { server, path } = await serverWith([{ clientId: 'app' }, { clientId: 'unknown' }, {}])
    const other = await serverWith([{ clientId: 'app' }])
    const { body: me } = await owner.call('GET', '/me')
    await store.insert(grants).values({
      issuer: `${ORIGIN}/${tenant}/${server.server}`,
      id: freshSlug('grant'),
      tenantId: server.tenantId,
      serverId: server.id,
      userId: me.user.id,
      clientId: 'app',
      clientName: 'An App',
      scopes: ['mcp:read'],
      resource: server.server,
      record: '{}',
    })
    const names = async (at: string) => (await owner.call('GET', at)).body.items.map((item: { clientName?: string }) => item.clientName)
    expect(await names(path)).toEqual([undefined, undefined, 'An App'])
    expect(await names(other.path)).toEqual([undefined])
  })
})

describe('activity summary', () => {
  it('counts calls and failures per interval of the period', async () => {
    const now = Date.now()
    const { path } = await serverWith([
      {},
      { outcome: 'error' },
      { outcome: 'cancelled' },
      { at: now - 5 * HOUR, outcome: 'tool-error' },
      { at: now - 3 * 24 * HOUR },
    ])
    const read = async (query: string) => (await owner.call('GET', `${path}/summary${query}`)).body
    const day = await read('')
    expect(day).toMatchObject({
      stepMs: HOUR / 2,
      buckets: [
        { calls: 1, failed: 1 },
        { calls: 3, failed: 1 },
      ],
    })
    expect([day.to - day.from, day.from % day.stepMs, day.to > now]).toEqual([24 * HOUR, 0, true])
    expect(day.buckets.every(({ at }: { at: number }) => (at - day.from) % day.stepMs === 0)).toBe(true)
    expect((await read('?period=fortnight')).buckets.reduce((sum: number, { calls }: { calls: number }) => sum + calls, 0)).toBe(5)
    expect((await read('?period=hour')).buckets).toMatchObject([{ calls: 3, failed: 1 }])
  })

  it('is empty when the server has no calls', async () => {
    const { path } = await serverWith([])
    expect((await owner.call('GET', `${path}/summary`)).body).toMatchObject({ buckets: [] })
  })

  it('refuses an unknown period', async () => {
    const { path } = await serverWith([])
    const { status, body } = await owner.call('GET', `${path}/summary?period=century`)
    expect([status, body.errors]).toEqual([400, [{ pointer: '/period', detail: 'must be hour, day, fortnight' }]])
  })
})
