import { and, eq, gt } from 'drizzle-orm'
import { engineToken } from '../../protocol/oauth/engine-records.ts'
import { isScope } from '../../protocol/oauth/scope.ts'
import { tokens } from '../schema/grants.ts'
import { endSurplusTokens } from './tokens.ts'
import type { UnitOfWork } from './unit-of-work.ts'

/*
 * The engine's access-token records in the table `tokens`.
 */

/** Access tokens of one grant. A new token beyond the limit ends the oldest. */
const MAX_TOKENS = 20

export async function readToken(unit: UnitOfWork, ids: string[]): Promise<string | null> {
  const [row] = await unit.store
    .select({ record: tokens.record })
    .from(tokens)
    .where(and(tokenAt(unit, ids), gt(tokens.expiresAt, unit.now)))
  return row?.record ?? null
}

/** Returns the hashes of a grant's tokens. */
export async function listTokens(unit: UnitOfWork, userId: string, grantId: string): Promise<string[]> {
  const rows = await unit.store
    .select({ hash: tokens.hash })
    .from(tokens)
    .where(tokenAt(unit, [userId, grantId]))
  return rows.map(({ hash }) => hash)
}

/** The foreign key to the grant makes the commit a Conflict if the grant has ended meanwhile. */
export function putToken(unit: UnitOfWork, value: string, expiresAt: Date): void {
  const { store, owner, now } = unit
  const { id: hash, grantId, userId, audience, scope } = engineToken.parse(JSON.parse(value))
  const scopes = scope.filter((word) => isScope(word))
  unit.write(
    store.insert(tokens).values({ ...owner, hash, userId, grantId, scopes, audience, record: value, createdAt: now, expiresAt }),
    endSurplusTokens(store, { ...owner, userId, grantId }, MAX_TOKENS),
  )
}

export function deleteTokens(unit: UnitOfWork, ids: string[]): void {
  unit.write(unit.store.delete(tokens).where(tokenAt(unit, ids)))
}

/** Matches one token, or all tokens of the grant if no hash is given. */
function tokenAt({ owner }: UnitOfWork, [userId = '', grantId = '', hash]: string[]) {
  const ofOwner = and(eq(tokens.issuer, owner.issuer), eq(tokens.tenantId, owner.tenantId))
  const ofGrant = and(ofOwner, eq(tokens.userId, userId), eq(tokens.grantId, grantId))
  return hash ? and(ofGrant, eq(tokens.hash, hash)) : ofGrant
}
