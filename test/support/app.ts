import { expect } from 'vitest'
import { openSession } from './legacy.ts'
import { callModern, wireServer } from './modern.ts'
import { CHALLENGE, consentForm, consentPath, signedIn } from './oauth.ts'
import { createServer, fetchPlatform, surfaceOf, type TestServer } from './platform.ts'

/** Result of the discovery by an app before authorization. */
export interface Discovered {
  resource: string
  /** Scopes of the 401 challenge, equal to those of the resource metadata. */
  challengeScopes: string[]
  scopesSupported: string[]
  grantTypesSupported: string[]
  authMethodsSupported: string[]
  documentsSupported: boolean
  authorizationEndpoint: string
  tokenEndpoint: string
  registrationEndpoint: string
}

/** Creates a hosted server with one tool, `add`; see {@link add}. */
export function serverThatAdds(): Promise<TestServer> {
  const tools = `{ add: async ({ a, b }) => ({ content: [{ type: 'text', text: String(a + b) }] }) }`
  return createServer({ code: wireServer(tools), surface: surfaceOf([{ name: 'add', inputSchema: { type: 'object' } }]) })
}

/** Follows the 401 challenge to the metadata of the resource and the authorization server. */
export async function discover(server: TestServer): Promise<Discovered> {
  const refused = await callModern(server, { params: { name: 'add' } })
  expect(refused.status).toBe(401)
  const header = refused.headers.get('WWW-Authenticate') ?? ''
  const [, resourceMetadata = '', scope = ''] = /resource_metadata="([^"]+)", scope="([^"]+)"/.exec(header) ?? []
  const described = await (
    await fetchPlatform(resourceMetadata)
  ).json<{ resource: string; authorization_servers: string[]; scopes_supported: string[] }>()
  expect([described.resource, described.scopes_supported]).toEqual([server.urls.resource, scope.split(' ')])
  const issuer = new URL(described.authorization_servers[0] ?? '')
  const metadata = await (
    await fetchPlatform(`/.well-known/oauth-authorization-server${issuer.pathname}`)
  ).json<Record<string, string & string[]>>()
  expect(metadata['issuer']).toBe(issuer.href)
  return {
    resource: described.resource,
    challengeScopes: described.scopes_supported,
    scopesSupported: metadata['scopes_supported'] ?? [],
    grantTypesSupported: metadata['grant_types_supported'] ?? [],
    authMethodsSupported: metadata['token_endpoint_auth_methods_supported'] ?? [],
    documentsSupported: (metadata['client_id_metadata_document_supported'] as unknown) === true,
    authorizationEndpoint: metadata['authorization_endpoint'] ?? '',
    tokenEndpoint: metadata['token_endpoint'] ?? '',
    registrationEndpoint: metadata['registration_endpoint'] ?? '',
  }
}

/** Returns the URL of an authorization request. Undefined omits a parameter. */
export function authorizationUrl(known: Discovered, parameters: Record<string, string | undefined>): string {
  const url = new URL(known.authorizationEndpoint)
  const all = { response_type: 'code', code_challenge: CHALLENGE, code_challenge_method: 'S256', ...parameters }
  for (const [name, value] of Object.entries(all)) if (value !== undefined) url.searchParams.set(name, value)
  return url.href
}

/** Opens the URL as the owner of the hosted server and approves. */
export async function approve(server: TestServer, url: string): Promise<{ page: string; back: URL }> {
  const browser = await signedIn(server.tenant.owner)
  const page = await browser.get(url)
  expect(page.status).toBe(200)
  const text = await page.clone().text()
  const approved = await browser.post(consentPath(server), { ...(await consentForm(page)), decision: 'approve' })
  expect(approved.status).toBe(303)
  return { page: text, back: new URL(approved.headers.get('Location') ?? '') }
}

/** Calls `add` with 2 and 3, without and with a session, and expects equal results. */
export async function add(server: TestServer, token: string): Promise<string | undefined> {
  const given = { a: 2, b: 3 }
  const called = await callModern(server, { token, params: { name: 'add', arguments: given } })
  expect(called.status).toBe(200)
  const session = await openSession(server, { token })
  const calledInSession = await session.call(1, 'add', given)
  expect(calledInSession.status).toBe(200)
  const [sum, sumInSession] = await Promise.all([called, calledInSession].map(textOf))
  expect(sumInSession).toBe(sum)
  return sum
}

async function textOf(response: Response): Promise<string | undefined> {
  return (await response.json<{ result: { content: { text: string }[] } }>()).result.content[0]?.text
}
