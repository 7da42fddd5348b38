import { and, eq, gt, sql } from 'drizzle-orm'
import type { BatchItem } from 'drizzle-orm/batch'
import { guard } from '../guard.ts'
import type { Store } from '../index.ts'
import { assertionIds } from '../schema/clients.ts'

/** Remembered for as long as an assertion may live, and the clocks' skew. */
const LIFE_SECONDS = 3720

/** True for exactly one caller per assertion (RFC 7523 §3): inserted if absent, in one statement. `hash` is of who issued it and its jti. */
export async function useAssertionId(store: Store, issuer: string, hash: string, now: Date): Promise<boolean> {
  const inserted = await insertion(store, issuer, hash, now).returning({ hash: assertionIds.hash })
  return inserted.length === 1
}

/** The same as part of a batch that fails where it was used before. */
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
