import type { Store } from '../index.ts'
import { usedRequestStates } from '../schema/servers.ts'
import type { ServerKey } from '../server-key.ts'

/** Returns true for exactly one request per state, by a single insert-if-absent. */
export async function useRequestState(store: Store, key: ServerKey, { id, expiresAt }: { id: string; expiresAt: Date }): Promise<boolean> {
  const inserted = await store
    .insert(usedRequestStates)
    .values({ ...key, id, expiresAt })
    .onConflictDoNothing()
    .returning({ id: usedRequestStates.id })
  return inserted.length === 1
}
