import { env } from 'cloudflare:workers'
import { expect } from 'vitest'
import { newId, randomToken, sha256 } from '../../protocol/random.ts'
import type { Scope } from '../../protocol/oauth/scope.ts'
import { clients } from '../../store/schema/clients.ts'
import { signIns } from '../../store/schema/identities.ts'
import { machineGrants } from '../../store/schema/machines.ts'
import { serverUrls } from '../../protocol/location.ts'
import { addresses, fetchPlatform, ORIGIN, store, type TestServer, type TestUser } from './platform.ts'

export const REDIRECT_URI = 'https://app.example/callback'

/** A browser that stores cookies, posts from the platform origin and follows no redirects. */
export class Browser {
  readonly cookies = new Map<string, string>()
  async get(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers)
    headers.set('Cookie', [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; '))
    const response = await fetchPlatform(path, { ...init, headers })
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? []
      if (/max-age=0/i.test(cookie)) this.cookies.delete(name)
      else this.cookies.set(name, value)
    }
    return response
  }
  post(path: string, form: Record<string, string>, headers: Record<string, string> = { Origin: ORIGIN }): Promise<Response> {
    return this.get(path, { method: 'POST', body: new URLSearchParams(form), headers })
  }
}

/**
 * Returns a browser with a sign-in of the user. Stores the row and the cookie directly, because
 * password hashing is slow. `by` makes a sign-in through the provider of a tenant.
 */
export async function signedIn(user: Pick<TestUser, 'id'>, by: { tenantId?: string; identityLinkId?: string } = {}): Promise<Browser> {
  const token = randomToken(24)
  await store.insert(signIns).values({ id: newId(), userId: user.id, token, ...by, expiresAt: new Date(Date.now() + 3600_000) })
  const key = await crypto.subtle.importKey('raw', encode(env.AUTH_SECRET), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
  const mac = new Uint8Array(await crypto.subtle.sign('HMAC', key, encode(token))).toBase64()
  const browser = new Browser()
  browser.cookies.set(SIGN_IN_COOKIE, encodeURIComponent(`${token}.${mac}`))
  return browser
}

export const SIGN_IN_COOKIE = 'wharf-sign-in'
const encode = (text: string) => new TextEncoder().encode(text)

export interface TestClient {
  clientId: string
  secret: string | undefined
}

/** Stores a registered client. */
export async function createClient(
  server: TestServer,
  settings: Partial<typeof clients.$inferInsert> & { secret?: string } = {},
): Promise<TestClient> {
  const { secret, ...rest } = settings
  const clientId = newId()
  await store.insert(clients).values({
    issuer: server.urls.issuer,
    clientId,
    tenantId: server.tenant.id,
    serverId: server.id,
    name: 'Test App',
    redirectUris: [REDIRECT_URI],
    grantTypes: ['authorization_code', 'refresh_token'],
    responseTypes: ['code'],
    tokenEndpointAuthMethod: secret ? 'client_secret_basic' : 'none',
    secretHash: secret ? await sha256(secret) : null,
    metadata: {},
    ...rest,
  })
  return { clientId, secret }
}

/** Stores a client_credentials client of the tenant and, if scopes are given, its machine grant. */
export async function createMachine(
  server: TestServer,
  { scopes, tools, ...settings }: Parameters<typeof createClient>[1] & { scopes?: Scope[]; tools?: string[] } = {},
): Promise<TestClient & { issuer: string }> {
  const issuer = `tenant:${server.tenant.id}`
  const client = await createClient(server, {
    issuer,
    serverId: null,
    name: 'Test Machine',
    redirectUris: [],
    grantTypes: ['client_credentials'],
    responseTypes: [],
    secret: `wharf_cs_${randomToken(32)}`,
    ...settings,
  })
  if (scopes) await grantMachine(server, { ...client, issuer }, scopes, tools)
  return { ...client, issuer }
}

export async function grantMachine(
  server: TestServer,
  { clientId, issuer }: { clientId: string; issuer: string },
  scopes: Scope[],
  tools?: string[],
): Promise<void> {
  const owner = { tenantId: server.tenant.id, serverId: server.id }
  await store
    .insert(machineGrants)
    .values({ ...owner, id: newId(), clientIssuer: issuer, clientId, scopes, tools: tools ?? null, createdBy: server.tenant.owner.id })
}

/** Sends a client credentials request (RFC 6749 §4.4.2) with the secret in the body. */
export function requestMachineToken(
  server: TestServer,
  client: TestClient,
  change: Record<string, string | string[] | undefined> = {},
): Promise<Response> {
  return postForm(server, 'token', {
    grant_type: 'client_credentials',
    client_id: client.clientId,
    client_secret: client.secret,
    ...change,
  })
}

/** Returns an access token for the machine client; expects status 200. */
export async function machineToken(server: TestServer, client: TestClient, change: Record<string, string> = {}): Promise<string> {
  const response = await requestMachineToken(server, client, change)
  expect(response.status).toBe(200)
  return (await response.json<Tokens>()).access_token
}

/** Example of RFC 7636, appendix B. */
export const VERIFIER = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'
export const CHALLENGE = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'

/**
 * Returns a valid authorization request with `change`. Undefined omits a parameter, an array
 * repeats it.
 */
export function authorizePath(server: TestServer, client: TestClient, change: Record<string, string | string[] | undefined> = {}): string {
  const parameters = {
    response_type: 'code',
    client_id: client.clientId,
    redirect_uri: REDIRECT_URI,
    scope: 'mcp:read mcp:write',
    state: 'a state',
    code_challenge: CHALLENGE,
    code_challenge_method: 'S256',
    ...change,
  }
  const query = new URLSearchParams()
  for (const [name, values] of Object.entries(parameters)) for (const value of [values ?? []].flat()) query.append(name, value)
  return `${new URL(server.urls.authorizationEndpoint).pathname}?${query}`
}

/**
 * Returns the server with the URLs of the root issuer, for clients created with {@link
 * ROOT_CLIENT}.
 */
export function atRoot(server: TestServer): TestServer {
  return { ...server, urls: serverUrls({ tenant: server.tenant.slug, server: server.slug }, 'root', addresses) }
}

/** Settings of a client registered at the root issuer. */
export const ROOT_CLIENT = { issuer: ORIGIN, tenantId: null, serverId: null }

export function consentPath(server: TestServer): string {
  return `/${server.tenant.slug}/${server.slug}/consent`
}

/** Returns the fields a browser would submit: hidden fields and ticked checkboxes. */
export async function consentForm(page: Response): Promise<Record<string, string>> {
  const fields: Record<string, string> = {}
  const text = await page.text()
  for (const [, name = '', value = ''] of text.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)) fields[name] = value
  for (const [, name = ''] of text.matchAll(/<input type="checkbox" name="([^"]+)" checked/g)) fields[name] = 'on'
  return fields
}

/** Returns the query parameters of the redirect to the client. */
export function callback(response: Response): Record<string, string> {
  return Object.fromEntries(new URL(response.headers.get('Location') ?? 'none:').searchParams)
}

/** Opens the consent page, at the root issuer through the server choice page. */
export async function consentFor(browser: Browser, server: TestServer, path: string): Promise<Response> {
  const page = await browser.get(path)
  const text = await page.clone().text()
  const link = [...text.matchAll(/<a href="(\/authorize\?[^"]*)"/g)].find(
    ([, href = '']) => resourceOf(unescape(href)) === server.urls.resource,
  )
  return link ? browser.get(unescape(link[1] ?? '')) : page
}

const resourceOf = (href: string) => new URL(href, ORIGIN).searchParams.get('resource')
const unescape = (text: string) => text.replaceAll('&amp;', '&').replaceAll('&#39;', "'")

interface CodeOptions {
  user?: TestUser
  change?: Record<string, string | string[] | undefined>
}

/** Returns an authorization code after sign-in, consent page and approval. */
export async function authorizationCode(server: TestServer, client: TestClient, { user, change }: CodeOptions = {}): Promise<string> {
  const browser = await signedIn(user ?? server.tenant.owner)
  const page = await consentFor(browser, server, authorizePath(server, client, change))
  expect(page.status).toBe(200)
  const approved = await browser.post(consentPath(server), { ...(await consentForm(page)), decision: 'approve' })
  expect(approved.status).toBe(303)
  return callback(approved).code ?? ''
}

/** Posts a form to the token or revocation endpoint of the server. */
export function postForm(
  server: TestServer,
  endpoint: 'token' | 'revoke',
  form: Record<string, string | string[] | undefined>,
  headers: Record<string, string> = {},
): Promise<Response> {
  const body = new URLSearchParams()
  for (const [name, values] of Object.entries(form)) for (const value of [values ?? []].flat()) body.append(name, value)
  const { tokenEndpoint, revocationEndpoint } = server.urls
  return fetchPlatform(endpoint === 'token' ? tokenEndpoint : revocationEndpoint, { method: 'POST', body, headers })
}

export function exchange(
  server: TestServer,
  client: TestClient,
  code: string,
  change: Record<string, string | string[] | undefined> = {},
): Promise<Response> {
  return postForm(server, 'token', {
    grant_type: 'authorization_code',
    client_id: client.clientId,
    client_secret: client.secret,
    code,
    redirect_uri: REDIRECT_URI,
    code_verifier: VERIFIER,
    ...change,
  })
}

export function refresh(
  server: TestServer,
  client: TestClient,
  refreshToken: string,
  change: Record<string, string | string[] | undefined> = {},
): Promise<Response> {
  return postForm(server, 'token', {
    grant_type: 'refresh_token',
    client_id: client.clientId,
    client_secret: client.secret,
    refresh_token: refreshToken,
    ...change,
  })
}

export interface Tokens {
  access_token: string
  refresh_token: string
  token_type: string
  expires_in: number
  scope: string
}

/** Runs the authorization code flow and returns the tokens. */
export async function obtainTokens(server: TestServer, client: TestClient, options: CodeOptions = {}): Promise<Tokens> {
  const response = await exchange(server, client, await authorizationCode(server, client, options))
  expect(response.status).toBe(200)
  return response.json<Tokens>()
}

/**
 * Sends requests until the response is 429, at most twice the limit because a new minute may begin.
 */
export async function untilLimited(send: (index: number) => Promise<Response>): Promise<{ before: number[]; limited: Response }> {
  const before = new Set<number>()
  for (let index = 0; index < 125; index++) {
    const response = await send(index)
    if (response.status === 429) return { before: [...before], limited: response }
    before.add(response.status)
  }
  throw new Error(`no response was 429; the statuses were ${[...before].join(', ')}`)
}
