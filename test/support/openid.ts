import { env } from 'cloudflare:workers'
import { and, eq } from 'drizzle-orm'
import { expect, inject } from 'vitest'
import { sealProviderSecret } from '../../hosting/upstream/provider-secrets.ts'
import { newId, randomToken, sha256 } from '../../protocol/random.ts'
import { identityLinks, identityProviders } from '../../store/schema/identities.ts'
import { invitations, members } from '../../store/schema/tenants.ts'
import { Browser } from './oauth.ts'
import type { ProviderSignIn } from './provider-sign-in.ts'
import { freshSlug, ORIGIN, store, type TestTenant } from './platform.ts'

/** OpenID provider of the operator, configured in vitest.config.ts. */
export const PLATFORM_ISSUER = 'https://idp.example'
const CALLBACK = `${ORIGIN}/auth/openid/callback`

/** Returns the loopback origin of an issuer. */
export function loopback(issuer: string): string {
  return inject('loopbackHosts')[new URL(issuer).origin] ?? ''
}

export async function put(issuer: string, path: string, body: unknown): Promise<void> {
  const response = await fetch(`${loopback(issuer)}${path}`, { method: 'PUT', body: JSON.stringify(body) })
  expect(response.status).toBe(204)
}

/** Returns the number of requests to a path of the provider. */
export async function requestsTo(issuer: string, path: string): Promise<number> {
  return (await fetch(`${loopback(issuer)}/requests${path}`)).json<number>()
}

/** Moves the fetch time of a cached document back. */
export async function ageCachedDocument(kind: 'jwks' | 'openid-configuration', url: string, milliseconds: number): Promise<void> {
  const key = `${kind}|${await sha256(url)}`
  const kept = await env.METADATA.get<{ fetchedAt: number }>(key, 'json')
  expect(kept).not.toBeNull()
  await env.METADATA.put(key, JSON.stringify({ ...kept, fetchedAt: kept!.fetchedAt - milliseconds }))
}

/** Registers the platform as a client of the provider and returns the secret. */
export async function registerPlatform(issuer: string, clientId: string, callback = CALLBACK): Promise<string> {
  const secret = clientId === 'wharf' ? 'the secret of wharf' : randomToken(16)
  await put(issuer, `/clients/${clientId}`, { client_secret: secret, redirect_uris: [callback] })
  return secret
}

export type TestProvider = typeof identityProviders.$inferSelect

/** Stores a provider of the tenant with sign-in and assertions enabled. */
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

/** Stores an invitation without a usable link. */
export async function invite(tenant: TestTenant, email: string | null, role: 'viewer' | 'developer' = 'viewer'): Promise<string> {
  const id = newId()
  const expiresAt = new Date(Date.now() + 3600_000)
  await store.insert(invitations).values({ id, tokenHash: newId(), tenantId: tenant.id, role, email, expiresAt })
  return id
}

/** Marks the member as invited by email. */
export async function markInvitedByEmail(tenant: TestTenant, { id, email }: { id: string; email: string }): Promise<void> {
  await store
    .update(members)
    .set({ invitedAs: email })
    .where(and(eq(members.tenantId, tenant.id), eq(members.userId, id)))
}

/** Returns the id of the user linked with this subject. */
export async function linkedUser(provider: TestProvider, subject: string): Promise<string | undefined> {
  const [row] = await store
    .select({ userId: identityLinks.userId })
    .from(identityLinks)
    .where(and(eq(identityLinks.providerId, provider.id), eq(identityLinks.subject, subject)))
  return row?.userId
}

/** Submits the provider button and returns the page that redirects to the provider. */
export function start(browser: Browser, provider: string, next = '/dashboard/'): Promise<Response> {
  const headers = { Origin: ORIGIN, 'CF-Connecting-IP': freshSlug('ip') }
  return browser.post('/auth/openid/start', { provider, continue: next }, headers)
}

/** Returns the authorization URL of the redirect page. */
export function authorizationUrlOf(page: Response): URL {
  return new URL(page.headers.get('Refresh')?.replace(/^0; url=/, '') ?? 'none:')
}

/** Signs in at the provider of the redirect page and returns the callback path. */
export async function signInAtProvider(page: Response, signIn: ProviderSignIn = {}): Promise<string> {
  expect(page.status).toBe(200)
  return signInAtUrl(authorizationUrlOf(page), signIn)
}

/** Signs in at an authorization URL and returns the callback path. */
export async function signInAtUrl(url: URL, signIn: ProviderSignIn = {}): Promise<string> {
  url.searchParams.set('sign-in', JSON.stringify(signIn))
  const answered = await fetch(`${loopback(url.origin)}${url.pathname}${url.search}`, { redirect: 'manual' })
  await answered.body?.cancel()
  expect(answered.status).toBe(302)
  const back = new URL(answered.headers.get('Location') ?? 'none:')
  expect(back.origin + back.pathname).toBe(url.searchParams.get('redirect_uri'))
  return back.pathname + back.search
}

/** Runs a sign-in through the provider and returns the response of the callback. */
export async function signInThrough(provider: string, signIn: ProviderSignIn = {}, browser = new Browser(), next?: string) {
  const response = await browser.get(await signInAtProvider(await start(browser, provider, next), signIn))
  return { browser, response, location: response.headers.get('Location') ?? '' }
}

/** Returns the signed-in user of the browser, or undefined without a sign-in. */
export async function whoIs(
  browser: Browser,
): Promise<{ user: { id: string; email: string; operator: boolean }; tenants: { slug: string }[] } | undefined> {
  const response = await browser.get('/api/me')
  return response.status === 200 ? response.json() : undefined
}
