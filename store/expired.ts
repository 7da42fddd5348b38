import { and, eq, getTableName, isNotNull, lte, notExists, sql, type SQL } from 'drizzle-orm'
import type { SQLiteColumn, SQLiteTable } from 'drizzle-orm/sqlite-core'
import type { Store } from './index.ts'
import { placeInNetwork } from './clients/clients.ts'
import { WAITING_SECONDS } from './clients/client-approvals.ts'
import { assertionIds, clientApprovals, clients, initialAccessTokens } from './schema/clients.ts'
import { deviceAuthorizations, grants, oauthTransactions, refreshTokens, tokens } from './schema/grants.ts'
import { signIns } from './schema/identities.ts'
import { MAX_REST_DAYS } from './retired-slugs.ts'
import { accessKeys, machineTokens } from './schema/machines.ts'
import { idempotencyKeys, verifications } from './schema/people.ts'
import { retiredServers, usedRequestStates } from './schema/servers.ts'
import { auditEvents, invitations, personalTokens, retiredTenants } from './schema/tenants.ts'

/** Limit of rows per DELETE, because D1 has a single writer and all other writes wait. */
const CHUNK = 1000
const MAX_CHUNKS = 50
const AUDIT_YEARS = 1
/** Time to keep an expired device code, so that a late poll gets expired_token. */
const TELLING_MS = 10 * 60_000
/**
 * Limit of used clients without a grant per issuer, kept for returning users. Beyond the limit, the
 * client unused for longest of the network with most of them is deleted.
 */
const MAX_FORMER = 1000

/**
 * Tables with rows that expire by `expiresAt`. Deletion only frees space, because every query
 * checks the expiry.
 */
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

/**
 * Deletes expired rows, by index and in small steps. Returns the number of deleted rows by table.
 * The next run deletes the rest.
 */
export async function deleteExpired(store: Store, now: Date): Promise<Record<string, number>> {
  const gone: Record<string, number> = {}
  const sweep = async (table: SQLiteTable, condition: SQL | undefined) => {
    const name = getTableName(table)
    gone[name] = (gone[name] ?? 0) + (await deleteInSteps(store, table, condition))
  }
  for (const table of EXPIRING) await sweep(table, expired(table, now))
  await sweep(deviceAuthorizations, expired(deviceAuthorizations, new Date(now.getTime() - TELLING_MS)))
  const rested = new Date(now.getTime() - MAX_REST_DAYS * 86_400_000)
  await sweep(retiredTenants, lte(retiredTenants.retiredAt, rested))
  await sweep(retiredServers, lte(retiredServers.retiredAt, rested))
  await sweep(auditEvents, lte(auditEvents.createdAt, new Date(now.getTime() - AUDIT_YEARS * 365 * 86_400_000)))
  const unanswered = lte(clientApprovals.createdAt, new Date(now.getTime() - WAITING_SECONDS * 1000))
  await sweep(clientApprovals, and(eq(clientApprovals.state, 'waiting'), unanswered))
  // an unused client is deleted after a day; a client with a grant stays as long as the grant
  const inUse = store.select({ id: grants.id }).from(grants).where(eq(grants.clientId, clients.clientId))
  await sweep(clients, and(lte(clients.expiresAt, now), notExists(inUse)))
  const former = store
    .select({
      rowid: sql`${clients}.rowid`.as('rowid'),
      issuer: clients.issuer,
      lastUsedAt: clients.lastUsedAt,
      place: placeInNetwork(clients.lastUsedAt),
    })
    .from(clients)
    .where(and(isNotNull(clients.lastUsedAt), isNotNull(clients.expiresAt), notExists(inUse)))
    .as('former')
  const ranked = store
    .select({
      rowid: former.rowid,
      rank: sql`row_number() OVER (PARTITION BY ${former.issuer} ORDER BY ${former.place}, ${former.lastUsedAt} DESC)`.as('rank'),
    })
    .from(former)
    .as('ranked')
  await sweep(clients, sql`rowid IN (SELECT ${ranked.rowid} FROM ${ranked} WHERE ${ranked.rank} > ${MAX_FORMER})`)
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
