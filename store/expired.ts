import { and, eq, getTableName, isNotNull, lte, notExists, sql, type SQL } from 'drizzle-orm'
import type { SQLiteColumn, SQLiteTable } from 'drizzle-orm/sqlite-core'
import type { Store } from './index.ts'
import { WAITING_SECONDS } from './clients/client-approvals.ts'
import { assertionIds, clientApprovals, clients, initialAccessTokens } from './schema/clients.ts'
import { deviceAuthorizations, grants, oauthTransactions, refreshTokens, tokens } from './schema/grants.ts'
import { signIns } from './schema/identities.ts'
import { accessKeys, machineTokens } from './schema/machines.ts'
import { idempotencyKeys, verifications } from './schema/people.ts'
import { usedRequestStates } from './schema/servers.ts'
import { auditEvents, invitations, personalTokens } from './schema/tenants.ts'

/** Rows one statement deletes: D1 has one writer, and everybody waits while it works. */
const CHUNK = 1000
const MAX_CHUNKS = 50
const AUDIT_YEARS = 1
/** A device that comes a little late is told that its code has expired, and not that there is none. */
const TELLING_MS = 10 * 60_000
/** Clients of one issuer that were used and have no grant any more: kept for people who come back, as many as these. */
const MAX_FORMER = 1000

/** What is over by its own `expiresAt`. Every query asks for the time anyway: this is about room, never about rights. */
const EXPIRING = [
  oauthTransactions,
  assertionIds,
  usedRequestStates,
  tokens,
  refreshTokens,
  machineTokens,
  accessKeys,
  grants,
  signIns,
  verifications,
  invitations,
  personalTokens,
  initialAccessTokens,
  idempotencyKeys,
]

/** Deletes what has expired, by index and in small steps. Answers how many rows went, by table; what is left for now goes next time. */
export async function deleteExpired(store: Store, now: Date): Promise<Record<string, number>> {
  const gone: Record<string, number> = {}
  const sweep = async (table: SQLiteTable, condition: SQL | undefined) => {
    const name = getTableName(table)
    gone[name] = (gone[name] ?? 0) + (await deleteInSteps(store, table, condition))
  }
  for (const table of EXPIRING) await sweep(table, expired(table, now))
  await sweep(deviceAuthorizations, expired(deviceAuthorizations, new Date(now.getTime() - TELLING_MS)))
  await sweep(auditEvents, lte(auditEvents.createdAt, new Date(now.getTime() - AUDIT_YEARS * 365 * 86_400_000)))
  const unanswered = lte(clientApprovals.createdAt, new Date(now.getTime() - WAITING_SECONDS * 1000))
  await sweep(clientApprovals, and(eq(clientApprovals.state, 'waiting'), unanswered))
  // a client that registered and was never used goes after its day; one with a grant stays as long as that
  const inUse = store.select({ id: grants.id }).from(grants).where(eq(grants.clientId, clients.clientId))
  await sweep(clients, and(lte(clients.expiresAt, now), notExists(inUse)))
  const former = store
    .select({
      rowid: sql`${clients}.rowid`.as('rowid'),
      place: sql`row_number() OVER (PARTITION BY ${clients.issuer} ORDER BY ${clients.lastUsedAt} DESC)`.as('place'),
    })
    .from(clients)
    .where(and(isNotNull(clients.lastUsedAt), isNotNull(clients.expiresAt), notExists(inUse)))
  await sweep(clients, sql`rowid IN (SELECT rowid FROM ${former} WHERE place > ${MAX_FORMER})`)
  return gone
}

function expired(table: SQLiteTable & { expiresAt: SQLiteColumn }, now: Date): SQL {
  return lte(table.expiresAt, now)
}

async function deleteInSteps(store: Store, table: SQLiteTable, condition: SQL | undefined): Promise<number> {
  let gone = 0
  for (let step = 0; step < MAX_CHUNKS; step++) {
    const some = sql`rowid IN (SELECT rowid FROM ${table} WHERE ${condition} LIMIT ${CHUNK})`
    const { meta } = await store.delete(table).where(some).run()
    gone += meta.changes
    if (meta.changes < CHUNK) break
  }
  return gone
}
