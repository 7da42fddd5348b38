import { assertedClientId, CLIENT_ASSERTION_TYPE } from '../../protocol/oauth/client-assertion.ts'
import { must, OAuthError } from '../../protocol/oauth/errors.ts'
import { sha256 } from '../../protocol/random.ts'
import type { Client } from '../../store/clients/clients.ts'
import { DocumentUnavailable } from '../../store/documents.ts'
import { acceptAssertion } from '../clients/client-assertion.ts'
import { readForm } from '../clients/form.ts'
import { slowDownGuessing } from '../clients/guessing.ts'
import { resolveClient } from '../clients/resolve-client.ts'
import type { Gate, IssuerClientRequest } from '../request.ts'

/** What a request says of its client (RFC 6749 §2.3, RFC 7523 §2.2). */
interface Credentials {
  clientId: string
  /** Undefined for a client that shows none. */
  secret: string | undefined
  assertion: string | undefined
  basic: boolean
}

/**
 * Client authentication, for every endpoint that has it: none, client_secret_basic, client_secret_post, private_key_jwt. Unknown, foreign and wrong look
 * alike.
 */
export const withClient: Gate<IssuerClientRequest> = async (request) => {
  request.form = await readForm(request)
  const credentials = presentedCredentials(request.headers.get('Authorization'), request.form)
  try {
    const client = await resolveClient(request, request.urls, credentials.clientId)
    if (!client) throw invalidClient()
    await authenticate(client, credentials, request)
    request.client = client
  } catch (error) {
    const refusal = error instanceof DocumentUnavailable ? documentRefusal(error) : error
    if (!(refusal instanceof OAuthError) || refusal.code !== 'invalid_client') throw refusal
    await slowDownGuessing(request, credentials.clientId)
    throw credentials.basic ? invalidClient(true, refusal.message) : refusal
  }
}

function presentedCredentials(authorization: string | null, form: URLSearchParams): Credentials {
  const assertion = presentedAssertion(form)
  const inBody = { clientId: form.get('client_id') ?? '', secret: form.get('client_secret') || undefined, assertion }
  if (authorization === null || !/^basic(?: |$)/i.test(authorization)) {
    must(assertion === undefined || inBody.secret === undefined, 'invalid_request', 'the client authenticates in two ways at once')
    const clientId = inBody.clientId || (assertion === undefined ? '' : assertedClientId(assertion))
    must(clientId, 'invalid_client', 'client_id is missing')
    return { ...inBody, clientId, basic: false }
  }
  must(inBody.secret === undefined && assertion === undefined, 'invalid_request', 'the client authenticates in two ways at once')
  const { clientId, secret } = parseBasic(authorization.slice('basic '.length).trim())
  must(inBody.clientId === '' || inBody.clientId === clientId, 'invalid_request', 'client_id differs from the Basic credentials')
  return { clientId, secret, assertion, basic: true }
}

function presentedAssertion(form: URLSearchParams): string | undefined {
  const assertion = form.get('client_assertion') || undefined
  const type = form.get('client_assertion_type') || undefined
  must((assertion === undefined) === (type === undefined), 'invalid_request', 'client_assertion and client_assertion_type go together')
  must(type === undefined || type === CLIENT_ASSERTION_TYPE, 'invalid_request', `client_assertion_type must be ${CLIENT_ASSERTION_TYPE}`)
  return assertion
}

/** RFC 6749 §2.3.1: both halves are form-encoded before they are joined, and an empty secret is none: some clients that have none send it so. */
function parseBasic(encoded: string): { clientId: string; secret: string | undefined } {
  try {
    const [clientId = '', secret] = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false })
      .decode(Uint8Array.fromBase64(encoded))
      .split(/:(.*)/s)
      .map((part) => decodeURIComponent(part.replaceAll('+', ' ')))
    if (clientId && secret !== undefined) return { clientId, secret: secret || undefined }
  } catch {
    // answered like any other wrong credential
  }
  throw invalidClient(true)
}

/**
 * A client with a key signs; one with a secret shows it, in whichever of the two ways: which one it registered for says nothing about who it is, and older
 * SDKs choose by the server's list. A client without either shows nothing.
 */
async function authenticate(client: Client, { secret, assertion }: Credentials, request: IssuerClientRequest): Promise<void> {
  if (client.tokenEndpointAuthMethod === 'private_key_jwt') {
    must(assertion !== undefined, 'invalid_client', 'the client authenticates by private_key_jwt: client_assertion is missing')
    return acceptAssertion(assertion, client, request)
  }
  const isAuthentic =
    client.secretHash === null ? secret === undefined : secret !== undefined && (await isSecretOf(client, secret, new Date()))
  if (!isAuthentic || assertion !== undefined) throw invalidClient()
}

/** While a secret is being replaced, two are good. */
async function isSecretOf(
  { secretHash, previousSecretHash, previousSecretExpiresAt }: Client,
  secret: string,
  now: Date,
): Promise<boolean> {
  const hash = await sha256(secret)
  if (hash === secretHash) return true
  return hash === previousSecretHash && previousSecretExpiresAt != null && now < previousSecretExpiresAt
}

/** A client that hears invalid_client gives up what it has and begins anew, so it hears that of its document alone and not of a host that is down. */
function documentRefusal({ message, tooOften, hostDown }: DocumentUnavailable): OAuthError {
  const description = `the client's document could not be used: ${message}`
  if (!tooOften && !hostDown) return new OAuthError('invalid_client', description)
  return new OAuthError('temporarily_unavailable', tooOften ? message : description, {
    status: tooOften ? 429 : 503,
    headers: { 'Retry-After': '60' },
  })
}

/** RFC 6749 §5.2: with a challenge where the client came by the Authorization header. */
function invalidClient(basic = false, description = 'Client authentication failed'): OAuthError {
  return new OAuthError('invalid_client', description, {
    headers: basic ? { 'WWW-Authenticate': 'Basic realm="OAuth client"' } : {},
  })
}
