import { auditStatement } from '../audit.ts'
import { and, eq, isNotNull, lt, lte, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/sqlite-core'
import { endedGrant, type EndedGrant } from '../ended-grants.ts'
import { isThere, orConflict } from '../guard.ts'
import type { Store } from '../index.ts'
import { grants, refreshTokens } from '../schema/grants.ts'
import type { ServerKey } from '../server-key.ts'
import type { TokenRealm } from './tokens.ts'

/**
 * Refresh tokens of a grant by generation, to distinguish a retry from a theft. Written only in the
 * batch of a token exchange (oauth-records.ts).
 */
export interface Family extends TokenRealm, ServerKey {
  userId: string
  grantId: string
  clientId: string
  expiresAt: Date | null
}

/**
 * Limit of stored generations per grant. Reuse of an older token is refused and does not end the
 * grant.
 */
const MAX_GENERATIONS = 100

const at = ({ issuer, tenantId }: TokenRealm, hash: string) =>
  and(eq(refreshTokens.issuer, issuer), eq(refreshTokens.hash, hash), eq(refreshTokens.tenantId, tenantId))

export function firstRefreshToken(store: Store, { expiresAt, ...family }: Family, hash: string, now: Date) {
  const { issuer, tenantId, serverId, userId, grantId, clientId } = family
  return store
    .insert(refreshTokens)
    .values({ issuer, hash, tenantId, serverId, userId, grantId, clientId, generation: 1, createdAt: now, expiresAt })
}

/**
 * Inserts the next token and marks the current token as rotated. `sealedAnswer` is the token
 * response, for a client that lost the first reply.
 */
export function rotateRefreshToken(
  store: Store,
  { issuer, tenantId, serverId, userId, grantId, clientId, expiresAt }: Family,
  { from, to, sealedAnswer }: { from: string; to: string; sealedAnswer: string },
  now: Date,
) {
  const generation = sql<number>`(SELECT ${refreshTokens.generation} + 1 FROM ${refreshTokens} WHERE ${at({ issuer, tenantId }, from)})`
  return [
    store
      .insert(refreshTokens)
      .values({ issuer, hash: to, tenantId, serverId, userId, grantId, clientId, generation, createdAt: now, expiresAt }),
    store
      .update(refreshTokens)
      .set({ successorHash: to, sealedResponse: sealedAnswer, rotatedAt: now })
      .where(at({ issuer, tenantId }, from)),
  ]
}

/**
 * Deletes stored responses that no retry can use after the rotation, and the oldest generations.
 */
export function trimFamily(store: Store, { issuer, userId, grantId, tenantId }: Family) {
  const family = and(
    eq(refreshTokens.issuer, issuer),
    eq(refreshTokens.tenantId, tenantId),
    eq(refreshTokens.userId, userId),
    eq(refreshTokens.grantId, grantId),
  )
  const newest = sql`(SELECT max(${refreshTokens.generation}) FROM ${refreshTokens} WHERE ${family})`
  return [
    store
      .update(refreshTokens)
      .set({ sealedResponse: null })
      .where(and(family, lt(refreshTokens.generation, sql`${newest} - 1`), isNotNull(refreshTokens.sealedResponse))),
    store.delete(refreshTokens).where(and(family, lte(refreshTokens.generation, sql`${newest} - ${MAX_GENERATIONS}`))),
  ]
}

export interface RefreshToken {
  userId: string
  grantId: string
  clientId: string
  /** Undefined for the newest token of the grant. */
  rotation: { at: Date; sealedAnswer: string | null; successorUsed: boolean } | undefined
}

/** Finds a refresh token by hash, if the grant is active. */
export async function findRefreshToken(store: Store, realm: TokenRealm, hash: string): Promise<RefreshToken | undefined> {
  const successors = alias(refreshTokens, 'successors')
  const [row] = await store
    .select({ token: refreshTokens, usedBy: successors.successorHash })
    .from(refreshTokens)
    .leftJoin(successors, and(eq(successors.issuer, refreshTokens.issuer), eq(successors.hash, refreshTokens.successorHash)))
    .where(at(realm, hash))
  if (!row) return undefined
  const { userId, grantId, clientId, rotatedAt, sealedResponse } = row.token
  return {
    userId,
    grantId,
    clientId,
    rotation: rotatedAt ? { at: rotatedAt, sealedAnswer: sealedResponse, successorUsed: row.usedBy !== null } : undefined,
  }
}

/**
 * Ends the grant with an audit event, because a refresh token was reused after its successor, so
 * the token has leaked. Throws Conflict if the grant has ended meanwhile.
 */
export async function endReusedFamily(
  store: Store,
  { issuer, tenantId, serverId }: TokenRealm & ServerKey,
  { userId, grantId, clientId }: RefreshToken,
): Promise<EndedGrant | undefined> {
  const grantAt = and(eq(grants.issuer, issuer), eq(grants.tenantId, tenantId), eq(grants.userId, userId), eq(grants.id, grantId))
  const batch = store.batch([
    isThere(store, grants, grantAt),
    store.delete(grants).where(grantAt).returning(endedGrant),
    auditStatement(store, {
      tenantId,
      serverId,
      actor: `client:${clientId}`,
      action: 'grant.refresh-token-reused',
      detail: { grantId, userId },
    }),
  ])
  const [, [ended]] = await orConflict(batch)
  return ended
}
