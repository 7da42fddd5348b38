import { touchGrants } from '../../store/grants/grants.ts'
import { openStore } from '../../store/index.ts'

/** How long the uses of one isolate wait for company before they are written together. */
const GATHER_MS = 1_000
/** A write that was due this long ago was cut short with the request it hung on: the next use takes it over. */
const ABANDONED_MS = 10_000
/** Within this a use of the same grant is not worth telling again. */
const GRAIN_MS = 5 * 60_000
const MAX_NOTED = 5_000

/** Grant -> when its use was last told, oldest first. */
const noted = new Map<string, number>()
/** Tenant -> grants, for the write that is due. */
let pending = new Map<string, Set<string>>()
let promisedAt = 0

/** A token of this grant was looked up. Kept to some minutes and written after the response; what is lost with an isolate is told by the next use. */
export function noteUse(tenantId: string, grantId: string, env: Env, ctx: Pick<ExecutionContext, 'waitUntil'>): void {
  const now = Date.now()
  if (now - (noted.get(grantId) ?? 0) < GRAIN_MS) return
  noted.delete(grantId)
  noted.set(grantId, now)
  const [oldest] = noted.keys()
  if (noted.size > MAX_NOTED && oldest !== undefined) noted.delete(oldest)

  pending.set(tenantId, (pending.get(tenantId) ?? new Set()).add(grantId))
  if (now - promisedAt < ABANDONED_MS) return
  promisedAt = now
  ctx.waitUntil(writeSoon(env))
}

async function writeSoon(env: Env): Promise<void> {
  await scheduler.wait(GATHER_MS)
  const used = pending
  pending = new Map()
  promisedAt = 0
  try {
    await touchGrants(openStore(env), used, new Date())
  } catch (error) {
    console.error(JSON.stringify({ event: 'grant-use-lost', error: String(error) }))
  }
}
