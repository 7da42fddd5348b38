import { BatchLater } from '../../hosting/batch-later.ts'
import { touchGrants } from '../../store/grants/grants.ts'
import { openStore } from '../../store/index.ts'
import type { AppRequest } from '../request.ts'

/** Within this a use of the same grant is not worth telling again. */
const GRAIN_MS = 5 * 60_000
const MAX_NOTED = 5_000

/** Grant -> when its use was last told, oldest first. */
const noted = new Map<string, number>()
const batches = new BatchLater<Map<string, Set<string>>>({ gatherMs: 1_000, abandonedMs: 10_000, empty: () => new Map() })

/** A token of this grant was looked up. Kept to some minutes and written after the response; what is lost with an isolate is told by the next use. */
export function noteUse({ env, waitUntil }: Pick<AppRequest, 'env' | 'waitUntil'>, tenantId: string, grantId: string): void {
  const now = Date.now()
  if (now - (noted.get(grantId) ?? 0) < GRAIN_MS) return
  noted.delete(grantId)
  noted.set(grantId, now)
  const [oldest] = noted.keys()
  if (noted.size > MAX_NOTED && oldest !== undefined) noted.delete(oldest)

  const grantsByTenant = batches.gather('all tenants', (used) => write(used, env), { waitUntil })
  grantsByTenant.set(tenantId, (grantsByTenant.get(tenantId) ?? new Set()).add(grantId))
}

async function write(used: Map<string, Set<string>>, env: Env): Promise<void> {
  try {
    await touchGrants(openStore(env), used, new Date())
  } catch (error) {
    console.error(JSON.stringify({ event: 'grant-use-lost', error: String(error) }))
  }
}
