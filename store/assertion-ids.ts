import { sql } from 'drizzle-orm'
import type { Store } from './index.ts'
import { assertionIds } from './schema.ts'

/** Remembered for as long as an assertion may live, and the clocks' skew. */
const LIFE_SECONDS = 3720

/** True for exactly one caller per assertion (RFC 7523 §3): inserted if absent, in one statement. `hash` is of who issued it and its jti. */
export async function useAssertionId(store: Store, issuer: string, hash: string, now: Date): Promise<boolean> {
  const expiresAt = new Date(now.getTime() + LIFE_SECONDS * 1000)
  const inserted = await store
    .insert(assertionIds)
    .values({ issuer, hash, expiresAt })
    .onConflictDoUpdate({
      target: [assertionIds.issuer, assertionIds.hash],
      set: { expiresAt },
      setWhere: sql`${assertionIds.expiresAt} <= ${Math.floor(now.getTime() / 1000)}`,
    })
    .returning({ hash: assertionIds.hash })
  return inserted.length === 1
}
