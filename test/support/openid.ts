import { env } from 'cloudflare:workers'
import { and, eq } from 'drizzle-orm'
import { expect, inject } from 'vitest'
import { sealProviderSecret } from '../../hosting/vault.ts'
import { newId, randomToken, sha256 } from '../../protocol/random.ts'
import { identityLinks, identityProviders } from '../../store/schema/identities.ts'
import { invitations, members } from '../../store/schema/tenants.ts'
import { Browser } from './oauth.ts'
import type { SignInHere } from './sign-in-here.ts'
import { freshSlug, ORIGIN, store, type TestTenant } from './platform.ts'

/** The operator's OpenID provider, as vitest.config.ts configures it. */
export const PLATFORM_ISSUER = 'https://idp.example'
const CALLBACK = `${ORIGIN}/auth/openid/callback`

/** Where an https origin really is. */
export function loopback(issuer: string): string {
  return inject('loopbackHosts')[new URL(issuer).origin] ?? ''
}

export async function put(issuer: string, path: string, body: unknown): Promise<void> {
  const response = await fetch(`${loopback(issuer)}${path}`, { method: 'PUT', body: JSON.stringify(body) })
  expect(response.status).toBe(204)
}

/** How often the provider was asked for this path. */
export async function requestsTo(issuer: string, path: string): Promise<number> {
  return (await fetch(`${loopback(issuer)}/requests${path}`)).json<number>()
}

/** As if what is kept of this document had been fetched so long ago. */
export async function age(kind: 'jwks' | 'openid-configuration', url: string, milliseconds: number): Promise<void> {
  const key = `${kind}|${await sha256(url)}`
  const kept = await env.METADATA.get<{ fetchedAt: number }>(key, 'json')
  expect(kept).not.toBeNull()
  await env.METADATA.put(key, JSON.stringify({ ...kept, fetchedAt: kept!.fetchedAt - milliseconds }))
}

/** The platform is a client there, with a secret of its own; a tenant's provider has a callback of its own too. */
export async function registerPlatform(issuer: string, clientId: string, callback = CALLBACK): Promise<string> {
  const secret = clientId === 'wharf' ? 'the secret of wharf' : randomToken(16)
  await put(issuer, `/clients/${clientId}`, { client_secret: secret, redirect_uris: [callback] })
  return secret
}

export type TestProvider = typeof identityProviders.$inferSelect

/** A tenant's provider, put straight into storage, that signs people in and whose assertions are taken; `settings` makes it another. */
export async function createProvider(
  tenant: TestTenant,
  issuer: string,
  settings: Partial<typeof identityProviders.$inferInsert> = {},
): Promise<TestProvider> {
  const id = newId()
  const clientId = `wharf-${id}`
  const secret = await registerPlatform(issuer, clientId, `${ORIGIN}/auth/openid/${id}/callback`)
  const [provider] = await store
    .insert(identityProviders)
    .values({
      id,
      tenantId: tenant.id,
      name: 'Acme ID',
      issuer,
      assertions: true,
      clientId,
      clientSecret: await sealProviderSecret(env, { id, tenantId: tenant.id }, secret),
      clientSecretLastFour: secret.slice(-4),
      ...settings,
    })
    .returning()
  return provider!
}

/** An invitation whose link nobody was given. */
export async function invite(tenant: TestTenant, email: string | null, role: 'viewer' | 'developer' = 'viewer'): Promise<string> {
  const id = newId()
  const expiresAt = new Date(Date.now() + 3600_000)
  await store.insert(invitations).values({ id, tokenHash: newId(), tenantId: tenant.id, role, email, expiresAt })
  return id
}

/** The member came by an invitation to their own address. */
export async function vouchFor(tenant: TestTenant, { id, email }: { id: string; email: string }): Promise<void> {
  await store
    .update(members)
    .set({ invitedAs: email })
    .where(and(eq(members.tenantId, tenant.id), eq(members.userId, id)))
}

/** Who the provider is linked with by this subject. */
export async function linkedUser(provider: TestProvider, subject: string): Promise<string | undefined> {
  const [row] = await store
    .select({ userId: identityLinks.userId })
    .from(identityLinks)
    .where(and(eq(identityLinks.providerId, provider.id), eq(identityLinks.subject, subject)))
  return row?.userId
}

/** Presses a provider's button; answers the page that leads there. */
export function start(browser: Browser, provider: string, next = '/dashboard/'): Promise<Response> {
  const headers = { Origin: ORIGIN, 'CF-Connecting-IP': freshSlug('ip') }
  return browser.post('/auth/openid/start', { provider, continue: next }, headers)
}

/** Where the page leads. */
export function authorizationUrlOf(page: Response): URL {
  return new URL(page.headers.get('Refresh')?.replace(/^0; url=/, '') ?? 'none:')
}

/** What the person does at the provider, until it sends them back: the path they come back to. */
export async function atProvider(page: Response, signIn: SignInHere = {}): Promise<string> {
  expect(page.status).toBe(200)
  return comeBack(authorizationUrlOf(page), signIn)
}

/** The same from wherever the provider was asked. */
export async function comeBack(url: URL, signIn: SignInHere = {}): Promise<string> {
  url.searchParams.set('sign-in', JSON.stringify(signIn))
  const answered = await fetch(`${loopback(url.origin)}${url.pathname}${url.search}`, { redirect: 'manual' })
  await answered.body?.cancel()
  expect(answered.status).toBe(302)
  const back = new URL(answered.headers.get('Location') ?? 'none:')
  expect(back.origin + back.pathname).toBe(url.searchParams.get('redirect_uri'))
  return back.pathname + back.search
}

/** The whole way. Answers what the callback answered. */
export async function signInThrough(provider: string, signIn: SignInHere = {}, browser = new Browser(), next?: string) {
  const response = await browser.get(await atProvider(await start(browser, provider, next), signIn))
  return { browser, response, location: response.headers.get('Location') ?? '' }
}

/** Who the platform takes this browser for; undefined = nobody. */
export async function whoIs(
  browser: Browser,
): Promise<{ user: { id: string; email: string; operator: boolean }; tenants: { slug: string }[] } | undefined> {
  const response = await browser.get('/api/me')
  return response.status === 200 ? response.json() : undefined
}
