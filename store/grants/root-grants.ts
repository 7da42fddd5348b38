import { and, eq, sql } from 'drizzle-orm'
import type { ServerName } from '../../protocol/location.ts'
import type { Store } from '../index.ts'
import { isLive } from '../not-expired.ts'
import { grants, refreshTokens, tokens } from '../schema/grants.ts'
import { hostedServers } from '../schema/servers.ts'
import { tenants } from '../schema/tenants.ts'

/*
 * Finds the hosted server of a code or token of the root issuer. Only these queries run before the
 * tenant is known. Each matches a whole key, which contains the hash of a secret or two random ids,
 * and returns only the name of a hosted server.
 */

// columns with equal names would collide in the rows of a batch
const named = { tenant: sql<string>`${tenants.slug}`.as('tenant'), server: sql<string>`${hostedServers.slug}`.as('server') }

/**
 * Finds the hosted server of a code by the two ids at its start. The engine verifies the rest of
 * the code.
 */
export async function findServerOfGrant(
  store: Store,
  issuer: string,
  { userId, grantId }: { userId: string; grantId: string },
  now: Date,
): Promise<ServerName | undefined> {
  const [row] = await store
    .select(named)
    .from(grants)
    .innerJoin(hostedServers, eq(hostedServers.id, grants.serverId))
    .innerJoin(tenants, eq(tenants.id, grants.tenantId))
    .where(and(eq(grants.issuer, issuer), eq(grants.userId, userId), eq(grants.id, grantId), isLive(grants, now)))
  return row
}

/** Finds the hosted server of a refresh token or an access token by hash. */
export async function findServerOfToken(store: Store, issuer: string, hash: string): Promise<ServerName | undefined> {
  const [[byRefreshToken], [byToken]] = await store.batch([
    store
      .select(named)
      .from(refreshTokens)
      .innerJoin(hostedServers, eq(hostedServers.id, refreshTokens.serverId))
      .innerJoin(tenants, eq(tenants.id, refreshTokens.tenantId))
      .where(and(eq(refreshTokens.issuer, issuer), eq(refreshTokens.hash, hash))),
    store
      .select(named)
      .from(tokens)
      .innerJoin(hostedServers, eq(hostedServers.id, tokens.serverId))
      .innerJoin(tenants, eq(tenants.id, tokens.tenantId))
      .where(and(eq(tokens.issuer, issuer), eq(tokens.hash, hash))),
  ])
  return byRefreshToken ?? byToken
}
