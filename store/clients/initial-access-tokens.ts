import { and, count, desc, eq, gt, isNull, lt, or, sql } from 'drizzle-orm'
import { auditStatement } from '../audit.ts'
import { guard, isThere, tryCommit } from '../guard.ts'
import type { Store } from '../index.ts'
import { clients, initialAccessTokens } from '../schema/clients.ts'
import { ofServer, type ServerKey } from '../server-key.ts'

export const MAX_INITIAL_ACCESS_TOKENS = 50 // per hosted server

/** Remaining rights of an initial access token. */
export interface InitialAccessToken extends ServerKey {
  id: string
  /**
   * True after `maxUses` registrations. Clients already registered with the token may still repeat
   * the registration.
   */
  usedUp: boolean
}

/** Returns the token if it belongs to the hosted server and has not expired. */
export async function findInitialAccessToken(
  store: Store,
  server: ServerKey,
  tokenHash: string,
  now: Date,
): Promise<InitialAccessToken | undefined> {
  const { id, uses, maxUses, expiresAt } = initialAccessTokens
  const [row] = await store
    .select({ id, uses, maxUses })
    .from(initialAccessTokens)
    .where(and(ofServer(initialAccessTokens, server), eq(initialAccessTokens.tokenHash, tokenHash), gt(expiresAt, now)))
  return row && { ...server, id: row.id, usedUp: row.maxUses !== null && row.uses >= row.maxUses }
}

/** Lists the tokens, newest first, including used-up tokens until expiry. */
export async function findInitialAccessTokens(store: Store, server: ServerKey, now: Date) {
  const { id, name, lastFour, uses, maxUses, createdBy, lastUsedAt, expiresAt, createdAt } = initialAccessTokens
  return store
    .select({ id, name, lastFour, uses, maxUses, createdBy, lastUsedAt, expiresAt, createdAt })
    .from(initialAccessTokens)
    .where(and(ofServer(initialAccessTokens, server), gt(expiresAt, now)))
    .orderBy(desc(createdAt), desc(id))
}

/** Returns false if the hosted server has MAX_INITIAL_ACCESS_TOKENS tokens. */
export async function addInitialAccessToken(
  store: Store,
  token: typeof initialAccessTokens.$inferInsert & { createdBy: string },
  now: Date,
): Promise<boolean> {
  const { id, tenantId, serverId, name, maxUses, expiresAt, createdBy } = token
  const live = store
    .select({ n: count() })
    .from(initialAccessTokens)
    .where(and(ofServer(initialAccessTokens, token), gt(initialAccessTokens.expiresAt, now)))
  return tryCommit(store, [
    guard(store, sql`${live} < ${MAX_INITIAL_ACCESS_TOKENS}`),
    store.insert(initialAccessTokens).values(token),
    auditStatement(store, {
      tenantId,
      serverId,
      actor: createdBy,
      action: 'initial-access-token.created',
      detail: { tokenId: id, name, maxUses: maxUses ?? null, expiresAt: expiresAt.toISOString() },
    }),
  ])
}

/**
 * Revokes the token; clients registered with the token stay. Returns false if the hosted server has
 * no such token.
 */
export async function revokeInitialAccessToken(store: Store, server: ServerKey, id: string, actor: string): Promise<boolean> {
  const at = and(ofServer(initialAccessTokens, server), eq(initialAccessTokens.id, id))
  return tryCommit(store, [
    isThere(store, initialAccessTokens, at),
    store.delete(initialAccessTokens).where(at),
    auditStatement(store, { ...server, actor, action: 'initial-access-token.revoked', detail: { tokenId: id } }),
  ])
}

/**
 * Statements after the insert in the batch of a registration. The batch fails if the token has
 * expired or is used up, or if the insert renewed an existing client.
 */
export function useInitialAccessToken(
  store: Store,
  { id, ...server }: ServerKey & { id: string },
  client: { issuer: string; clientId: string; name?: string | null },
  now: Date,
) {
  const at = and(ofServer(initialAccessTokens, server), eq(initialAccessTokens.id, id))
  const { uses, maxUses, expiresAt } = initialAccessTokens
  const good = and(at, gt(expiresAt, now), or(isNull(maxUses), lt(uses, maxUses)))
  const isNew = and(eq(clients.issuer, client.issuer), eq(clients.clientId, client.clientId))
  return [
    guard(store, sql`EXISTS (SELECT 1 FROM ${initialAccessTokens} WHERE ${good}) AND EXISTS (SELECT 1 FROM ${clients} WHERE ${isNew})`),
    store
      .update(initialAccessTokens)
      .set({ uses: sql`${uses} + 1`, lastUsedAt: now })
      .where(at),
    auditStatement(store, {
      ...server,
      actor: `initial-access-token:${id}`,
      action: 'client.registered',
      detail: { clientId: client.clientId, name: client.name ?? '' },
    }),
  ]
}
