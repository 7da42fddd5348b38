import { serverUrls, type ServerName } from '../../../protocol/location.ts'
import { must, OAuthError } from '../../../protocol/oauth/errors.ts'
import { parseTokenRequest, ROOT_GRANT_TYPES, type TokenRequest } from '../../../protocol/oauth/token-request.ts'
import { sha256 } from '../../../protocol/random.ts'
import { findServerOfGrant, findServerOfToken } from '../../../store/grants/root-grants.ts'
import { findHostedServer } from '../../../store/servers/servers.ts'
import { findSuspensionOfServer } from '../../../store/tenants/suspensions.ts'
import type { ClientRequest, Handler, IssuerClientRequest } from '../../request.ts'
import { noStore } from '../../responses.ts'
import { limitGuessing } from '../../clients/guessing.ts'
import { revoke } from '../revoke.ts'
import { grantTokens } from '../token.ts'

type RootTokenRequest = TokenRequest<(typeof ROOT_GRANT_TYPES)[number]>

/**
 * Issues tokens at the root issuer (RFC 6749 §3.2). The grant behind the code or refresh token
 * names the hosted server.
 */
export const tokenAtRoot: Handler<IssuerClientRequest> = async (request) => {
  const message = parseTokenRequest(request.form)
  must(isOfRoot(message), 'unsupported_grant_type', `grant_type must be one of ${ROOT_GRANT_TYPES.join(', ')} at the root issuer`)
  const atServer = await withServerNamed(request, await nameOfPresented(request, message))
  if (!atServer) {
    await limitGuessing(request, request.client.clientId)
    throw new OAuthError('invalid_grant', 'the code or refresh token is not valid at this issuer')
  }
  return grantTokens(atServer, message)
}

/** Revokes a token at the root issuer (RFC 7009). Replies 200 for unknown tokens. */
export const revokeAtRoot: Handler<IssuerClientRequest> = async (request) => {
  const token = request.form.get('token')
  must(token, 'invalid_request', 'token is required')
  const atServer = await withServerNamed(request, await findServerOfToken(request.store, request.urls.issuer, await sha256(token)))
  return atServer ? revoke(atServer) : noStore(new Response(null, { status: 200 }))
}

function isOfRoot(message: TokenRequest): message is RootTokenRequest {
  return (ROOT_GRANT_TYPES as readonly string[]).includes(message.grant_type)
}

async function nameOfPresented(
  { store, urls: { issuer } }: IssuerClientRequest,
  message: RootTokenRequest,
): Promise<ServerName | undefined> {
  if (message.grant_type === 'refresh_token') return findServerOfToken(store, issuer, await sha256(message.refresh_token))
  const [userId = '', grantId = ''] = message.code.split(':')
  return findServerOfGrant(store, issuer, { userId, grantId }, new Date())
}

async function withServerNamed(request: IssuerClientRequest, name: ServerName | undefined): Promise<ClientRequest | undefined> {
  const server = name && (await findHostedServer(request.store, name))
  const suspended = name && !server ? await findSuspensionOfServer(request.store, name) : undefined
  if (suspended !== undefined) throw new OAuthError('temporarily_unavailable', suspended)
  return server && Object.assign(request, { server, urls: serverUrls(server, 'root', request.addresses) })
}
