import {
  createTenantClient as createSchema,
  rotateSecret as rotateSchema,
  updateTenantClient as updateSchema,
  type TenantClientBody,
  type TenantClientDetailBody,
} from '../../protocol/api/clients.ts'
import type { Page } from '../../protocol/api/fields.ts'
import type { Addresses } from '../../protocol/location.ts'
import { parseClientMetadata, type ClientMetadata } from '../../protocol/oauth/client-metadata/client-metadata.ts'
import { OWN_ADDRESS } from '../../protocol/oauth/client-metadata/redirect-uris.ts'
import { OAuthError } from '../../protocol/oauth/errors.ts'
import { isOwnRedirectUri } from '../../protocol/oauth/redirect-uri.ts'
import { notFound, Problem } from '../../protocol/problem.ts'
import { newId, randomToken, sha256 } from '../../protocol/random.ts'
import { findMachineGrantsOf } from '../../store/machines/machine-grants.ts'
import {
  MAX_CLIENTS,
  addTenantClient,
  removeTenantClient,
  dropPreviousSecret,
  findTenantClient,
  findTenantClients,
  replaceSecret,
  changeTenantClient,
  type TenantClient,
} from '../../store/clients/tenant-clients.ts'
import { closeGrantStreams } from '../revocation.ts'
import { created, deleted, ok } from './replies.ts'
import { fieldProblem, readJson } from './body.ts'
import { storeWithReply } from './idempotent.ts'
import type { Handler, TenantRequest } from '../request.ts'

export const listTenantClients: Handler<TenantRequest> = async ({ store, tenant }) => {
  const found = await findTenantClients(store, tenant.id)
  const now = new Date()
  return ok({ items: found.map((client) => clientBody(client, now)) } satisfies Page<TenantClientBody>)
}

export const showTenantClient: Handler<TenantRequest> = async (request) => {
  const client = await clientOf(request)
  const found = await findMachineGrantsOf(request.store, request.tenant.id, client)
  const machineGrants = found.map(({ createdAt, lastUsedAt, ...grant }) => ({
    ...grant,
    createdAt: createdAt.toISOString(),
    lastUsedAt: lastUsedAt?.toISOString() ?? null,
  }))
  return ok({ ...clientBody(client, new Date()), machineGrants } satisfies TenantClientDetailBody)
}

/** Creates a client. Only this reply contains the client's secret. */
export const createTenantClient: Handler<TenantRequest> = async (request) => {
  const { tenant, user, addresses } = request
  const asked = await readJson(request, createSchema)
  const metadata = checkedMetadata(asked, addresses)
  const secret = metadata.tokenEndpointAuthMethod.startsWith('client_secret') ? newSecret() : undefined
  const now = new Date(Math.floor(Date.now() / 1000) * 1000) // the resolution of the database
  const client = {
    clientId: newId(),
    secretHash: secret ? await sha256(secret) : null,
    secretLastFour: secret?.slice(-4) ?? null,
    keys: metadata.keys ?? null,
    name: asked.name,
    redirectUris: metadata.redirectUris,
    grantTypes: metadata.grantTypes,
    responseTypes: metadata.responseTypes,
    tokenEndpointAuthMethod: metadata.tokenEndpointAuthMethod,
    applicationType: metadata.applicationType,
    createdBy: user.id,
    createdAt: now,
    lastUsedAt: null,
    previousSecretExpiresAt: null,
  }
  const reply = created({ ...clientBody(client, now), ...(secret ? { secret } : {}) } satisfies TenantClientBody)
  if (!(await addTenantClient(await storeWithReply(request, reply), tenant.id, client)))
    throw new Problem(409, 'Limit reached', `This tenant has ${MAX_CLIENTS} clients, which is the limit. Delete a client first.`)
  return reply
}

export const updateTenantClient: Handler<TenantRequest> = async (request) => {
  const { store, tenant, user } = request
  const client = await clientOf(request)
  const asked = await readJson(request, updateSchema)
  const hasNewKeys = asked.jwks !== undefined || asked.jwksUri !== undefined
  if (hasNewKeys && client.tokenEndpointAuthMethod !== 'private_key_jwt')
    throw fieldProblem(asked.jwks === undefined ? '/jwksUri' : '/jwks', 'is allowed only for clients with private_key_jwt')
  if (asked.redirectUris && !client.grantTypes.includes('authorization_code'))
    throw fieldProblem('/redirectUris', 'are allowed only for clients with authorization_code')
  const kept = client.keys && !hasNewKeys ? client.keys : undefined
  const { redirectUris, keys, applicationType } = checkedMetadata(
    {
      ...client,
      redirectUris: asked.redirectUris ?? client.redirectUris,
      jwks: kept && 'jwks' in kept ? kept.jwks : asked.jwks,
      jwksUri: kept && 'jwksUri' in kept ? kept.jwksUri : asked.jwksUri,
    },
    request.addresses,
  )
  const change = {
    ...(asked.name === undefined ? {} : { name: asked.name }),
    ...(asked.redirectUris ? { redirectUris, applicationType } : {}),
    ...(hasNewKeys ? { keys: keys ?? null } : {}),
  }
  if (
    Object.keys(change).length > 0 &&
    !(await changeTenantClient(store, { tenantId: tenant.id, clientId: client.clientId }, change, user.id))
  )
    throw notFound()
  return ok(clientBody({ ...client, ...change }, new Date()))
}

/**
 * Rotates the secret. Only this reply contains the new secret. The previous secret stays valid for
 * the overlap, so that copies of the client can switch over.
 */
export const rotateSecret: Handler<TenantRequest> = async (request) => {
  const { tenant, user } = request
  const { overlapHours } = await readJson(request, rotateSchema)
  const client = await clientOf(request)
  if (client.secretHash === null)
    throw new Problem(409, 'No secret', 'This client has no secret. It authenticates with a key, or is public.')
  const secret = newSecret()
  const overlapSeconds = Math.round(overlapHours * 3600)
  const rotation = { secretHash: await sha256(secret), secretLastFour: secret.slice(-4), overlapSeconds }
  const now = new Date()
  const rotated = {
    ...client,
    secretLastFour: rotation.secretLastFour,
    previousSecretExpiresAt: overlapSeconds > 0 ? new Date(now.getTime() + overlapSeconds * 1000) : null,
  }
  const reply = ok({ ...clientBody(rotated, now), secret } satisfies TenantClientBody)
  const store = await storeWithReply(request, reply)
  if (!(await replaceSecret(store, { tenantId: tenant.id, clientId: client.clientId }, rotation, { actor: user.id, now }))) throw notFound()
  return reply
}

/** Ends the previous secret before the overlap ends. */
export const endPreviousSecret: Handler<TenantRequest> = async (request) => {
  const { store, tenant, user, params } = request
  if (!(await dropPreviousSecret(store, { tenantId: tenant.id, clientId: params['client'] ?? '' }, user.id))) throw notFound()
  return deleted()
}

/** Deletes a client and its grants at all servers of the tenant. */
export const deleteTenantClient: Handler<TenantRequest> = async (request) => {
  const { store, tenant, user, params } = request
  const ended = await removeTenantClient(store, { tenantId: tenant.id, clientId: params['client'] ?? '' }, user.id)
  if (!ended) throw notFound()
  closeGrantStreams(request, ended)
  return deleted()
}

async function clientOf({ store, tenant, params }: TenantRequest): Promise<TenantClient> {
  const client = await findTenantClient(store, tenant.id, params['client'] ?? '')
  if (!client) throw notFound()
  return client
}

/** Applies the registration rules for redirect URIs and keys (RFC 7591 §2). */
function checkedMetadata(
  client: {
    grantTypes: string[]
    tokenEndpointAuthMethod: string
    redirectUris: string[]
    jwks?: unknown
    jwksUri?: string | undefined
  },
  addresses: Addresses,
): ClientMetadata {
  const own = client.redirectUris.find((uri) => isOwnRedirectUri(uri, addresses))
  if (own !== undefined) throw fieldProblem('/redirectUris', `is not valid: ${own} ${OWN_ADDRESS}`)
  try {
    return parseClientMetadata(
      {
        grant_types: client.grantTypes,
        token_endpoint_auth_method: client.tokenEndpointAuthMethod,
        redirect_uris: client.redirectUris,
        ...(client.jwks === undefined ? {} : { jwks: client.jwks }),
        ...(client.jwksUri === undefined ? {} : { jwks_uri: client.jwksUri }),
      },
      { addresses, allowsClientCredentials: true, allowsJwtBearer: true },
    )
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error
    const pointer = error.code === 'invalid_redirect_uri' ? '/redirectUris' : client.jwks === undefined ? '/jwksUri' : '/jwks'
    throw fieldProblem(pointer, `is not valid: ${error.message}`)
  }
}

/** Generates a secret. The prefix `wharf_cs_` lets secret scanners recognize it. */
function newSecret(): string {
  return `wharf_cs_${randomToken(32)}`
}

/** Fields of a client that members see. */
type ShownClient = Pick<
  TenantClient,
  | 'clientId'
  | 'name'
  | 'grantTypes'
  | 'tokenEndpointAuthMethod'
  | 'redirectUris'
  | 'keys'
  | 'secretLastFour'
  | 'previousSecretExpiresAt'
  | 'createdBy'
  | 'createdAt'
  | 'lastUsedAt'
>

function clientBody(client: ShownClient, now: Date): TenantClientBody {
  const { clientId, name, grantTypes, tokenEndpointAuthMethod, redirectUris, keys, secretLastFour, previousSecretExpiresAt: until } = client
  return {
    clientId,
    name: name ?? '',
    grantTypes,
    tokenEndpointAuthMethod,
    redirectUris,
    jwks: keys && 'jwks' in keys ? keys.jwks : null,
    jwksUri: keys && 'jwksUri' in keys ? keys.jwksUri : null,
    secretLastFour,
    previousSecretExpiresAt: until && now < until ? until.toISOString() : null,
    createdBy: client.createdBy,
    createdAt: client.createdAt.toISOString(),
    lastUsedAt: client.lastUsedAt?.toISOString() ?? null,
  }
}
