import { BatchLater } from '../hosting/batch-later.ts'
import { touchGrants } from '../store/grants/grants.ts'
import { openStore } from '../store/index.ts'
import { RecentMap } from '../protocol/recent-map.ts'
import type { AppRequest } from './request.ts'

/** Resolution of the last use of a grant. Further uses within the same time are not stored. */
const GRAIN_MS = 5 * 60_000
const MAX_NOTED = 5_000

/** The last noted use by grant. */
const noted = new RecentMap<number>(MAX_NOTED)
const batches = new BatchLater<Map<string, Set<string>>>({ gatherMs: 1_000, abandonedMs: 10_000, empty: () => new Map() })

/**
 * Notes that a token of the grant was used. The use is stored after the response. If the isolate
 * ends first, the next use of the grant is stored instead.
 */
export function noteUse({ env, waitUntil }: Pick<AppRequest, 'env' | 'waitUntil'>, tenantId: string, grantId: string): void {
  const now = Date.now()
  if (now - (noted.get(grantId) ?? 0) < GRAIN_MS) return
  noted.set(grantId, now)

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
