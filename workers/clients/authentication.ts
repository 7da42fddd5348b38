import { assertedClientId, CLIENT_ASSERTION_TYPE } from '../../protocol/oauth/client-assertion.ts'
import { must, OAuthError } from '../../protocol/oauth/errors.ts'
import { sha256 } from '../../protocol/random.ts'
import type { Client } from '../../store/clients/clients.ts'
import { DocumentUnavailable } from '../../hosting/upstream/document-fetch.ts'
import type { IssuerRequest } from '../request.ts'
import { acceptAssertion } from './client-assertion.ts'
import { limitGuessing } from './guessing.ts'
import { resolveClient } from './resolve-client.ts'

/** Client credentials of a request (RFC 6749 §2.3, RFC 7523 §2.2). */
interface Credentials {
  clientId: string
  /** Undefined if the client sends no secret. */
  secret: string | undefined
  assertion: string | undefined
  basic: boolean
}

/**
 * Authenticates the client of an OAuth request by client_secret_basic, client_secret_post,
 * private_key_jwt or, for public clients, by its client_id alone.
 */
export async function authenticateClient(request: IssuerRequest, form: URLSearchParams): Promise<Client> {
  const credentials = presentedCredentials(request.headers.get('Authorization'), form)
  try {
    const client = await resolveClient(request, request.urls, credentials.clientId)
    if (!client) throw invalidClient()
    await authenticate(client, credentials, request)
    return client
  } catch (error) {
    const refusal = error instanceof DocumentUnavailable ? documentRefusal(error) : error
    if (!(refusal instanceof OAuthError) || refusal.code !== 'invalid_client') throw refusal
    await limitGuessing(request, credentials.clientId)
    throw credentials.basic ? invalidClient(true, refusal.message) : refusal
  }
}

function presentedCredentials(authorization: string | null, form: URLSearchParams): Credentials {
  const assertion = presentedAssertion(form)
  const inBody = { clientId: form.get('client_id') ?? '', secret: form.get('client_secret') || undefined, assertion }
  if (authorization === null || !/^basic(?: |$)/i.test(authorization)) {
    must(
      assertion === undefined || inBody.secret === undefined,
      'invalid_request',
      'the request authenticates the client in two ways; use one',
    )
    const clientId = inBody.clientId || (assertion === undefined ? '' : assertedClientId(assertion))
    must(clientId, 'invalid_client', 'client_id is missing')
    return { ...inBody, clientId, basic: false }
  }
  must(
    inBody.secret === undefined && assertion === undefined,
    'invalid_request',
    'the request authenticates the client in two ways; use one',
  )
  const { clientId, secret } = parseBasic(authorization.slice('basic '.length).trim())
  must(inBody.clientId === '' || inBody.clientId === clientId, 'invalid_request', 'client_id differs from the Basic credentials')
  return { clientId, secret, assertion, basic: true }
}

function presentedAssertion(form: URLSearchParams): string | undefined {
  const assertion = form.get('client_assertion') || undefined
  const type = form.get('client_assertion_type') || undefined
  must(
    (assertion === undefined) === (type === undefined),
    'invalid_request',
    'client_assertion and client_assertion_type must be sent together',
  )
  must(type === undefined || type === CLIENT_ASSERTION_TYPE, 'invalid_request', `client_assertion_type must be ${CLIENT_ASSERTION_TYPE}`)
  return assertion
}

/**
 * Parses Basic credentials (RFC 6749 §2.3.1), whose halves are form-encoded. An empty secret counts
 * as absent, because some clients without a secret send an empty value.
 */
function parseBasic(encoded: string): { clientId: string; secret: string | undefined } {
  try {
    const [clientId = '', secret] = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false })
      .decode(Uint8Array.fromBase64(encoded))
      .split(/:(.*)/s)
      .map((part) => decodeURIComponent(part.replaceAll('+', ' ')))
    if (clientId && secret !== undefined) return { clientId, secret: secret || undefined }
  } catch {
    // malformed credentials get the error of wrong credentials
  }
  throw invalidClient(true)
}

/**
 * Throws invalid_client unless the credentials fit the client: an assertion, a secret, or nothing.
 * A secret is accepted in the header and in the body, because older SDKs ignore the registered
 * method and choose from the server's list.
 */
async function authenticate(client: Client, { secret, assertion }: Credentials, request: IssuerRequest): Promise<void> {
  if (client.tokenEndpointAuthMethod === 'private_key_jwt') {
    must(assertion !== undefined, 'invalid_client', 'client_assertion is missing; the client authenticates by private_key_jwt')
    return acceptAssertion(assertion, client, request)
  }
  const isAuthentic =
    client.secretHash === null ? secret === undefined : secret !== undefined && (await isSecretOf(client, secret, new Date()))
  if (!isAuthentic || assertion !== undefined) throw invalidClient()
}

/** Compares with the current secret, and during a rotation with the previous secret too. */
async function isSecretOf(
  { secretHash, previousSecretHash, previousSecretExpiresAt }: Client,
  secret: string,
  now: Date,
): Promise<boolean> {
  const hash = await sha256(secret)
  if (hash === secretHash) return true
  return hash === previousSecretHash && previousSecretExpiresAt != null && now < previousSecretExpiresAt
}

/**
 * Maps an unusable client document to invalid_client, and an unreachable host to
 * temporarily_unavailable. A client that receives invalid_client discards its registration and its
 * tokens, so an outage must not cause it.
 */
function documentRefusal({ message, tooOften, hostDown }: DocumentUnavailable): OAuthError {
  const description = `the client's metadata document cannot be used: ${message}`
  if (!tooOften && !hostDown) return new OAuthError('invalid_client', description)
  return new OAuthError('temporarily_unavailable', tooOften ? message : description, {
    status: tooOften ? 429 : 503,
    headers: { 'Retry-After': '60' },
  })
}

/** Adds a challenge if the client used the Authorization header (RFC 6749 §5.2). */
function invalidClient(basic = false, description = 'Client authentication failed'): OAuthError {
  return new OAuthError('invalid_client', description, {
    headers: basic ? { 'WWW-Authenticate': 'Basic realm="OAuth client"' } : {},
  })
}
