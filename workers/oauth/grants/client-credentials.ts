import { must } from '../../../protocol/oauth/errors.ts'
import { parseScope } from '../../../protocol/oauth/authorization-request.ts'
import { MACHINE_SCOPES, narrow } from '../../../protocol/oauth/scope.ts'
import type { TokenRequest } from '../../../protocol/oauth/token-request.ts'
import { randomToken, sha256 } from '../../../protocol/random.ts'
import { tenantIssuer, type Client } from '../../../store/clients/clients.ts'
import { findMachineGrant, scopesNow, type ClientKey } from '../../../store/machines/machine-grants.ts'
import { issueMachineToken } from '../../../store/machines/machine-tokens.ts'
import type { ClientRequest } from '../../request.ts'
import { accessTokenReply, accessTokenEnd } from './access-token.ts'
import { closeGrantStreams } from '../../revocation.ts'
import { mustAdmitClient } from '../../clients/admission.ts'

/**
 * Issues a token to a client acting for itself (RFC 6749 §4.4). A member granted the scopes at the
 * hosted server, or the server grants `machineScopes` to all registered clients. There is no
 * refresh token (§4.4.3).
 */
export async function clientCredentials(request: ClientRequest, { scope }: TokenRequest<'client_credentials'>): Promise<Response> {
  const { store, server, urls } = request
  const client = mustBeConfidential(request.client)
  await mustAdmitClient(request, null)

  const isRegistered = client.issuer !== tenantIssuer(server.tenantId)
  const grant = await findMachineGrant(store, server.key, client)
  const allowed = grant ? scopesNow(grant, server) : isRegistered ? server.machineScopes : []
  must(allowed.length > 0, 'unauthorized_client', `${server.tenant} has granted this client no scopes at this server`)
  const granted = narrow(allowed, parseScope(scope) ?? MACHINE_SCOPES)
  must(granted.length > 0, 'invalid_scope', `scope must name at least one of ${allowed.join(' ')}`)

  const now = new Date()
  const token = `wharf_machine_${randomToken(32)}`
  const ended = await issueMachineToken(
    store,
    { ...server.key, issuer: urls.issuer, resource: urls.resource, client },
    {
      hash: await sha256(token),
      scopes: granted,
      expiresAt: accessTokenEnd(now),
      isFirst: isRegistered && !grant,
    },
    now,
  )
  closeGrantStreams(request, ended)
  return accessTokenReply(token, granted)
}

/** Requires a secret or a key, because a client_id alone proves nothing (RFC 6749 §4.4). */
function mustBeConfidential({ issuer, clientId, tokenEndpointAuthMethod }: Client): ClientKey {
  must(
    issuer !== undefined && tokenEndpointAuthMethod !== 'none',
    'unauthorized_client',
    'client_credentials requires a client that authenticates by a secret or a key',
  )
  return { issuer, clientId }
}
