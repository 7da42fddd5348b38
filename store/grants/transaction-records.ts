import { and, eq, gt } from 'drizzle-orm'
import { isThere } from '../guard.ts'
import { oauthTransactions } from '../schema/grants.ts'
import { ofServer } from '../server-key.ts'
import type { UnitOfWork } from './unit-of-work.ts'

/*
 * The engine's consent handles in the table `oauth_transactions`.
 */

export async function readTransaction(unit: UnitOfWork, hash: string): Promise<string | null> {
  const [row] = await unit.store
    .select({ record: oauthTransactions.record })
    .from(oauthTransactions)
    .where(and(transactionAt(unit, hash), gt(oauthTransactions.expiresAt, unit.now)))
  return row?.record ?? null
}

export function putTransaction(unit: UnitOfWork, hash: string, record: string, expiresAt: Date): void {
  unit.write(unit.store.insert(oauthTransactions).values({ ...unit.owner, hash, record, createdAt: unit.now, expiresAt }))
}

/** Uses a handle up. The guard fails if another request has used the handle first. */
export function deleteTransaction(unit: UnitOfWork, hash: string): void {
  const at = transactionAt(unit, hash)
  unit.guard(isThere(unit.store, oauthTransactions, at))
  unit.write(unit.store.delete(oauthTransactions).where(at))
}

function transactionAt({ owner }: UnitOfWork, hash: string) {
  return and(eq(oauthTransactions.issuer, owner.issuer), eq(oauthTransactions.hash, hash), ofServer(oauthTransactions, owner))
}
