import { must, OAuthError } from '../../../protocol/oauth/errors.ts'
import { openAnswer } from '../../../protocol/oauth/sealed-answer.ts'
import type { TokenRequest } from '../../../protocol/oauth/token-request.ts'
import { sha256 } from '../../../protocol/random.ts'
import { endReusedFamily, findRefreshToken, type RefreshToken } from '../../../store/grants/refresh-tokens.ts'
import type { ClientRequest } from '../../request.ts'
import { closeGrantStreams } from '../../revocation.ts'
import { exchangeByEngine } from './engine-exchange.ts'
import { mustStillAdmit } from '../../clients/admission.ts'

/**
 * Time to repeat the response for a rotated refresh token, if the client did not receive the
 * response.
 */
const RETRY_SECONDS = 30

/**
 * Refreshes an access token (RFC 6749 §6), with rotation and reuse detection (RFC 9700 §4.14.2).
 */
export async function refreshToken(request: ClientRequest, message: TokenRequest<'refresh_token'>): Promise<Response> {
  const { store, server, urls, client } = request
  const owner = { issuer: urls.issuer, ...server.key }
  const found = await findRefreshToken(store, owner, await sha256(message.refresh_token))
  must(found?.clientId === client.clientId, 'invalid_grant', 'the refresh token is not valid')
  await mustStillAdmit(request, found.userId)
  if (!found.rotation) return exchangeByEngine(request, message)

  const retry = await replyToRetry(found, message.refresh_token, new Date())
  if (retry) return retry
  const ended = await endReusedFamily(store, owner, found)
  if (ended) closeGrantStreams(request, [ended])
  throw new OAuthError('invalid_grant', 'the refresh token was already used, so its grant was revoked')
}

/** Returns the earlier response, if the rotation is recent and the successor is unused. */
async function replyToRetry({ rotation }: RefreshToken, token: string, now: Date): Promise<Response | undefined> {
  if (!rotation?.sealedAnswer || rotation.successorUsed || now.getTime() - rotation.at.getTime() > RETRY_SECONDS * 1000) return undefined
  return new Response(await openAnswer(token, rotation.sealedAnswer), { headers: { 'Content-Type': 'application/json' } })
}
