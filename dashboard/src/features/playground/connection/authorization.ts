import type { FetchLike } from '@modelcontextprotocol/client'
import { clientLibrary } from './client-library.ts'

/**
 * The dashboard as an OAuth client of a hosted server (docs/decisions/0004). The user gives consent
 * as for any app, and the token stays in this tab. The browser leaves for the consent page and
 * returns to `/dashboard/oauth/callback`.
 */

export interface AccessToken {
  accessToken: string
  scopes: string[]
  /** Milliseconds since the epoch. */
  expiresAt: number
}

/** The server and user of a token. Includes the user, because a tab can outlive a sign-in. */
interface TokenOwner {
  /** Endpoint by path: the OAuth resource. */
  resource: string
  userId: string
}

/** State of an authorization while the browser is on the consent page. */
interface Pending extends TokenOwner {
  state: string
  codeVerifier: string
  /** Page of the dashboard to return to. */
  returnTo: string
}

const PENDING = 'wharf.playground.pending'
const TOKENS = 'wharf.playground.access'

/** A failed authorization, with a message for the user and the page to return to. */
export class AuthorizationFailed extends Error {
  readonly returnTo: string | undefined
  constructor(message: string, returnTo?: string) {
    super(message)
    this.returnTo = returnTo
  }
}

/** Returns the stored token. Undefined if the token is missing or expired. */
export function findToken({ resource, userId }: TokenOwner, now: number): AccessToken | undefined {
  const token = read<Record<string, AccessToken & TokenOwner>>(TOKENS)?.[resource]
  return token?.userId === userId && token.expiresAt > now ? token : undefined
}

export function forgetToken(resource: string): void {
  const { [resource]: _, ...rest } = read<Record<string, AccessToken & TokenOwner>>(TOKENS) ?? {}
  write(TOKENS, rest)
}

/** Revokes the token (RFC 7009). If the request fails, the token still expires within an hour. */
export async function revokeToken(resource: string, { accessToken }: AccessToken, fetch: FetchLike): Promise<void> {
  try {
    const { authorizationServerMetadata: metadata, client } = await discover(resource, fetch)
    const endpoint = metadata && 'revocation_endpoint' in metadata ? metadata.revocation_endpoint : undefined
    const body = new URLSearchParams({ token: accessToken, token_type_hint: 'access_token', client_id: client.client_id })
    if (endpoint) await fetch(endpoint, { method: 'POST', body })
  } catch {
    // the token expires within an hour anyway
  }
}

interface AccessRequest extends TokenOwner {
  /** Requested scopes. Defaults to the scopes in the server's metadata. */
  scopes: readonly string[] | undefined
  returnTo: string
  fetch: FetchLike
}

/** Leaves for the consent page of the hosted server. The promise never resolves, but may reject. */
export async function requestAccess({ resource, userId, scopes, returnTo, fetch }: AccessRequest): Promise<never> {
  const [{ startAuthorization }, found] = await Promise.all([clientLibrary(), discover(resource, fetch)])
  const state = crypto.randomUUID()
  const scope = (scopes ?? found.resourceMetadata?.scopes_supported ?? []).join(' ')
  const { authorizationUrl, codeVerifier } = await startAuthorization(found.authorizationServerUrl, {
    ...(found.authorizationServerMetadata ? { metadata: found.authorizationServerMetadata } : {}),
    clientInformation: { client_id: found.client.client_id },
    redirectUrl: found.client.redirect_uri,
    ...(scope ? { scope } : {}),
    state,
    resource,
  })
  write(PENDING, { resource, userId, state, codeVerifier, returnTo } satisfies Pending)
  location.assign(authorizationUrl)
  return new Promise(() => {})
}

/**
 * Exchanges the authorization code for a token. Returns the page to open. Throws {@link
 * AuthorizationFailed}.
 */
export async function completeAuthorization(query: URLSearchParams, fetch: FetchLike): Promise<string> {
  const pending = read<Pending>(PENDING)
  sessionStorage.removeItem(PENDING) // a code is used only once
  if (!pending || query.get('state') !== pending.state) {
    throw new AuthorizationFailed('The response does not match a request of this tab. Return to the playground and allow access again.')
  }
  const { resource, userId, codeVerifier, returnTo } = pending
  const [{ exchangeAuthorization, validateAuthorizationResponseIssuer }, found] = await Promise.all([
    clientLibrary(),
    discover(resource, fetch),
  ])
  const metadata = found.authorizationServerMetadata
  const iss = query.get('iss') ?? undefined
  try {
    // must precede the use of any other parameter (RFC 9207 §2.4)
    validateAuthorizationResponseIssuer({ iss, expectedIssuer: metadata?.issuer, issParameterSupported: true })
  } catch {
    throw new AuthorizationFailed('The response came from a different server. It was ignored.', returnTo)
  }
  if (query.has('error')) throw new AuthorizationFailed(errorText(query), returnTo)
  try {
    const tokens = await exchangeAuthorization(found.authorizationServerUrl, {
      ...(metadata ? { metadata } : {}),
      clientInformation: { client_id: found.client.client_id },
      authorizationCode: query.get('code') ?? '',
      ...(iss === undefined ? {} : { iss }),
      codeVerifier,
      redirectUri: found.client.redirect_uri,
      resource,
      fetchFn: fetch,
    })
    const token: AccessToken & TokenOwner = {
      resource,
      userId,
      accessToken: tokens.access_token,
      scopes: tokens.scope?.split(' ') ?? [],
      expiresAt: Date.now() + (tokens.expires_in ?? 3600) * 1000,
    }
    write(TOKENS, { ...read<Record<string, unknown>>(TOKENS), [resource]: token })
    return returnTo
  } catch (error) {
    throw new AuthorizationFailed(
      `The server did not grant access: ${error instanceof Error ? error.message : 'no reason given'}.`,
      returnTo,
    )
  }
}

function errorText(query: URLSearchParams): string {
  // the code of RFC 6749 §4.1.2.1; the description is for people and can change
  if (query.get('error') === 'access_denied') return 'You declined, so no access was granted.'
  return `The server did not grant access: ${query.get('error_description') ?? query.get('error')}.`
}

/**
 * Discovers the authorization server from the resource URL (RFC 9728, RFC 8414), and loads the
 * client metadata document of the dashboard.
 */
async function discover(resource: string, fetchFn: FetchLike) {
  const { discoverOAuthServerInfo } = await clientLibrary()
  const [found, own] = await Promise.all([
    discoverOAuthServerInfo(resource, {
      resourceMetadataUrl: new URL(`/.well-known/oauth-protected-resource${new URL(resource).pathname}`, resource),
      fetchFn,
    }),
    fetch('/dashboard/client.json', { credentials: 'omit' }),
  ])
  const document = (await own.json()) as { client_id: string; redirect_uris: [string] }
  return { ...found, client: { client_id: document.client_id, redirect_uri: document.redirect_uris[0] } }
}

function read<T>(name: string): T | undefined {
  try {
    return (JSON.parse(sessionStorage.getItem(name) ?? 'null') as T | null) ?? undefined
  } catch {
    return undefined
  }
}

function write(name: string, value: unknown): void {
  sessionStorage.setItem(name, JSON.stringify(value))
}
