import { parseClientMetadata, type ClientMetadata } from '../../protocol/oauth/client-metadata/client-metadata.ts'
import { must, OAuthError } from '../../protocol/oauth/errors.ts'
import { newId, randomToken, sha256 } from '../../protocol/random.ts'
import { readBodyJson } from '../../protocol/http/body.ts'
import { findRegistration, registerClient, type ClientRealm } from '../../store/clients/clients.ts'
import { retryOnConflict } from '../../store/guard.ts'
import { findInitialAccessToken, useInitialAccessToken, type InitialAccessToken } from '../../store/clients/initial-access-tokens.ts'
import type { Handler, IssuerRequest, ServerRequest } from '../request.ts'
import { json, noStore } from '../responses.ts'
import { MAX_BODY_BYTES } from '../clients/form.ts'
import { limitGuessing, tooManyRequests } from '../clients/guessing.ts'
import { clientRealm } from '../clients/resolve-client.ts'
import { callerNetwork } from '../caller-network.ts'

/** Attempts of a registration, because registrations with the same token conflict. */
const ATTEMPTS = 5

interface Place {
  realm: ClientRealm
  /** Null for the root issuer. */
  serverId: string | null
}

/**
 * Registers a client (RFC 7591 §3), if the registration setting allows. A client has no rights
 * before consent, except `machineScopes`. A public client registering the same metadata again keeps
 * the client id, because some apps register at every start.
 */
export const register: Handler<ServerRequest> = async (request) => {
  const { server, urls, addresses } = request
  const findToken = await admit(request)
  const metadata = parseClientMetadata(await readJson(request), { addresses, allowsClientCredentials: server.machineScopes.length > 0 })
  const place = { realm: clientRealm(urls, server), serverId: server.id }
  return retryOnConflict(
    ATTEMPTS,
    async () => addClient(request, metadata, place, await findToken?.()),
    () => tooManyRequests('Too many registrations with this initial access token at once; try again'),
  )
}

/**
 * Registers a client at the root issuer, open to all clients. Each tenant decides if clients of the
 * root issuer may connect.
 */
export const registerAtRoot: Handler<IssuerRequest> = async (request) => {
  const metadata = parseClientMetadata(await readJson(request), { addresses: request.addresses })
  return addClient(request, metadata, { realm: clientRealm(request.urls, undefined), serverId: null })
}

/**
 * Checks the registration setting before reading the body. For `protected` registration, returns a
 * function to load the token on each retry, because the remaining uses can change.
 */
async function admit(request: ServerRequest): Promise<(() => Promise<InitialAccessToken>) | undefined> {
  const { store, server, headers } = request
  if (server.registration === 'open') return undefined
  must(
    server.registration !== 'closed',
    'access_denied',
    `registration is closed; use a client id from ${server.tenant} or a Client ID Metadata Document`,
  )
  const authorization = headers.get('Authorization')
  if (authorization === null) throw initialAccessTokenNeeded()
  const token = /^Bearer +(wharf_iat_[\w-]{43}) *$/i.exec(authorization)?.[1]
  const tokenHash = await sha256(token ?? '')
  const find = async () => {
    const found = await findInitialAccessToken(store, server.key, tokenHash, new Date())
    if (!found) throw initialAccessTokenRefused()
    return found
  }
  await find().catch(async (error: unknown) => {
    if (error instanceof OAuthError) await limitGuessing(request, 'initial access token')
    throw error
  })
  return find
}

async function addClient(
  request: IssuerRequest,
  metadata: ClientMetadata,
  { realm, serverId }: Place,
  token?: InitialAccessToken,
): Promise<Response> {
  const { store } = request
  const hasSecret = metadata.tokenEndpointAuthMethod.startsWith('client_secret')
  const metadataHash = hasSecret ? null : await sha256(JSON.stringify(metadata))
  const known = metadataHash !== null && (await findRegistration(store, realm, metadataHash))
  if (!known) {
    if (token?.usedUp) throw initialAccessTokenRefused()
    await limit(request, token)
  }

  const secret = hasSecret ? randomToken(32) : undefined
  const client = {
    ...realm,
    serverId,
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
    registeredFrom: callerNetwork(request.headers),
  }
  const now = new Date()
  const use = token && !known ? useInitialAccessToken(store, token, client, now) : []
  const row = await registerClient(store, client, now, use)
  return noStore(json(registrationBody(row.clientId, row.createdAt, secret, metadata), { status: 201 }))
}

/** Returns the client information response (RFC 7591 §3.2.1). */
function registrationBody(clientId: string, createdAt: Date, secret: string | undefined, metadata: ClientMetadata) {
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
    left_out: metadata.leftOut,
  }
}

function readJson(request: IssuerRequest): Promise<unknown> {
  return readBodyJson(request, {
    mediaType: 'application/json',
    maxBytes: MAX_BODY_BYTES,
    toError: ({ status, detail, cause }) => new OAuthError('invalid_client_metadata', detail, { status, cause }),
  })
}

/**
 * Limits registrations by initial access token, or else by address. Apps of a token holder may
 * share an address.
 */
async function limit({ urls, headers, env }: IssuerRequest, token: InitialAccessToken | undefined) {
  const by = token ? { token: token.id } : { address: callerNetwork(headers) }
  const { success } = await env.AUTH_RATE_LIMIT.limit({ key: JSON.stringify(['register', urls.issuer, by]) })
  if (!success) throw tooManyRequests('Too many registrations')
}

/** The first challenge names no error (RFC 6750 §3). */
function initialAccessTokenNeeded(): OAuthError {
  return new OAuthError('invalid_token', 'registration requires an initial access token, sent as Authorization: Bearer wharf_iat_…', {
    headers: { 'WWW-Authenticate': 'Bearer realm="registration"' },
  })
}

function initialAccessTokenRefused(): OAuthError {
  const description = 'the initial access token is not valid here: it expired, was revoked, or has no uses left'
  return new OAuthError('invalid_token', description, {
    headers: { 'WWW-Authenticate': `Bearer realm="registration", error="invalid_token", error_description="${description}"` },
  })
}
