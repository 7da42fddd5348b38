import { must, OAuthError } from '../../protocol/oauth/errors.ts'
import { sha256 } from '../../protocol/random.ts'
import type { Client } from '../../store/clients.ts'
import { readForm } from '../oauth/form.ts'
import { slowDownGuessing } from '../oauth/guessing.ts'
import { resolveClient } from '../oauth/resolve-client.ts'
import type { ClientRequest, Gate } from '../request.ts'

/** What a request says of its client (RFC 6749 §2.3). */
interface Credentials {
  clientId: string
  /** Undefined for a public client. */
  secret: string | undefined
  basic: boolean
}

/** Client authentication, for every endpoint that has it: none, client_secret_basic, client_secret_post. Unknown, foreign and wrong look alike. */
export const withClient: Gate<ClientRequest> = async (request, env) => {
  request.form = await readForm(request)
  const credentials = presentedCredentials(request.headers.get('Authorization'), request.form)
  const client = await resolveClient(request, request.urls, credentials.clientId)
  if (!client || !(await isAuthentic(client, credentials))) {
    await slowDownGuessing(request, env, credentials.clientId)
    throw invalidClient(credentials.basic)
  }
  request.client = client
}

function presentedCredentials(authorization: string | null, form: URLSearchParams): Credentials {
  const inBody = { clientId: form.get('client_id') ?? '', secret: form.get('client_secret') || undefined }
  must(!form.has('client_assertion') && !form.has('client_assertion_type'), 'invalid_client', 'private_key_jwt is not offered here')
  if (authorization === null || !/^basic(?: |$)/i.test(authorization)) {
    must(inBody.clientId, 'invalid_client', 'client_id is missing')
    return { ...inBody, basic: false }
  }
  must(inBody.secret === undefined, 'invalid_request', 'the client authenticates in two ways at once')
  const { clientId, secret } = parseBasic(authorization.slice('basic '.length).trim())
  must(inBody.clientId === '' || inBody.clientId === clientId, 'invalid_request', 'client_id differs from the Basic credentials')
  return { clientId, secret, basic: true }
}

/** RFC 6749 §2.3.1: both halves are form-encoded before they are joined. */
function parseBasic(encoded: string): { clientId: string; secret: string } {
  try {
    const [clientId = '', secret = ''] = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false })
      .decode(Uint8Array.fromBase64(encoded))
      .split(/:(.*)/s)
      .map((part) => decodeURIComponent(part.replaceAll('+', ' ')))
    if (clientId && secret) return { clientId, secret }
  } catch {
    // answered like any other wrong credential
  }
  throw invalidClient(true)
}

/**
 * A client with a secret shows it, in whichever of the two ways: which one it registered for says nothing about who it is, and older SDKs choose by
 * the server's list. A client without one shows none.
 */
async function isAuthentic(client: Client, { secret }: Credentials): Promise<boolean> {
  if (client.secretHash === null) return secret === undefined
  return secret !== undefined && (await sha256(secret)) === client.secretHash
}

function invalidClient(basic: boolean): OAuthError {
  return new OAuthError('invalid_client', 'Client authentication failed', {
    headers: basic ? { 'WWW-Authenticate': 'Basic realm="OAuth client"' } : {},
  })
}
