import { and, sql } from 'drizzle-orm'
import type { Store } from '../index.ts'
import { isLive } from '../not-expired.ts'
import { grants } from '../schema/grants.ts'
import { ofServer, type ServerKey } from '../server-key.ts'

/**
 * Returns client names by client id, for the given clients with a live grant at the hosted server.
 */
export async function findClientNames(store: Store, key: ServerKey, clientIds: string[], now: Date): Promise<Map<string, string>> {
  if (clientIds.length === 0) return new Map()
  const found = await store
    .selectDistinct({ clientId: grants.clientId, clientName: grants.clientName })
    .from(grants)
    .where(
      and(
        ofServer(grants, key),
        // a single parameter, because D1 allows at most 100 per statement
        sql`${grants.clientId} IN (SELECT value FROM json_each(${JSON.stringify(clientIds)}))`,
        isLive(grants, now),
      ),
    )
  return new Map(found.map(({ clientId, clientName }) => [clientId, clientName]))
}
