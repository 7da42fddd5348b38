import { and, count, desc, eq, gt, sql } from 'drizzle-orm'
import { auditStatement } from '../audit.ts'
import { guard, isThere, tryCommit } from '../guard.ts'
import type { Store } from '../index.ts'
import { users } from '../schema/people.ts'
import { personalTokens, type Role, tenants } from '../schema/tenants.ts'

export const MAX_PERSONAL_TOKENS = 20

/** Owner of personal tokens: a user, in one tenant or (undefined) in every tenant. */
export interface TokenOwner {
  userId: string
  tenantId: string | undefined
}

const ownedBy = ({ userId, tenantId }: TokenOwner) =>
  and(eq(personalTokens.userId, userId), tenantId === undefined ? undefined : eq(personalTokens.tenantId, tenantId))

/**
 * Returns the token if it has not expired. The caller must also apply the user's current role,
 * because the role may have been lowered since.
 */
export async function findPersonalToken(store: Store, tokenHash: string, now: Date) {
  const [row] = await store
    .select({
      id: personalTokens.id,
      tenantId: personalTokens.tenantId,
      role: personalTokens.role,
      user: { id: users.id, name: users.name, email: users.email },
    })
    .from(personalTokens)
    .innerJoin(users, eq(users.id, personalTokens.userId))
    .where(and(eq(personalTokens.tokenHash, tokenHash), gt(personalTokens.expiresAt, now)))
  return row satisfies { role: Role } | undefined
}

/** Lists the owner's tokens, newest first. */
export async function findPersonalTokens(store: Store, { userId, tenantId }: TokenOwner, now: Date) {
  const { id, name, lastFour, role, lastUsedAt, expiresAt, createdAt } = personalTokens
  return store
    .select({ id, name, lastFour, role, lastUsedAt, expiresAt, createdAt, tenant: tenants.slug })
    .from(personalTokens)
    .innerJoin(tenants, eq(tenants.id, personalTokens.tenantId))
    .where(and(ownedBy({ userId, tenantId }), gt(personalTokens.expiresAt, now)))
    .orderBy(desc(personalTokens.createdAt), desc(personalTokens.id))
}

/** Returns false if the user already has MAX_PERSONAL_TOKENS tokens. */
export async function addPersonalToken(store: Store, token: typeof personalTokens.$inferInsert): Promise<boolean> {
  const mine = store
    .select({ n: count() })
    .from(personalTokens)
    .where(and(eq(personalTokens.userId, token.userId), gt(personalTokens.expiresAt, new Date())))
  return tryCommit(store, [
    guard(store, sql`${mine} < ${MAX_PERSONAL_TOKENS}`),
    store.insert(personalTokens).values(token),
    auditStatement(store, {
      tenantId: token.tenantId,
      actor: token.userId,
      action: 'personal-token.created',
      detail: { tokenId: token.id, role: token.role },
    }),
  ])
}

/** Returns false if the owner has no such token. The tenant of the token gets the audit event. */
export async function deletePersonalToken(store: Store, owner: TokenOwner, id: string): Promise<boolean> {
  const at = and(ownedBy(owner), eq(personalTokens.id, id))
  const [found] = await store.select({ tenantId: personalTokens.tenantId }).from(personalTokens).where(at)
  if (!found) return false
  return tryCommit(store, [
    isThere(store, personalTokens, at),
    store.delete(personalTokens).where(at),
    auditStatement(store, { tenantId: found.tenantId, actor: owner.userId, action: 'personal-token.deleted', detail: { tokenId: id } }),
  ])
}

/** Writes at most once an hour, so a busy token does not cost a write per request. */
export async function touchPersonalToken(store: Store, id: string, now: Date): Promise<void> {
  const hourAgo = Math.floor(now.getTime() / 1000) - 3600
  await store
    .update(personalTokens)
    .set({ lastUsedAt: now })
    .where(and(eq(personalTokens.id, id), sql`coalesce(${personalTokens.lastUsedAt}, 0) < ${hourAgo}`))
}
