import type { Store } from '../index.ts'
import { usedRequestStates } from '../schema/servers.ts'
import type { ServerKey } from '../server-key.ts'

/** True for exactly one request per state of a question: inserted if absent, in one statement. */
export async function useRequestState(store: Store, key: ServerKey, { id, expiresAt }: { id: string; expiresAt: Date }): Promise<boolean> {
  const inserted = await store
    .insert(usedRequestStates)
    .values({ ...key, id, expiresAt })
    .onConflictDoNothing()
    .returning({ id: usedRequestStates.id })
  return inserted.length === 1
}
