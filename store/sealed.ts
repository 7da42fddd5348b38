import { and, asc, eq, inArray, sql, type SQL } from 'drizzle-orm'
import type { SQLiteColumn } from 'drizzle-orm/sqlite-core'
import type { Store } from './index.ts'
import { identityProviders } from './schema/identities.ts'
import { hostedServers } from './schema/servers.ts'

/** Sealed value of one row. */
export interface SealedRow {
  id: string
  tenantId: string
  envelope: string
}

/** New envelope of the same value. */
export interface ResealedRow extends SealedRow {
  resealed: string
}

/** Rows that one of the keys sealed. */
export interface SealedBy {
  keyIds: string[]
  limit: number
}

export async function findEnvironmentsSealedBy(store: Store, by: SealedBy): Promise<SealedRow[]> {
  const { id, tenantId, environment } = hostedServers
  const rows = store.select({ id, tenantId, envelope: sql<string>`${environment}` }).from(hostedServers)
  return rows.where(isSealedBy(environment, by)).orderBy(asc(id)).limit(by.limit)
}

export async function findProviderSecretsSealedBy(store: Store, by: SealedBy): Promise<SealedRow[]> {
  const { id, tenantId, clientSecret } = identityProviders
  const rows = store.select({ id, tenantId, envelope: sql<string>`${clientSecret}` }).from(identityProviders)
  return rows.where(isSealedBy(clientSecret, by)).orderBy(asc(id)).limit(by.limit)
}

/** Replaces envelopes in one batch. An envelope that a tenant changed in the meantime stays. */
export async function replaceEnvironments(store: Store, rows: ResealedRow[]): Promise<void> {
  const { id, tenantId, environment } = hostedServers
  await inOneBatch(
    store,
    rows.map((row) =>
      store
        .update(hostedServers)
        .set({ environment: row.resealed })
        .where(and(eq(tenantId, row.tenantId), eq(id, row.id), eq(environment, row.envelope))),
    ),
  )
}

/** Like {@link replaceEnvironments}. */
export async function replaceProviderSecrets(store: Store, rows: ResealedRow[]): Promise<void> {
  const { id, tenantId, clientSecret } = identityProviders
  await inOneBatch(
    store,
    rows.map((row) =>
      store
        .update(identityProviders)
        .set({ clientSecret: row.resealed })
        .where(and(eq(tenantId, row.tenantId), eq(id, row.id), eq(clientSecret, row.envelope))),
    ),
  )
}

function isSealedBy(column: SQLiteColumn, { keyIds }: SealedBy): SQL {
  return inArray(sql`substr(${column}, 4, instr(substr(${column}, 4), '.') - 1)`, keyIds)
}

async function inOneBatch(store: Store, [first, ...others]: Parameters<Store['batch']>[0][number][]): Promise<void> {
  if (first) await store.batch([first, ...others])
}
