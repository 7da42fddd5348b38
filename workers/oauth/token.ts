import { z } from 'zod'
import { must, OAuthError } from '../../protocol/oauth/errors.ts'
import { checkResource } from '../../protocol/oauth/resource.ts'
import { openAnswer, sealAnswer } from '../../protocol/oauth/sealed-answer.ts'
import { parseScope } from '../../protocol/oauth/authorization-request.ts'
import { parseTokenRequest, type TokenRequest } from '../../protocol/oauth/token-request.ts'
import { sha256 } from '../../protocol/random.ts'
import { mayClientConnect, mayUserConnect } from '../../store/access.ts'
import { Conflict } from '../../store/guard.ts'
import { endReusedFamily, findRefreshToken, type RefreshToken } from '../../store/refresh-tokens.ts'
import type { ClientRequest, Handler } from '../request.ts'
import { noStore } from '../responses.ts'
import { tellGrantEnded } from './end-grant.ts'
import { slowDownGuessing } from './guessing.ts'
import { openEngine } from './provider.ts'

/** How long a refresh token that was rotated still gets the answer it was rotated with: for a client that did not receive it. */
const RETRY_SECONDS = 30
/** A conflict means another request was first; each retry finds what it left, so one is nearly always enough. */
const ATTEMPTS = 5

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

/** RFC 6749 §3.2. */
export const token: Handler<ClientRequest> = async (request, env, ctx) => {
  const message = parseTokenRequest(request.form)
  must(
    request.client.grantTypes.includes(message.grant_type),
    'unauthorized_client',
    `the client is not registered for ${message.grant_type}`,
  )
  checkResource(message.resource, request.urls.resource)
  parseScope(message.scope)
  try {
    return noStore(await retried(() => answer(request, message, env, ctx)))
  } catch (error) {
    if (error instanceof OAuthError && error.code === 'invalid_grant') await slowDownGuessing(request, env, request.client.clientId)
    throw error
  }
}

function answer(request: ClientRequest, message: TokenRequest, env: Env, ctx: ExecutionContext): Promise<Response> {
  return message.grant_type === 'authorization_code'
    ? authorizationCode(request, message, env, ctx)
    : refreshToken(request, message, env, ctx)
}

async function retried<T>(attempt: () => Promise<T>): Promise<T> {
  for (let left = ATTEMPTS; ; left--) {
    try {
      return await attempt()
    } catch (error) {
      if (!(error instanceof Conflict)) throw error
      if (left === 1)
        throw new OAuthError('temporarily_unavailable', 'Too many requests with this grant at once', {
          headers: { 'Retry-After': '1' },
          cause: error,
        })
    }
  }
}

/**
 * RFC 6749 §4.1.3. Of requests that race, one commits; the others come again, find the code used, and end the grant as §4.1.2 asks: two holders of one
 * code cannot both be right.
 */
async function authorizationCode(
  request: ClientRequest,
  message: TokenRequest<'authorization_code'>,
  env: Env,
  ctx: ExecutionContext,
): Promise<Response> {
  await checkAccess(request, holderOf(message.code))
  return runEngine(request, message, env, ctx)
}

/** RFC 6749 §6 with rotation (RFC 9700 §4.14.2). */
async function refreshToken(
  request: ClientRequest,
  message: TokenRequest<'refresh_token'>,
  env: Env,
  ctx: ExecutionContext,
): Promise<Response> {
  const { store, server, urls, client } = request
  const owner = { issuer: urls.issuer, tenantId: server.tenantId, serverId: server.id }
  const found = await findRefreshToken(store, owner, await sha256(message.refresh_token))
  must(found?.clientId === client.clientId, 'invalid_grant', 'the refresh token is not valid')
  await checkAccess(request, found.userId)
  if (!found.rotation) return runEngine(request, message, env, ctx)

  const retry = await answerOfRetry(found, message.refresh_token, new Date())
  if (retry) return retry
  const ended = await endReusedFamily(store, owner, found)
  if (ended) tellGrantEnded(ended, env, ctx)
  throw new OAuthError('invalid_grant', 'the refresh token was used before; its grant has ended')
}

/** The same pair again, as long as it is fresh and nobody has gone on from it. */
async function answerOfRetry({ rotation }: RefreshToken, token: string, now: Date): Promise<Response | undefined> {
  if (!rotation?.sealedAnswer || rotation.successorUsed || now.getTime() - rotation.at.getTime() > RETRY_SECONDS * 1000) return undefined
  return new Response(await openAnswer(token, rotation.sealedAnswer), { headers: { 'Content-Type': 'application/json' } })
}

/** The engine's own answer, once what it wrote is stored. */
async function runEngine(request: ClientRequest, message: TokenRequest, env: Env, ctx: ExecutionContext): Promise<Response> {
  const { store, server, urls, client } = request
  const engine = openEngine({ store, server, urls, client, now: new Date() })
  const response = await engine.authorizationServer.fetch(toEngine(urls.tokenEndpoint, message, client.clientId), engine.env, ctx)
  const body = await response.text()
  const rotated = message.grant_type === 'refresh_token' && engine.records.rotates
  const ended = await engine.records.commit(rotated ? await sealAnswer(message.refresh_token, body) : undefined)
  for (const grant of ended) tellGrantEnded(grant, env, ctx)
  if (!response.ok) throw toError(body)
  return new Response(body, { headers: { 'Content-Type': 'application/json' } })
}

/** A request of ours, with what has been checked and nothing else: the engine would read more into other parameters. */
function toEngine(url: string, message: TokenRequest, clientId: string): Request {
  const body = new URLSearchParams({ client_id: clientId })
  for (const [name, value] of Object.entries(message)) if (typeof value === 'string' && value !== '') body.set(name, value)
  return new Request(url, { method: 'POST', body })
}

/** Who may not connect any more cannot go on with what was granted before. */
async function checkAccess({ store, server, client }: ClientRequest, userId: string) {
  must(await mayUserConnect(store, server, userId), 'invalid_grant', 'the grant is not valid any more')
  must(await mayClientConnect(store, server, client), 'invalid_grant', 'the grant is not valid any more')
}

/** The engine's codes say who they are for; whether it is one of ours the engine finds out. */
function holderOf(code: string): string {
  return code.split(':', 1)[0] ?? ''
}

function toError(body: string): OAuthError {
  const { error, error_description } = engineError.parse(JSON.parse(body))
  return new OAuthError(error, error_description)
}
