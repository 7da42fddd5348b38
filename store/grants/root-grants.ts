import { and, eq, sql } from 'drizzle-orm'
import type { ServerName } from '../../protocol/location.ts'
import type { Store } from '../index.ts'
import { isLive } from '../not-expired.ts'
import { grants, refreshTokens, tokens } from '../schema/grants.ts'
import { hostedServers } from '../schema/servers.ts'
import { tenants } from '../schema/tenants.ts'

/*
 * What the root issuer gave out says by itself which hosted server it is for, so here, and nowhere else, rows are looked for before the tenant is known: by
 * whole keys, of which a secret's hash or two random ids are part. What comes out is a hosted server's name.
 */

// two columns of one name would be one in a batch's rows
const named = { tenant: sql<string>`${tenants.slug}`.as('tenant'), server: sql<string>`${hostedServers.slug}`.as('server') }

/** Which hosted server a code is for, by the two ids it begins with. Whether the rest of it is right the engine finds out. */
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

/** The same for a refresh token or an access token, by its hash. */
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
