import { parseScope } from '../../protocol/oauth/authorization-request.ts'
import { DEVICE_GRANT } from '../../protocol/oauth/device-authorization.ts'
import { must, OAuthError } from '../../protocol/oauth/errors.ts'
import { JWT_BEARER_GRANT } from '../../protocol/oauth/identity-assertion.ts'
import { checkResource } from '../../protocol/oauth/resource.ts'
import { parseTokenRequest, type TokenRequest } from '../../protocol/oauth/token-request.ts'
import { retryOnConflict, type Conflict } from '../../store/guard.ts'
import type { ClientRequest, Handler } from '../request.ts'
import { noStore } from '../responses.ts'
import { authorizationCode } from './grants/authorization-code.ts'
import { clientCredentials } from './grants/client-credentials.ts'
import { deviceCode } from './grants/device-code.ts'
import { limitGuessing } from '../clients/guessing.ts'
import { jwtBearer } from './grants/jwt-bearer.ts'
import { refreshToken } from './grants/refresh-token.ts'

/**
 * Attempts after conflicts. A retry reads the result of the request before, so one retry is usually
 * enough.
 */
const ATTEMPTS = 5

/** RFC 6749 §3.2. */
export const token: Handler<ClientRequest> = (request) => grantTokens(request, parseTokenRequest(request.form))

/**
 * Shared by the server and the root token endpoint, after the hosted server has been determined.
 */
export async function grantTokens(request: ClientRequest, message: TokenRequest): Promise<Response> {
  must(
    request.client.grantTypes.includes(message.grant_type),
    'unauthorized_client',
    `the client is not registered for ${message.grant_type}`,
  )
  checkResource(message.resource, request.urls.resource)
  parseScope(message.scope)
  try {
    return noStore(await retryOnConflict(ATTEMPTS, () => issueByGrantType(request, message), tooManyAtOnce))
  } catch (error) {
    if (error instanceof OAuthError && error.code === 'invalid_grant') await limitGuessing(request, request.client.clientId)
    throw error
  }
}

/** Dispatches by grant type, with a file per grant type. */
function issueByGrantType(request: ClientRequest, message: TokenRequest): Promise<Response> {
  switch (message.grant_type) {
    case 'authorization_code':
      return authorizationCode(request, message)
    case 'refresh_token':
      return refreshToken(request, message)
    case 'client_credentials':
      return clientCredentials(request, message)
    case DEVICE_GRANT:
      return deviceCode(request, message)
    case JWT_BEARER_GRANT:
      return jwtBearer(request, message)
  }
}

function tooManyAtOnce(cause: Conflict): OAuthError {
  return new OAuthError('temporarily_unavailable', 'Too many requests with this grant at once; try again', {
    headers: { 'Retry-After': '1' },
    cause,
  })
}
