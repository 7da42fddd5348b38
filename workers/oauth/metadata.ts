import type { IssuerUrls } from '../../protocol/location.ts'
import { TOKEN_ENDPOINT_AUTH_METHODS } from '../../protocol/oauth/client-metadata/auth-method.ts'
import { ID_JAG_PROFILE, JWT_BEARER_GRANT } from '../../protocol/oauth/identity-assertion.ts'
import { SIGNING_ALGORITHMS } from '../../protocol/oauth/signed-jwt.ts'
import { SCOPES } from '../../protocol/oauth/scope.ts'
import { GRANT_TYPES, ROOT_GRANT_TYPES } from '../../protocol/oauth/token-request.ts'
import { takesAssertions } from '../../store/identities/identity-providers.ts'
import type { IssuerRequest, ServerRequest } from '../request.ts'
import { json } from '../responses.ts'
import { findChallenge } from '../challenge.ts'

/** Caching time of metadata after a change of the hosted server. */
const CACHED = { headers: { 'Cache-Control': 'public, max-age=60' } }

/**
 * Serves authorization server metadata (RFC 8414 §2), at OpenID discovery URLs too. Identity
 * assertions are listed if the tenant has a provider for assertions.
 */
export async function authorizationServerMetadata({ method, store, server, urls }: ServerRequest): Promise<Response> {
  const byAssertion = await takesAssertions(store, server.tenantId)
  return document(method, {
    ...metadataOf(urls),
    registration_endpoint: server.registration === 'closed' ? undefined : urls.registrationEndpoint,
    device_authorization_endpoint: urls.deviceAuthorizationEndpoint,
    grant_types_supported: GRANT_TYPES.filter((type) => byAssertion || type !== JWT_BEARER_GRANT),
    authorization_grant_profiles_supported: byAssertion ? [ID_JAG_PROFILE] : undefined,
    protected_resources: [urls.resource],
  })
}

/**
 * Serves the metadata of the root issuer. Protected resources are not listed, because servers of
 * other tenants are private.
 */
export function rootMetadata({ method, urls }: IssuerRequest): Response {
  return document(method, {
    ...metadataOf(urls),
    registration_endpoint: urls.registrationEndpoint,
    grant_types_supported: ROOT_GRANT_TYPES,
  })
}

function metadataOf(urls: IssuerUrls) {
  return {
    issuer: urls.issuer,
    authorization_endpoint: urls.authorizationEndpoint,
    token_endpoint: urls.tokenEndpoint,
    revocation_endpoint: urls.revocationEndpoint,
    scopes_supported: SCOPES,
    response_types_supported: ['code'],
    response_modes_supported: ['query'],
    token_endpoint_auth_methods_supported: TOKEN_ENDPOINT_AUTH_METHODS,
    token_endpoint_auth_signing_alg_values_supported: SIGNING_ALGORITHMS,
    revocation_endpoint_auth_methods_supported: TOKEN_ENDPOINT_AUTH_METHODS,
    revocation_endpoint_auth_signing_alg_values_supported: SIGNING_ALGORITHMS,
    client_id_metadata_document_supported: true,
    code_challenge_methods_supported: ['S256'],
    authorization_response_iss_parameter_supported: true,
  }
}

/**
 * Serves protected resource metadata (RFC 9728 §2). `scopes_supported` lists the scopes to request
 * first, not all scopes.
 */
export async function protectedResourceMetadata(request: ServerRequest): Promise<Response> {
  const { scopes } = await findChallenge(request)
  return document(request.method, {
    resource: request.urls.resource,
    authorization_servers: [request.urls.issuer],
    scopes_supported: scopes,
    bearer_methods_supported: ['header'],
    resource_name: request.server.name,
  })
}

function document(method: string, body: Record<string, unknown>): Response {
  const response = json(body, CACHED)
  return method === 'HEAD' ? new Response(null, response) : response
}
