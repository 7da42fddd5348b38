import { parseClientMetadata, type ClientMetadata } from '../../protocol/oauth/client-metadata.ts'
import { OAuthError } from '../../protocol/oauth/errors.ts'
import { newId, randomToken, sha256 } from '../../protocol/random.ts'
import { JsonFault, parseStrictJson } from '../../protocol/strict-json.ts'
import { findRegistration, registerClient } from '../../store/clients.ts'
import type { Handler, ServerRequest } from '../request.ts'
import { json, noStore } from '../responses.ts'
import { readSmallBody } from './form.ts'
import { tooManyRequests } from './guessing.ts'

/**
 * RFC 7591 §3, open to anyone: a client registered here has no rights until a user approves it. A client without a secret that registers the same
 * metadata again is the same client, so an app that registers at every start costs one row; one that holds a secret is another each time.
 */
export const register: Handler<ServerRequest> = async (request, env) => {
  const metadata = parseClientMetadata(await readJson(request))
  const { store, server, urls } = request
  const realm = { issuer: urls.issuer, tenantId: server.tenantId }
  const hasSecret = metadata.tokenEndpointAuthMethod.startsWith('client_secret')
  const metadataHash = hasSecret ? null : await sha256(JSON.stringify(metadata))

  if (!metadataHash || !(await findRegistration(store, realm, metadataHash))) await limit(request, env)

  const secret = hasSecret ? randomToken(32) : undefined
  const row = await registerClient(
    store,
    {
      ...realm,
      serverId: server.id,
      clientId: newId(),
      secretHash: secret ? await sha256(secret) : null,
      keys: metadata.keys ?? null,
      metadataHash,
      name: metadata.name ?? null,
      redirectUris: metadata.redirectUris,
      grantTypes: metadata.grantTypes,
      responseTypes: metadata.responseTypes,
      tokenEndpointAuthMethod: metadata.tokenEndpointAuthMethod,
      applicationType: metadata.applicationType,
      metadata: metadata.display,
    },
    new Date(),
  )
  return noStore(json(toAnswer(row.clientId, row.createdAt, secret, metadata), { status: 201 }))
}

/** RFC 7591 §3.2.1. */
function toAnswer(clientId: string, createdAt: Date, secret: string | undefined, metadata: ClientMetadata) {
  return {
    client_id: clientId,
    client_id_issued_at: Math.floor(createdAt.getTime() / 1000),
    ...(secret ? { client_secret: secret, client_secret_expires_at: 0 } : {}),
    redirect_uris: metadata.redirectUris,
    grant_types: metadata.grantTypes,
    response_types: metadata.responseTypes,
    token_endpoint_auth_method: metadata.tokenEndpointAuthMethod,
    application_type: metadata.applicationType,
    client_name: metadata.name,
    ...(metadata.keys && 'jwks' in metadata.keys ? { jwks: metadata.keys.jwks } : {}),
    ...(metadata.keys && 'jwksUri' in metadata.keys ? { jwks_uri: metadata.keys.jwksUri } : {}),
    ...metadata.display,
  }
}

async function readJson(request: ServerRequest): Promise<unknown> {
  const type = request.headers.get('Content-Type')?.split(';')[0]?.trim().toLowerCase()
  if (type !== 'application/json') {
    throw new OAuthError('invalid_client_metadata', 'Content-Type must be application/json', { status: 415 })
  }
  const text = await readSmallBody(request.body, 'invalid_client_metadata')
  try {
    return parseStrictJson(text)
  } catch (cause) {
    if (cause instanceof JsonFault)
      throw new OAuthError('invalid_client_metadata', `the body is not acceptable: ${cause.message}`, { cause })
    throw cause
  }
}

async function limit({ urls, headers }: ServerRequest, env: Env) {
  const { success } = await env.AUTH_RATE_LIMIT.limit({
    key: JSON.stringify(['register', urls.issuer, headers.get('CF-Connecting-IP') ?? '']),
  })
  if (!success) throw tooManyRequests('Too many registrations')
}
