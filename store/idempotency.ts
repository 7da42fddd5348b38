import { and, desc, eq, inArray, isNotNull, isNull, lte, or } from 'drizzle-orm'
import type { Store } from './index.ts'
import { NO_LIMIT } from './paging.ts'
import { idempotencyKeys } from './schema/people.ts'

const LIFE_MS = 24 * 3600_000
/**
 * Age at which an unfinished request counts as lost with its isolate. The key can then be claimed
 * again.
 */
const ABANDONED_MS = 2 * 60_000
/** Limit of keys per user. Beyond the limit the oldest finished keys are deleted early. */
const MAX_KEYS = 1_000

export type Claim =
  | { state: 'claimed' }
  | { state: 'answered'; status: number; body: string | undefined }
  | { state: 'other-request' }
  | { state: 'in-flight' }

/** Claims a key for a request. Exactly one of several concurrent requests gets `claimed`. */
export async function claimKey(
  store: Store,
  { userId, key, requestHash }: { userId: string; key: string; requestHash: string },
  now: Date,
): Promise<Claim> {
  const at = and(eq(idempotencyKeys.userId, userId), eq(idempotencyKeys.key, key))
  const over = or(
    lte(idempotencyKeys.expiresAt, now),
    and(isNull(idempotencyKeys.status), lte(idempotencyKeys.createdAt, new Date(now.getTime() - ABANDONED_MS))),
  )
  const row = { userId, key, requestHash, createdAt: now, expiresAt: new Date(now.getTime() + LIFE_MS) }
  const surplus = store
    .select({ key: idempotencyKeys.key })
    .from(idempotencyKeys)
    .where(and(eq(idempotencyKeys.userId, userId), isNotNull(idempotencyKeys.status)))
    .orderBy(desc(idempotencyKeys.createdAt))
    .limit(NO_LIMIT)
    .offset(MAX_KEYS)
  const [, inserted] = await store.batch([
    store.delete(idempotencyKeys).where(and(at, over)),
    store.insert(idempotencyKeys).values(row).onConflictDoNothing().returning({ key: idempotencyKeys.key }),
    store.delete(idempotencyKeys).where(and(eq(idempotencyKeys.userId, userId), inArray(idempotencyKeys.key, surplus))),
  ])
  if (inserted.length === 1) return { state: 'claimed' }
  const [held] = await store.select().from(idempotencyKeys).where(at)
  if (!held) return { state: 'in-flight' }
  if (held.requestHash !== requestHash) return { state: 'other-request' }
  return held.status === null ? { state: 'in-flight' } : { state: 'answered', status: held.status, body: held.body ?? undefined }
}

export async function storeAnswer(
  store: Store,
  { userId, key }: { userId: string; key: string },
  answer: { status: number; body: string | undefined },
): Promise<void> {
  await store
    .update(idempotencyKeys)
    .set({ status: answer.status, body: answer.body ?? null })
    .where(and(eq(idempotencyKeys.userId, userId), eq(idempotencyKeys.key, key)))
}

/** Releases a key after a failure that changed nothing, so that a retry runs. */
export async function releaseKey(store: Store, { userId, key }: { userId: string; key: string }): Promise<void> {
  await store
    .delete(idempotencyKeys)
    .where(and(eq(idempotencyKeys.userId, userId), eq(idempotencyKeys.key, key), isNull(idempotencyKeys.status)))
}
