import { createInitialAccessToken as createSchema, type InitialAccessTokenBody } from '../../protocol/api/clients.ts'
import type { Page } from '../../protocol/api/fields.ts'
import { notFound, Problem } from '../../protocol/problem.ts'
import { newId, randomToken, sha256 } from '../../protocol/random.ts'
import {
  addInitialAccessToken,
  findInitialAccessTokens,
  revokeInitialAccessToken,
  MAX_INITIAL_ACCESS_TOKENS,
} from '../../store/clients/initial-access-tokens.ts'
import { created, deleted, ok } from './replies.ts'
import { readJson } from './body.ts'
import { storeWithReply } from './idempotent.ts'
import type { Handler, TenantServerRequest } from '../request.ts'

export const listInitialAccessTokens: Handler<TenantServerRequest> = async ({ store, server }) => {
  const found = await findInitialAccessTokens(store, server.key, new Date())
  return ok({ items: found.map(tokenBody) } satisfies Page<InitialAccessTokenBody>)
}

/**
 * Creates an initial access token. Only this reply contains the token. Allowed before
 * `registration` is `protected`, so that the switch locks out no app.
 */
export const createInitialAccessToken: Handler<TenantServerRequest> = async (request) => {
  const { server, user } = request
  const { name, expiresInDays, maxUses } = await readJson(request, createSchema)
  const token = `wharf_iat_${randomToken(32)}`
  const now = new Date()
  const row = {
    id: newId(),
    tokenHash: await sha256(token),
    lastFour: token.slice(-4),
    name,
    ...server.key,
    createdBy: user.id,
    uses: 0,
    maxUses,
    lastUsedAt: null,
    createdAt: now,
    expiresAt: new Date(now.getTime() + expiresInDays * 24 * 3600_000),
  }
  const reply = created({ ...tokenBody(row), token } satisfies InitialAccessTokenBody)
  if (!(await addInitialAccessToken(await storeWithReply(request, reply), row, now)))
    throw new Problem(
      409,
      'Limit reached',
      `This server has ${MAX_INITIAL_ACCESS_TOKENS} initial access tokens, which is the limit. Revoke a token first.`,
    )
  return reply
}

export const deleteInitialAccessToken: Handler<TenantServerRequest> = async ({ store, server, user, params }) => {
  if (!(await revokeInitialAccessToken(store, server.key, params['id'] ?? '', user.id))) throw notFound()
  return deleted()
}

function tokenBody(token: Awaited<ReturnType<typeof findInitialAccessTokens>>[number]): InitialAccessTokenBody {
  const { id, name, lastFour, uses, maxUses, createdBy } = token
  return {
    id,
    name,
    lastFour,
    uses,
    maxUses,
    createdBy,
    lastUsedAt: token.lastUsedAt?.toISOString() ?? null,
    expiresAt: token.expiresAt.toISOString(),
    createdAt: token.createdAt.toISOString(),
  }
}
