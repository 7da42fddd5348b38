import { eq } from 'drizzle-orm'
import { expect, it } from 'vitest'
import { hostedServers } from '../../store/schema/servers.ts'
import { person, tenantOf, upload } from '../support/person.ts'
import { freshSlug, ORIGIN, store } from '../support/platform.ts'

it('management API creates, deploys, rolls back and deletes a hosted server', async () => {
  const owner = await person()
  const tenant = await tenantOf(owner)
  const slug = freshSlug('s')
  const made = await owner.call('POST', `/tenants/${tenant}/servers`, { slug, name: 'Hello', access: 'public' })
  expect(made.body).toMatchObject({ slug, access: 'public', clients: 'any', activeVersion: null, url: `${ORIGIN}/${tenant}/${slug}/mcp` })
  const base = `/tenants/${tenant}/servers/${slug}`
  const first = await owner.call('POST', `${base}/versions`, upload())
  expect(first.body).toMatchObject({ number: 1, state: 'ready', active: true, surface: { tools: [{ name: 'hello' }] } })
  const second = await owner.call('POST', `${base}/versions`, { ...upload('goodbye'), activate: false })
  expect(second.body).toMatchObject({ number: 2, active: false })
  expect((await owner.call('POST', `${base}/versions/2/activate`)).body).toMatchObject({ number: 2, active: true })
  expect((await owner.call('GET', `${base}/versions?limit=1`)).body).toMatchObject({ items: [{ number: 2, active: true }], next: '2' })
  expect((await owner.call('GET', `${base}/versions?limit=1&before=2`)).body).toMatchObject({ items: [{ number: 1 }] })
  expect((await owner.call('POST', `${base}/versions/1/activate`)).body).toMatchObject({ number: 1, active: true })
  expect((await owner.call('GET', base)).body).toMatchObject({ activeVersion: 1 })
  expect((await owner.call('GET', `${base}/versions/1/modules`)).body).toMatchObject({ mainModule: 'index.js' })
  expect((await owner.call('GET', `${base}/versions/9`)).status).toBe(404)
  expect((await owner.call('DELETE', base)).status).toBe(204)
  expect((await owner.call('GET', base)).status).toBe(404)
})

it('hosted server keeps the limits of its tenant, and refuses limits outside those of the platform', async () => {
  const owner = await person()
  const tenant = await tenantOf(owner)
  const slug = freshSlug('s')
  const made = await owner.call('POST', `/tenants/${tenant}/servers`, { slug, name: 'Hello' })
  expect(made.body).toMatchObject({ limits: { deadlineSeconds: 30, totalSeconds: 300, concurrentCalls: 64 } })
  const at = `/tenants/${tenant}/servers/${slug}`
  const limits = { deadlineSeconds: 90, totalSeconds: 600, concurrentCalls: 4 }
  expect((await owner.call('PATCH', at, { limits })).body).toMatchObject({ limits })
  expect((await owner.call('GET', at)).body).toMatchObject({ limits })
  for (const [name, value, detail] of [
    ['deadlineSeconds', 0, 'must be at least 1'],
    ['deadlineSeconds', 121, 'must be at most 120'],
    ['totalSeconds', 901, 'must be at most 900'],
    ['totalSeconds', 89, 'must not be less than deadlineSeconds'],
    ['concurrentCalls', 65, 'must be at most 64'],
    ['concurrentCalls', 1.5, 'must be a whole number'],
    ['concurrentCalls', null, 'must be a number'],
  ] as const) {
    const refused = await owner.call('PATCH', at, { limits: { ...limits, [name]: value } })
    expect([refused.status, refused.body.errors]).toEqual([400, [{ pointer: `/limits/${name}`, detail }]])
  }
  expect((await owner.call('GET', at)).body).toMatchObject({ limits })
  // a request of an earlier release
  const { totalSeconds: _, ...earlier } = limits
  expect((await owner.call('PATCH', at, { limits: earlier })).body).toMatchObject({ limits: { ...earlier, totalSeconds: 300 } })
})

it.each([
  ['sealed with a key that is gone', 'v1.gone.AAAA.BBBB'],
  ['damaged', 'v1.test.AAAA.BBBB'],
  ['not sealed', '{}'],
])('environment that is %s can be replaced, and its calls then work', async (_, environment) => {
  const owner = await person()
  const tenant = await tenantOf(owner)
  const slug = freshSlug('s')
  const at = `/tenants/${tenant}/servers/${slug}`
  await owner.call('POST', `/tenants/${tenant}/servers`, { slug, name: 'Hello' })
  await owner.call('PUT', `${at}/environment`, { values: { OLD: 'x' } })
  await store.update(hostedServers).set({ environment }).where(eq(hostedServers.slug, slug))
  const shown = await owner.call('GET', `${at}/environment`)
  expect([shown.status, shown.body]).toEqual([200, { values: [], unreadable: true }])
  expect((await owner.call('PUT', `${at}/environment`, { values: {} })).body).toEqual({ values: [], unreadable: true })
  const replaced = await owner.call('PUT', `${at}/environment`, { values: { NEW: 'y', GONE: null } })
  expect([replaced.status, replaced.body]).toEqual([200, { values: [{ name: 'NEW', lastFour: '' }] }])
  expect((await owner.call('POST', `${at}/versions`, upload())).body).toMatchObject({ state: 'ready', active: true })
  const { items } = (await owner.call('GET', `/tenants/${tenant}/audit`)).body
  expect(items.find(({ action }: { action: string }) => action === 'server.environment-changed').detail).toEqual({
    names: ['NEW', 'GONE'],
    lost: true,
  })
})

it.each(
  'cdn-cgi admin login oauth support help docs status www wharf api auth dashboard assets well-known wharf-support the-wharf'
    .split(' ')
    .map((slug) => [slug]),
)('tenant cannot have the reserved slug %s', async (slug) => {
  const owner = await person()
  const refused = await owner.call('POST', '/tenants', { slug, name: 'x' })
  expect([refused.status, refused.body.errors]).toEqual([400, [{ pointer: '/slug', detail: 'is reserved for the platform' }]])
})

it.each([['wharfside'], ['administration'], ['my-docs'], ['helpdesk']])('tenant can have the slug %s', async (slug) => {
  const owner = await person()
  expect((await owner.call('POST', '/tenants', { slug, name: 'x' })).status).toBe(201)
})
