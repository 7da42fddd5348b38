import { must } from '../../protocol/oauth/errors.ts'
import { sha256 } from '../../protocol/random.ts'
import { deleteMachineToken, MACHINE_TOKEN } from '../../store/machines/machine-tokens.ts'
import { findRefreshToken } from '../../store/grants/refresh-tokens.ts'
import { deleteToken } from '../../store/grants/tokens.ts'
import type { ClientRequest, Handler } from '../request.ts'
import { noStore } from '../responses.ts'
import { revokeGrant } from '../revocation.ts'
import { forgetToken } from '../callers.ts'

/**
 * Revokes a token (RFC 7009). A refresh token ends the grant with all tokens, even after rotation,
 * because a client may have missed the last rotation. An access token ends alone. The hint is not
 * needed, because tokens are found by hash.
 */
export const revoke: Handler<ClientRequest> = async (request) => {
  const { store, server, urls, client, form } = request
  const token = form.get('token')
  must(token, 'invalid_request', 'token is required')
  const realm = { issuer: urls.issuer, tenantId: server.tenantId }
  const hash = await sha256(token)

  if (MACHINE_TOKEN.test(token)) {
    const { issuer, clientId } = client
    if (issuer !== undefined && (await deleteMachineToken(store, realm, hash, { issuer, clientId })))
      forgetToken(server, urls.resource, hash)
    return noStore(new Response(null, { status: 200 }))
  }
  const refreshToken = await findRefreshToken(store, realm, hash)
  if (refreshToken?.clientId === client.clientId) {
    const ending = { grantId: refreshToken.grantId, actor: `client:${client.clientId}` }
    await revokeGrant(request, server.key, ending)
  } else if (await deleteToken(store, realm, hash, client.clientId)) {
    forgetToken(server, urls.resource, hash)
  }
  return noStore(new Response(null, { status: 200 }))
}
