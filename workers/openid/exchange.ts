import { decodeProtectedHeader, errors } from 'jose'
import * as oauth from 'oauth4webapi'
import { FetchRefused, guardedFetch, parseDevOrigins } from '../../protocol/http/guarded-fetch.ts'
import { parseAddresses } from '../../protocol/location.ts'
import { SKEW_SECONDS, verifyJwt } from '../../protocol/oauth/signed-jwt.ts'
import type { ProviderConfiguration } from '../../protocol/openid/configuration.ts'
import { parsePerson, type NamedPerson } from '../../protocol/openid/person.ts'
import { DocumentUnavailable } from '../../hosting/upstream/document-fetch.ts'
import { PageFault } from '../pages/page-fault.ts'
import { verifyWithKeys } from '../clients/keys.ts'
import type { AppRequest } from '../request.ts'
import { PLATFORM, readConfiguration, type OpenIdProvider } from './provider.ts'

/*
 * OpenID Connect Core §3.1, as a relying party: oauth4webapi makes and judges the messages, fetches go through the guarded fetch, signatures are checked with
 * the keys kept for the provider. What is wrong is a PageFault: there is nobody but the person to tell.
 */

const TIMEOUT_MS = 5_000
const MAX_ANSWER = 64 * 1024
const MAX_REQUEST = 16 * 1024

/** What a browser has to come back with. */
export interface Challenge {
  state: string
  nonce: string
  codeVerifier: string
}

/**
 * Each provider's own (RFC 9700 §4.4.2.2): where an answer arrives says whose it should be, also of a provider that sends no `iss`. With one address for all, a
 * tenant's provider could send people on to another provider, and be handed that one's code. None is the beginning of another, which some providers would take.
 */
export function callbackUrl({ addresses }: Pick<AppRequest, 'addresses'>, { id }: Pick<OpenIdProvider, 'id'>): string {
  return `${addresses.origin}/auth/openid${id === PLATFORM ? '' : `/${id}`}/callback`
}

/** Where a browser is sent, and what it has to come back with. */
export async function beginSignIn(request: AppRequest, provider: OpenIdProvider): Promise<{ url: URL; challenge: Challenge }> {
  const { authorization_endpoint } = await configurationOf(request, provider)
  const challenge = {
    state: oauth.generateRandomState(),
    nonce: oauth.generateRandomNonce(),
    codeVerifier: oauth.generateRandomCodeVerifier(),
  }
  const url = new URL(authorization_endpoint)
  const parameters = {
    response_type: 'code',
    client_id: provider.clientId,
    redirect_uri: callbackUrl(request, provider),
    scope: 'openid email profile',
    state: challenge.state,
    nonce: challenge.nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(challenge.codeVerifier),
    code_challenge_method: 'S256',
  }
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
  return { url, challenge }
}

/** Who signed in, by the answer the browser brings. The browser was seen to be the one that was sent. */
export async function finishSignIn(
  request: AppRequest,
  provider: OpenIdProvider,
  { state, nonce, codeVerifier }: Challenge,
): Promise<NamedPerson> {
  const server = await configurationOf(request, provider)
  const client: oauth.Client = { client_id: provider.clientId, [oauth.clockTolerance]: SKEW_SECONDS }
  const options = { [oauth.customFetch]: (url: string, init: RequestInit) => fetchProvider(request.env, url, init) }
  const parameters = answerOf(provider, () => oauth.validateAuthResponse(server, client, new URL(request.url), state))
  try {
    const authenticate = authentication(server, await provider.clientSecret())
    const answer = await oauth.authorizationCodeGrantRequest(
      server,
      client,
      authenticate,
      parameters,
      callbackUrl(request, provider),
      codeVerifier,
      options,
    )
    const tokens = await oauth.processAuthorizationCodeResponse(server, client, answer, { expectedNonce: nonce, requireIdToken: true })
    const claims = await verifyIdToken(request, tokens.id_token ?? '', server, provider)
    const person = await completed(claims, async (subject) => {
      if (server.userinfo_endpoint === undefined) return {}
      const told = await oauth.userInfoRequest(server, client, tokens.access_token, options)
      return oauth.processUserInfoResponse(server, client, subject, told)
    })
    if (person.tenant !== provider.issuerTenant) throw refusal(provider, `its ID token is of the tenant ${person.tenant ?? '(none)'}`)
    return person
  } catch (error) {
    throw toFault(provider, error)
  }
}

/** What the browser brought: a repeated parameter, another state or another issuer (RFC 9207) is not the provider's doing. */
function answerOf<T>(provider: OpenIdProvider, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof oauth.OperationProcessingError)
      throw new PageFault(400, 'This answer was not accepted', `It is not the one that was asked for: ${error.message}.`)
    throw toFault(provider, error)
  }
}

/** Everything a sign-in needs of a provider is there. */
type SignInConfiguration = ProviderConfiguration & { authorization_endpoint: string; token_endpoint: string }

async function configurationOf(request: AppRequest, provider: OpenIdProvider): Promise<SignInConfiguration> {
  try {
    const found = await readConfiguration(request, provider.issuer)
    const { authorization_endpoint, token_endpoint } = found
    if (authorization_endpoint === undefined || token_endpoint === undefined)
      throw refusal(provider, 'its configuration names no authorization_endpoint or no token_endpoint')
    return { ...found, authorization_endpoint, token_endpoint }
  } catch (error) {
    throw toFault(provider, error)
  }
}

/** The signature too is checked, although the token came straight from the provider: its keys are what an assertion's are checked with. */
async function verifyIdToken(
  request: AppRequest,
  idToken: string,
  { jwks_uri }: ProviderConfiguration,
  { issuer, clientId }: OpenIdProvider,
): Promise<Record<string, unknown>> {
  const now = new Date()
  const { payload } = await verifyWithKeys(
    { jwksUri: jwks_uri },
    decodeProtectedHeader(idToken).kid,
    (keys) => verifyJwt(idToken, keys, { issuer, audience: clientId, currentDate: now, requiredClaims: ['sub', 'exp', 'iat', 'nonce'] }),
    { ofProvider: true, now, request },
  )
  // OpenID Connect Core §3.1.3.7: also where the audience is one
  if (payload['azp'] !== undefined && payload['azp'] !== clientId) throw new errors.JWTClaimValidationFailed('azp', payload, 'azp')
  return payload
}

/** Some providers name a person's address at the userinfo endpoint alone (§5.4). */
async function completed(
  claims: Record<string, unknown>,
  askUserinfo: (subject: string) => Promise<Record<string, unknown>>,
): Promise<NamedPerson> {
  const named = parsePerson(claims)
  if (!named) throw new errors.JWTClaimValidationFailed('sub', claims, 'sub')
  if (named.email !== undefined) return named
  return parsePerson({ ...(await askUserinfo(named.subject)), ...claims }) ?? named
}

/** §9: Basic where the provider does not say otherwise. */
function authentication({ token_endpoint_auth_methods_supported: methods }: ProviderConfiguration, secret: string): oauth.ClientAuth {
  return methods && !methods.includes('client_secret_basic') ? oauth.ClientSecretPost(secret) : oauth.ClientSecretBasic(secret)
}

/** A form goes out with its length: not every provider reads one that is sent in chunks. */
async function fetchProvider(env: Env, url: string, { body, ...init }: RequestInit): Promise<Response> {
  const addresses = parseAddresses(env.PUBLIC_ORIGIN, env.SERVER_HOST)
  const headers = new Headers(init.headers)
  const form = body instanceof URLSearchParams ? new TextEncoder().encode(body.toString()) : undefined
  if (form) headers.set('Content-Length', String(form.byteLength))
  const { redirect: _redirect, signal: _signal, ...rest } = init
  try {
    return await guardedFetch(new Request(url, { ...rest, headers, ...(form ? { body: form } : {}) }), {
      addresses,
      devOrigins: parseDevOrigins(env.DEV_ORIGINS, addresses),
      fetch: (each) => fetch(each),
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
      maxRequestBytes: MAX_REQUEST,
      maxResponseBytes: MAX_ANSWER,
    })
  } catch (cause) {
    if (cause instanceof FetchRefused) throw cause
    throw new FetchRefused(`${new URL(url).host} did not answer`, { cause })
  }
}

function toFault(provider: OpenIdProvider, error: unknown): unknown {
  if (error instanceof oauth.AuthorizationResponseError) {
    const declined = error.error === 'access_denied'
    return new PageFault(
      declined ? 403 : 400,
      declined ? 'You were not signed in' : `${provider.name} did not sign you in`,
      `${provider.name} answered ${error.error}${error.error_description ? `: ${error.error_description.slice(0, 300)}` : ''}.`,
    )
  }
  if (error instanceof oauth.ResponseBodyError) return refusal(provider, `its token endpoint answered ${error.error}`)
  if (error instanceof oauth.OperationProcessingError || error instanceof oauth.UnsupportedOperationError)
    return refusal(provider, error.message)
  if (error instanceof errors.JWTClaimValidationFailed) return refusal(provider, `its ID token's ${error.claim} is not acceptable`)
  if (error instanceof errors.JOSEError) return refusal(provider, `its ID token does not verify (${error.message})`)
  if (error instanceof DocumentUnavailable && error.tooOften) return new PageFault(429, 'Too many requests', `${error.message}.`)
  if (error instanceof DocumentUnavailable || error instanceof FetchRefused) return refusal(provider, error.message)
  return error
}

function refusal({ name, issuer }: OpenIdProvider, why: string): PageFault {
  return new PageFault(502, `${name} cannot sign you in at present`, `What ${issuer} said could not be accepted: ${why}.`)
}
