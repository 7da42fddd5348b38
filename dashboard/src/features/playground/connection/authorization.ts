import type { FetchLike } from '@modelcontextprotocol/client'
import { clientLibrary } from './client-library.ts'

/**
 * The dashboard as an OAuth client of a hosted server (docs/decisions/0004): it asks the person in
 * front of it like any app would, and keeps what it gets in this tab alone. The browser leaves the
 * page to ask and comes back to `/dashboard/oauth/callback`.
 */

export interface AccessToken {
  accessToken: string
  scopes: string[]
  /** Milliseconds since the epoch. */
  expiresAt: number
}

/** Whose token: a hosted server's, for one person. A tab outlives a sign-in. */
interface Holder {
  /** Of the MCP endpoint by path: the OAuth resource. */
  resource: string
  userId: string
}

/** What is kept while the browser is away. */
interface Pending extends Holder {
  state: string
  codeVerifier: string
  /** A page of the dashboard. */
  returnTo: string
}

const PENDING = 'wharf.playground.asking'
const TOKENS = 'wharf.playground.access'

/** Why no access came, as a sentence for the person; where they started, as far as it is known. */
export class NoAccess extends Error {
  readonly returnTo: string | undefined
  constructor(message: string, returnTo?: string) {
    super(message)
    this.returnTo = returnTo
  }
}

/** Undefined where there is none, or it has expired. */
export function findToken({ resource, userId }: Holder, now: number): AccessToken | undefined {
  const token = read<Record<string, AccessToken & Holder>>(TOKENS)?.[resource]
  return token?.userId === userId && token.expiresAt > now ? token : undefined
}

export function forgetToken(resource: string): void {
  const { [resource]: _, ...rest } = read<Record<string, AccessToken & Holder>>(TOKENS) ?? {}
  write(TOKENS, rest)
}

/**
 * Tells the server that this token is not to be taken any more (RFC 7009). Where that fails, it is
 * over within its hour.
 */
export async function giveUp(resource: string, { accessToken }: AccessToken, fetch: FetchLike): Promise<void> {
  try {
    const { authorizationServerMetadata: metadata, client } = await discover(resource, fetch)
    const endpoint = metadata && 'revocation_endpoint' in metadata ? metadata.revocation_endpoint : undefined
    const body = new URLSearchParams({ token: accessToken, token_type_hint: 'access_token', client_id: client.client_id })
    if (endpoint) await fetch(endpoint, { method: 'POST', body })
  } catch {
    // nobody waits for it
  }
}

interface Ask extends Holder {
  /** Asked for; without them what the hosted server names in its metadata. */
  scopes: readonly string[] | undefined
  returnTo: string
  fetch: FetchLike
}

/**
 * Leaves the page for the hosted server's consent page. Never returns: it throws or the browser
 * goes.
 */
export async function askForAccess({ resource, userId, scopes, returnTo, fetch }: Ask): Promise<never> {
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
 * What the browser came back with, exchanged. Answers the page to go on with; throws {@link
 * NoAccess}.
 */
export async function finishAsking(query: URLSearchParams, fetch: FetchLike): Promise<string> {
  const pending = read<Pending>(PENDING)
  sessionStorage.removeItem(PENDING) // a code is tried once
  if (!pending || query.get('state') !== pending.state) {
    throw new NoAccess('This answer belongs to no question of this tab. Go back to the tools and ask again.')
  }
  const { resource, userId, codeVerifier, returnTo } = pending
  const [{ exchangeAuthorization, validateAuthorizationResponseIssuer }, found] = await Promise.all([
    clientLibrary(),
    discover(resource, fetch),
  ])
  const metadata = found.authorizationServerMetadata
  const iss = query.get('iss') ?? undefined
  try {
    // before anything else of the answer is believed (RFC 9207 §2.4)
    validateAuthorizationResponseIssuer({ iss, expectedIssuer: metadata?.issuer, issParameterSupported: true })
  } catch {
    throw new NoAccess('The answer came from another server than the one that was asked. Nothing was used of it.', returnTo)
  }
  if (query.has('error')) throw new NoAccess(refusal(query), returnTo)
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
    const token: AccessToken & Holder = {
      resource,
      userId,
      accessToken: tokens.access_token,
      scopes: tokens.scope?.split(' ') ?? [],
      expiresAt: Date.now() + (tokens.expires_in ?? 3600) * 1000,
    }
    write(TOKENS, { ...read<Record<string, unknown>>(TOKENS), [resource]: token })
    return returnTo
  } catch (error) {
    throw new NoAccess(`The server gave no access: ${error instanceof Error ? error.message : 'it did not say why'}.`, returnTo)
  }
}

function refusal(query: URLSearchParams): string {
  if (query.get('error') === 'access_denied' && query.get('error_description') === 'the user declined')
    return 'You declined. Nothing was allowed.'
  return `The server gave no access: ${query.get('error_description') ?? query.get('error')}.`
}

/**
 * From the resource's URL alone, as a client finds it (RFC 9728, RFC 8414); what the dashboard is
 * called, from its own document.
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
