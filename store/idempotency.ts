import { and, desc, eq, inArray, isNotNull, isNull, lte, sql } from 'drizzle-orm'
import type { BatchItem } from 'drizzle-orm/batch'
import { newId } from '../protocol/random.ts'
import { isThere } from './guard.ts'
import type { Store } from './index.ts'
import { NO_LIMIT } from './paging.ts'
import { idempotencyKeys } from './schema/people.ts'

const LIFE_MS = 24 * 3600_000
/**
 * Time for which a run holds its key without a renewal. After the death of a run, a retry takes
 * over within this time.
 */
const LEASE_MS = 5_000
/** Interval of renewals. A run shorter than the interval writes none. */
export const RENEWAL_MS = 1_500
/** Limit of keys per user. Beyond the limit the oldest finished keys are deleted early. */
const MAX_KEYS = 1_000

/** A run of the request with a key. Of several runs only the last one can store its mutation. */
export interface Run {
  userId: string
  key: string
  attempt: string
}

export type Claim =
  | { state: 'claimed'; run: Run }
  | { state: 'done'; status: number; body: string | undefined }
  | { state: 'other-request' }
  | { state: 'in-flight' }

const ofKey = ({ userId, key }: Pick<Run, 'userId' | 'key'>) => and(eq(idempotencyKeys.userId, userId), eq(idempotencyKeys.key, key))

/** Matches the key while the run holds it and has stored no mutation. */
const heldBy = (run: Run) => and(ofKey(run), eq(idempotencyKeys.attempt, run.attempt), isNull(idempotencyKeys.status))

/**
 * Claims a key for a run of the request. Exactly one of several concurrent requests gets `claimed`.
 * A key whose run has died without a mutation is claimed again after its lease.
 */
export async function claimKey(
  store: Store,
  { userId, key, requestHash }: { userId: string; key: string; requestHash: string },
  now: Date,
): Promise<Claim> {
  const run: Run = { userId, key, attempt: newId() }
  const at = ofKey(run)
  const claim = { requestHash, attempt: run.attempt, leaseUntil: now.getTime() + LEASE_MS }
  const row = { userId, key, ...claim, createdAt: now, expiresAt: new Date(now.getTime() + LIFE_MS) }
  const surplus = store
    .select({ key: idempotencyKeys.key })
    .from(idempotencyKeys)
    .where(and(eq(idempotencyKeys.userId, userId), isNotNull(idempotencyKeys.status)))
    .orderBy(desc(idempotencyKeys.createdAt))
    .limit(NO_LIMIT)
    .offset(MAX_KEYS)
  const [, claimed] = await store.batch([
    store.delete(idempotencyKeys).where(and(at, lte(idempotencyKeys.expiresAt, now))),
    store
      .insert(idempotencyKeys)
      .values(row)
      .onConflictDoUpdate({
        target: [idempotencyKeys.userId, idempotencyKeys.key],
        set: claim,
        setWhere: sql`${idempotencyKeys.status} IS NULL AND coalesce(${idempotencyKeys.leaseUntil}, 0) <= ${now.getTime()}`,
      })
      .returning({ key: idempotencyKeys.key }),
    store.delete(idempotencyKeys).where(and(eq(idempotencyKeys.userId, userId), inArray(idempotencyKeys.key, surplus))),
  ])
  if (claimed.length === 1) return { state: 'claimed', run }
  const [held] = await store.select().from(idempotencyKeys).where(at)
  if (!held) return { state: 'in-flight' }
  if (held.requestHash !== requestHash) return { state: 'other-request' }
  return held.status === null ? { state: 'in-flight' } : { state: 'done', status: held.status, body: held.body ?? undefined }
}

/** Renews the lease of a run that takes long, so that no retry takes over. */
export async function renewLease(store: Store, run: Run, now: Date): Promise<void> {
  await store
    .update(idempotencyKeys)
    .set({ leaseUntil: now.getTime() + LEASE_MS })
    .where(heldBy(run))
}

/** The reply of a run. `body` is sealed; null if the reply is too large or not known yet. */
export interface RunReply {
  status: number
  body: string | null
}

/**
 * Returns a store whose batches are the mutation of the run: each batch also marks the key as done,
 * and is refused if a different run holds the key or the mutation is stored already. The marker and
 * the mutation are thus stored together or not at all.
 */
export function storeOfRun(store: Store, run: Run, reply: RunReply): Store {
  const marked = (): BatchItem<'sqlite'>[] => [
    isThere(store, idempotencyKeys, heldBy(run)),
    store.update(idempotencyKeys).set(reply).where(heldBy(run)),
  ]
  const batch = (statements: BatchItem<'sqlite'>[]) => {
    const [first, ...rest] = statements
    return first ? store.batch([first, ...rest, ...marked()]) : Promise.resolve([])
  }
  return Object.create(store, { batch: { value: batch } }) as Store
}

/** Stores the whole reply after the mutation. */
export async function storeReply(store: Store, run: Run, reply: RunReply): Promise<void> {
  await store
    .update(idempotencyKeys)
    .set(reply)
    .where(and(ofKey(run), eq(idempotencyKeys.attempt, run.attempt)))
}

/**
 * Releases the key of a run that failed before its mutation, so that a retry runs at once. Returns
 * false if the run does not hold the key, because a different run took over or the mutation is
 * stored.
 */
export async function releaseKey(store: Store, run: Run): Promise<boolean> {
  const released = await store.delete(idempotencyKeys).where(heldBy(run)).returning({ key: idempotencyKeys.key })
  return released.length === 1
}
