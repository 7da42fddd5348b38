import { decodeProtectedHeader, errors } from 'jose'
import {
  beginAuthorization,
  exchangeCode,
  readUserInfo,
  type UpstreamClient,
  type UpstreamFailure,
  type UpstreamServer,
} from '../../hosting/upstream/oauth-client.ts'
import { verifyJwt } from '../../protocol/oauth/signed-jwt.ts'
import { parsePerson, type NamedPerson } from '../../protocol/openid/person.ts'
import { DocumentUnavailable } from '../../hosting/upstream/document-fetch.ts'
import { verifyWithKeys } from '../clients/keys.ts'
import type { AppRequest } from '../request.ts'
import { PLATFORM, readConfiguration, type OpenIdProvider } from './provider.ts'

/*
 * Sign-in at an OpenID provider (OpenID Connect Core §3.1). Failures are results, because
 * auth/openid shows failures to the person.
 */

export type SignInFailure = UpstreamFailure | { reason: 'rate-limited'; detail: string }
type SignInResult<T> = { value: T } | { failure: SignInFailure }

/** Values kept in a cookie from the authorization request to the callback. */
export interface Challenge {
  state: string
  nonce: string
  codeVerifier: string
}

/**
 * Returns the callback URL of a provider. Each provider has its own URL, against mix-up attacks
 * (RFC 9700 §4.4.2.2), and no URL is a prefix of the next, because some providers match by prefix.
 */
export function callbackUrl({ addresses }: Pick<AppRequest, 'addresses'>, { id }: Pick<OpenIdProvider, 'id'>): string {
  return `${addresses.origin}/auth/openid${id === PLATFORM ? '' : `/${id}`}/callback`
}

/** Returns the URL of an authorization request to the provider. */
export async function beginSignIn(
  request: AppRequest,
  provider: OpenIdProvider,
): Promise<SignInResult<{ url: URL; challenge: Challenge }>> {
  const server = await readServer(request, provider)
  if ('failure' in server) return server
  const client = { clientId: provider.clientId, redirectUri: callbackUrl(request, provider) }
  const { url, challenge } = await beginAuthorization(server.value, client, 'openid email profile')
  return { value: { url, challenge: { ...challenge, nonce: challenge.nonce ?? '' } } }
}

/** Returns the person named in the provider's reply to an authorization request of the browser. */
export async function finishSignIn(
  request: AppRequest,
  provider: OpenIdProvider,
  challenge: Challenge,
): Promise<SignInResult<NamedPerson>> {
  const server = await readServer(request, provider)
  if ('failure' in server) return server
  const client = await clientAt(request, provider)
  const tokens = await exchangeCode(request.env, server.value, client, { callback: new URL(request.url), challenge })
  if ('failure' in tokens) return tokens
  const claims = await verifyIdToken(request, tokens.value.id_token ?? '', server.value, provider)
  if ('failure' in claims) return claims
  const named = parsePerson(claims.value)
  if (!named) return invalid('sub in the ID token is not valid')

  // some providers send the email address at the userinfo endpoint only (OpenID Connect Core §5.4)
  let person = named
  if (named.email === undefined && server.value.userinfo_endpoint !== undefined) {
    const userInfo = await readUserInfo(request.env, server.value, client, {
      accessToken: tokens.value.access_token,
      subject: named.subject,
    })
    if ('failure' in userInfo) return userInfo
    person = parsePerson({ ...userInfo.value, ...claims.value }) ?? named
  }
  if (person.tenant !== provider.issuerTenant)
    return invalid(`the tenant of the ID token, ${person.tenant ?? '(none)'}, does not match the provider`)
  return { value: person }
}

async function clientAt(request: AppRequest, provider: OpenIdProvider): Promise<UpstreamClient> {
  return { clientId: provider.clientId, clientSecret: await provider.clientSecret(), redirectUri: callbackUrl(request, provider) }
}

async function readServer(request: AppRequest, { issuer }: OpenIdProvider): Promise<SignInResult<UpstreamServer>> {
  try {
    const found = await readConfiguration(request, issuer)
    const { authorization_endpoint, token_endpoint } = found
    if (authorization_endpoint === undefined || token_endpoint === undefined)
      return invalid('the configuration lacks authorization_endpoint or token_endpoint')
    return { value: { ...found, authorization_endpoint, token_endpoint } }
  } catch (error) {
    if (error instanceof DocumentUnavailable) return unavailable(error)
    throw error
  }
}

/**
 * Verifies claims and signature. The signature counts even with tokens fetched over TLS, because
 * identity assertions are verified with the same keys.
 */
async function verifyIdToken(
  request: AppRequest,
  idToken: string,
  { jwks_uri }: UpstreamServer,
  { issuer, clientId }: OpenIdProvider,
): Promise<SignInResult<Record<string, unknown>>> {
  const now = new Date()
  const expected = { issuer, audience: clientId, currentDate: now, requiredClaims: ['sub', 'exp', 'iat', 'nonce'] }
  try {
    const { payload } = await verifyWithKeys(
      { jwksUri: jwks_uri ?? '' },
      decodeProtectedHeader(idToken).kid,
      (keys) => verifyJwt(idToken, keys, expected),
      { ofProvider: true, now, request },
    )
    // OpenID Connect Core §3.1.3.7 asks for the check even with a single audience
    if (payload['azp'] !== undefined && payload['azp'] !== clientId) return invalid('azp in the ID token does not match')
    return { value: payload }
  } catch (error) {
    if (error instanceof errors.JWTClaimValidationFailed) return invalid(`${error.claim} in the ID token is not valid`)
    if (error instanceof errors.JOSEError) return invalid(`the ID token could not be verified (${error.message})`)
    if (error instanceof DocumentUnavailable) return unavailable(error)
    throw error
  }
}

function invalid(detail: string): { failure: SignInFailure } {
  return { failure: { reason: 'invalid-response', detail } }
}

function unavailable({ message, tooOften }: DocumentUnavailable): { failure: SignInFailure } {
  return { failure: { reason: tooOften ? 'rate-limited' : 'unreachable', detail: message } }
}
