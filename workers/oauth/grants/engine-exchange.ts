import { z } from 'zod'
import { knownScopes } from '../../../protocol/oauth/authorization-request.ts'
import { challengeOfVerifier } from '../../../protocol/oauth/device-authorization.ts'
import { OAuthError } from '../../../protocol/oauth/errors.ts'
import { sealAnswer } from '../../../protocol/oauth/sealed-answer.ts'
import type { TokenRequest } from '../../../protocol/oauth/token-request.ts'
import type { OAuthRecords } from '../../../store/grants/oauth-records.ts'
import type { ClientRequest } from '../../request.ts'
import { closeGrantStreams } from '../../revocation.ts'
import { openEngine } from './engine.ts'

/** A token request for a grant of a user. */
type EngineRequest = TokenRequest<'authorization_code' | 'refresh_token'>

const engineError = z.object({
  error: z.enum([
    'invalid_request',
    'invalid_client',
    'invalid_grant',
    'invalid_scope',
    'invalid_target',
    'unauthorized_client',
    'unsupported_grant_type',
    'temporarily_unavailable',
  ]),
  error_description: z.string(),
})

/**
 * Exchanges a code or a refresh token at the engine, and commits the writes of the engine together
 * with `along`, all or nothing.
 */
export async function exchangeByEngine(
  request: Pick<ClientRequest, 'store' | 'server' | 'urls' | 'client' | 'env' | 'waitUntil'>,
  message: EngineRequest,
  along: Parameters<OAuthRecords['join']>[0] = {},
): Promise<Response> {
  const { store, server, urls, client } = request
  const engine = openEngine({ store, server, urls, client, now: new Date() })
  engine.records.join(along)
  if (message.grant_type === 'authorization_code')
    engine.records.prove({ redirectUri: message.redirect_uri, codeChallenge: await challengeOfVerifier(message.code_verifier) })
  const response = await engine.fetch(engineTokenRequest(urls.tokenEndpoint, message, client.clientId))
  const body = await response.text()
  const rotated = message.grant_type === 'refresh_token' && engine.records.rotates
  const ended = await engine.records.commit(rotated ? await sealAnswer(message.refresh_token, body) : undefined)
  closeGrantStreams(request, ended)
  if (!response.ok) throw toError(body)
  return new Response(body, { headers: { 'Content-Type': 'application/json' } })
}

/**
 * Builds a request from checked parameters only, because the engine gives meaning to further
 * parameters.
 */
function engineTokenRequest(url: string, message: EngineRequest, clientId: string): Request {
  const body = new URLSearchParams({ client_id: clientId })
  const known = { ...message, scope: knownScopes(message.scope)?.join(' ') }
  for (const [name, value] of Object.entries(known)) if (typeof value === 'string' && value !== '') body.set(name, value)
  return new Request(url, { method: 'POST', body })
}

function toError(body: string): OAuthError {
  const { error, error_description } = engineError.parse(JSON.parse(body))
  return new OAuthError(error, error_description)
}
