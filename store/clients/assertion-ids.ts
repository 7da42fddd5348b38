import { and, eq, gt, sql } from 'drizzle-orm'
import type { BatchItem } from 'drizzle-orm/batch'
import { guard } from '../guard.ts'
import type { Store } from '../index.ts'
import { assertionIds } from '../schema/clients.ts'

/** Maximum lifetime of an assertion plus the tolerance for clock skew. */
const LIFE_SECONDS = 3720

/**
 * Returns true for exactly one caller per hash, by a single insert-if-absent. The hash of an
 * assertion covers its issuer and jti (RFC 7523 §3).
 */
export async function useAssertionId(store: Store, issuer: string, hash: string, now: Date): Promise<boolean> {
  const inserted = await insertion(store, issuer, hash, now).returning({ hash: assertionIds.hash })
  return inserted.length === 1
}

/**
 * Statements of {@link useAssertionId} for a batch. The batch fails if the hash was used before.
 */
export function assertionStatements(store: Store, issuer: string, hash: string, now: Date): BatchItem<'sqlite'>[] {
  const used = store
    .select({ one: sql`1` })
    .from(assertionIds)
    .where(usedBefore(issuer, hash, now))
  return [guard(store, sql`NOT EXISTS ${used}`), insertion(store, issuer, hash, now)]
}

export async function wasAssertionUsed(store: Store, issuer: string, hash: string, now: Date): Promise<boolean> {
  const [row] = await store
    .select({ hash: assertionIds.hash })
    .from(assertionIds)
    .where(usedBefore(issuer, hash, now))
  return row !== undefined
}

function usedBefore(issuer: string, hash: string, now: Date) {
  return and(eq(assertionIds.issuer, issuer), eq(assertionIds.hash, hash), gt(assertionIds.expiresAt, now))
}

function insertion(store: Store, issuer: string, hash: string, now: Date) {
  const expiresAt = new Date(now.getTime() + LIFE_SECONDS * 1000)
  return store
    .insert(assertionIds)
    .values({ issuer, hash, expiresAt })
    .onConflictDoUpdate({
      target: [assertionIds.issuer, assertionIds.hash],
      set: { expiresAt },
      setWhere: sql`${assertionIds.expiresAt} <= ${Math.floor(now.getTime() / 1000)}`,
    })
}
