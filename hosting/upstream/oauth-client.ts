import * as oauth from 'oauth4webapi'
import { FetchRefused, guardedFetch, parseDevOrigins } from '../../protocol/http/guarded-fetch.ts'
import { parseAddresses } from '../../protocol/location.ts'
import { SKEW_SECONDS } from '../../protocol/oauth/signed-jwt.ts'

/*
 * The platform as an OAuth client of an upstream server: authorization code with PKCE (RFC 6749
 * §4.1, RFC 7636) and OpenID Connect. Failures are results, because each caller shows a failure in
 * a form of its own. Requests go through the guarded fetch.
 */

const TIMEOUT_MS = 5_000
const MAX_REQUEST_BYTES = 16 * 1024
const MAX_RESPONSE_BYTES = 64 * 1024

type FetchEnv = Pick<Env, 'PUBLIC_ORIGIN' | 'SERVER_HOST' | 'DEV_ORIGINS'>

/** Metadata of an upstream authorization server with the endpoints that the flow needs. */
export type UpstreamServer = oauth.AuthorizationServer & { authorization_endpoint: string; token_endpoint: string }

/** The platform as it is registered at an upstream server. */
export interface UpstreamClient {
  clientId: string
  /** Undefined for a public client. */
  clientSecret: string | undefined
  redirectUri: string
}

/** Values for the check of a callback against the authorization request. */
export interface Challenge {
  state: string
  /** Undefined for a request without an ID token. */
  nonce: string | undefined
  codeVerifier: string
}

export type UpstreamFailure =
  /** The callback belongs to another authorization request, or to another issuer (RFC 9207). */
  | { reason: 'wrong-callback'; detail: string }
  /** The user declined, or the authorization endpoint rejected the request (RFC 6749 §4.1.2.1). */
  | { reason: 'authorization-error'; error: string; description: string | undefined }
  /** The token endpoint rejected the code (RFC 6749 §5.2). */
  | { reason: 'token-error'; error: string }
  /** A response does not follow the protocol. */
  | { reason: 'invalid-response'; detail: string }
  /** No response arrived, or the guarded fetch refused the request. */
  | { reason: 'unreachable'; detail: string }

export type UpstreamResult<T> = { value: T } | { failure: UpstreamFailure }

/** Returns the URL of an authorization request. A request for the scope `openid` has a nonce. */
export async function beginAuthorization(
  server: UpstreamServer,
  { clientId, redirectUri }: Omit<UpstreamClient, 'clientSecret'>,
  scope: string,
): Promise<{ url: URL; challenge: Challenge }> {
  const challenge = {
    state: oauth.generateRandomState(),
    nonce: scope.split(' ').includes('openid') ? oauth.generateRandomNonce() : undefined,
    codeVerifier: oauth.generateRandomCodeVerifier(),
  }
  const parameters = {
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectUri,
    scope,
    state: challenge.state,
    nonce: challenge.nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(challenge.codeVerifier),
    code_challenge_method: 'S256',
  }
  const url = new URL(server.authorization_endpoint)
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) url.searchParams.set(name, value)
  return { url, challenge }
}

/**
 * Exchanges the code of a callback for tokens. A challenge with a nonce requires an ID token, whose
 * signature the caller verifies.
 */
export async function exchangeCode(
  env: FetchEnv,
  server: UpstreamServer,
  client: UpstreamClient,
  { callback, challenge }: { callback: URL; challenge: Challenge },
): Promise<UpstreamResult<oauth.TokenEndpointResponse>> {
  const { state, nonce, codeVerifier } = challenge
  const identity = identityOf(client)
  const parameters = await attempt(() => validateCallback(server, identity, callback, state))
  if ('failure' in parameters) return parameters
  return attempt(async () => {
    const response = await oauth.authorizationCodeGrantRequest(
      server,
      identity,
      authenticationOf(server, client),
      parameters.value,
      client.redirectUri,
      codeVerifier,
      { [oauth.customFetch]: upstreamFetch(env) },
    )
    const idToken = nonce === undefined ? {} : { expectedNonce: nonce, requireIdToken: true }
    return oauth.processAuthorizationCodeResponse(server, identity, response, idToken)
  })
}

/**
 * Returns the claims of the userinfo endpoint about the subject of an ID token (OpenID Connect Core
 * §5.3).
 */
export async function readUserInfo(
  env: FetchEnv,
  server: UpstreamServer,
  client: UpstreamClient,
  { accessToken, subject }: { accessToken: string; subject: string },
): Promise<UpstreamResult<oauth.UserInfoResponse>> {
  const identity = identityOf(client)
  return attempt(async () => {
    const response = await oauth.userInfoRequest(server, identity, accessToken, { [oauth.customFetch]: upstreamFetch(env) })
    return oauth.processUserInfoResponse(server, identity, subject, response)
  })
}

function validateCallback(...callback: Parameters<typeof oauth.validateAuthResponse>): URLSearchParams {
  try {
    return oauth.validateAuthResponse(...callback)
  } catch (error) {
    if (error instanceof oauth.OperationProcessingError) throw new WrongCallback(error.message, { cause: error })
    throw error
  }
}

class WrongCallback extends Error {}

function identityOf({ clientId }: UpstreamClient): oauth.Client {
  return { client_id: clientId, [oauth.clockTolerance]: SKEW_SECONDS }
}

/** A server that names no method takes Basic (OpenID Connect Discovery §3). */
function authenticationOf(
  { token_endpoint_auth_methods_supported: methods }: UpstreamServer,
  { clientSecret }: UpstreamClient,
): oauth.ClientAuth {
  if (clientSecret === undefined) return oauth.None()
  return methods && !methods.includes('client_secret_basic') ? oauth.ClientSecretPost(clientSecret) : oauth.ClientSecretBasic(clientSecret)
}

/** Runs a step of the flow. Errors of the upstream server become results; all others are thrown. */
async function attempt<T>(step: () => T | Promise<T>): Promise<UpstreamResult<T>> {
  try {
    return { value: await step() }
  } catch (error) {
    const failure = failureOf(error)
    if (!failure) throw error
    return { failure }
  }
}

function failureOf(error: unknown): UpstreamFailure | undefined {
  if (error instanceof oauth.AuthorizationResponseError)
    return { reason: 'authorization-error', error: error.error, description: error.error_description }
  if (error instanceof WrongCallback) return { reason: 'wrong-callback', detail: error.message }
  if (error instanceof oauth.ResponseBodyError) return { reason: 'token-error', error: error.error }
  if (error instanceof oauth.OperationProcessingError || error instanceof oauth.UnsupportedOperationError)
    return { reason: 'invalid-response', detail: error.message }
  if (error instanceof FetchRefused) return { reason: 'unreachable', detail: error.message }
  return undefined
}

/** Sends forms with a Content-Length, because some servers reject a form that arrives in chunks. */
function upstreamFetch(env: FetchEnv) {
  const addresses = parseAddresses(env.PUBLIC_ORIGIN, env.SERVER_HOST)
  return async (url: string, { body, redirect: _redirect, signal: _signal, ...init }: RequestInit): Promise<Response> => {
    const headers = new Headers(init.headers)
    const form = body instanceof URLSearchParams ? new TextEncoder().encode(body.toString()) : undefined
    if (form) headers.set('Content-Length', String(form.byteLength))
    try {
      return await guardedFetch(new Request(url, { ...init, headers, ...(form ? { body: form } : {}) }), {
        addresses,
        devOrigins: parseDevOrigins(env.DEV_ORIGINS, addresses),
        fetch: (each) => fetch(each),
        redirect: 'error',
        signal: AbortSignal.timeout(TIMEOUT_MS),
        maxRequestBytes: MAX_REQUEST_BYTES,
        maxResponseBytes: MAX_RESPONSE_BYTES,
      })
    } catch (cause) {
      if (cause instanceof FetchRefused) throw cause
      throw new FetchRefused(`${new URL(url).host} did not answer`, { cause })
    }
  }
}
