import { env } from 'cloudflare:workers'
import { eq } from 'drizzle-orm'
import { beforeEach, expect, it } from 'vitest'
import { reseal } from '../../hosting/reseal.ts'
import { openProviderSecret, sealProviderSecret } from '../../hosting/upstream/provider-secrets.ts'
import { open, openEnvironment, sealEnvironment } from '../../hosting/vault.ts'
import { newId, randomToken } from '../../protocol/random.ts'
import { identityProviders } from '../../store/schema/identities.ts'
import { hostedServers } from '../../store/schema/servers.ts'
import { COUNT_SEALED_SQL } from '../../store/count-sealed.ts'
import { replaceEnvironments } from '../../store/sealed.ts'
import { createServer, createTenant, freshSlug, store } from '../support/platform.ts'

const oldKey = `old:${randomToken(32)}`
const newKey = `new:${randomToken(32)}`
const before = { VAULT_KEY: oldKey }
const rotating = { VAULT_KEY: `${newKey},${oldKey}` }
const after = { VAULT_KEY: newKey }

beforeEach(async () => {
  await store.update(hostedServers).set({ environment: null })
  await store.delete(identityProviders)
})

/** Creates a server with an environment, sealed with the old key. */
async function serverWith(value: string) {
  const server = await createServer()
  const id = { tenantId: server.tenant.id, serverId: server.id }
  const environment = await sealEnvironment(before, { key: id }, { TOKEN: value })
  await store.update(hostedServers).set({ environment }).where(eq(hostedServers.id, server.id))
  const stored = async () =>
    (await store.select({ environment: hostedServers.environment }).from(hostedServers).where(eq(hostedServers.id, server.id)))[0]
      ?.environment ?? null
  return { key: id, stored }
}

async function providerWith(secret: string) {
  const tenant = await createTenant()
  const provider = { id: newId(), tenantId: tenant.id }
  const clientSecret = await sealProviderSecret(before, provider, secret)
  await store.insert(identityProviders).values({ ...provider, name: 'Okta', issuer: 'https://id.example.com', clientSecret })
  const stored = async () =>
    (await store.select({ secret: identityProviders.clientSecret }).from(identityProviders).where(eq(identityProviders.id, provider.id)))[0]
      ?.secret ?? ''
  return { provider, stored }
}

const counts = async () => (await env.DB.prepare(COUNT_SEALED_SQL).all()).results

it('reseal moves every kind of sealed value to the first key, so that the old key may go', async () => {
  const [server, provider] = [await serverWith('sesame'), await providerWith('hush')]
  expect(await counts()).toEqual([{ key: 'old', count: 2 }])
  expect(await reseal(rotating, store)).toEqual({ resealed: 2, unreadable: 0 })
  expect(await counts()).toEqual([{ key: 'new', count: 2 }])
  expect(await openEnvironment(after, { key: server.key, environment: await server.stored() })).toEqual({ TOKEN: 'sesame' })
  expect(await openProviderSecret(after, provider.provider, await provider.stored())).toBe('hush')
  expect(await reseal(rotating, store)).toEqual({ resealed: 0, unreadable: 0 })
})

it('reseal changes nothing when VAULT_KEY has one key', async () => {
  const server = await serverWith('sesame')
  const stored = await server.stored()
  expect(await reseal(after, store)).toEqual({ resealed: 0, unreadable: 0 })
  expect(await server.stored()).toBe(stored)
})

it('reseal leaves a value that does not open as stored, and goes on with the others', async () => {
  const [damaged, whole] = [await serverWith('one'), await serverWith('two')]
  const broken = `${((await damaged.stored()) ?? '').slice(0, -4)}AAAA`
  await store.update(hostedServers).set({ environment: broken }).where(eq(hostedServers.id, damaged.key.serverId))
  expect(await reseal(rotating, store)).toEqual({ resealed: 1, unreadable: 1 })
  expect(await damaged.stored()).toBe(broken)
  expect(await open(after, { ...whole.key, name: 'environment' }, (await whole.stored()) ?? '')).toContain('two')
})

it('reseal is bounded per run, and the next runs continue', async () => {
  const tenant = await createTenant()
  for (let made = 0; made < 130; made += 1) {
    const key = { tenantId: tenant.id, serverId: newId() }
    const environment = await sealEnvironment(before, { key }, { A: String(made) })
    await store.insert(hostedServers).values({ id: key.serverId, tenantId: tenant.id, slug: freshSlug('s'), name: 'x', environment })
  }
  const runs = [await reseal(rotating, store), await reseal(rotating, store), await reseal(rotating, store)]
  expect(runs.map(({ resealed }) => resealed)).toEqual([100, 30, 0])
})

it('reseal never overwrites an environment that a tenant changed in the meantime', async () => {
  const server = await serverWith('before')
  const envelope = (await server.stored()) ?? ''
  const changed = await sealEnvironment(rotating, server, { TOKEN: 'changed' })
  await store.update(hostedServers).set({ environment: changed }).where(eq(hostedServers.id, server.key.serverId))
  await replaceEnvironments(store, [{ id: server.key.serverId, tenantId: server.key.tenantId, envelope, resealed: 'v1.new.stale.value' }])
  expect(await server.stored()).toBe(changed)
})
