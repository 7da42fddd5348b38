import type { Store } from '../index.ts'
import { usedRequestStates } from '../schema/servers.ts'

/** True for exactly one request per state of a question: inserted if absent, in one statement. */
export async function useRequestState(
  store: Store,
  { tenantId, serverId }: { tenantId: string; serverId: string },
  { id, expiresAt }: { id: string; expiresAt: Date },
): Promise<boolean> {
  const inserted = await store
    .insert(usedRequestStates)
    .values({ tenantId, serverId, id, expiresAt })
    .onConflictDoNothing()
    .returning({ id: usedRequestStates.id })
  return inserted.length === 1
}
