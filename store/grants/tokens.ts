import { and, eq, gt, inArray, isNull, sql } from 'drizzle-orm'
import { leftTools } from '../../protocol/oauth/consent-offer.ts'
import { intersectScopes } from '../../protocol/oauth/scope.ts'
import type { GrantedPrincipal } from '../../protocol/principal.ts'
import { clientIsAdmitted, isTrustedClient, userIsAdmitted } from '../admission.ts'
import type { Store } from '../index.ts'
import { isLive } from '../not-expired.ts'
import { NO_LIMIT } from '../paging.ts'
import { grants, tokens } from '../schema/grants.ts'
import { users } from '../schema/people.ts'
import { hostedServers } from '../schema/servers.ts'
import { tenants } from '../schema/tenants.ts'
import { ofServer, type ServerKey } from '../server-key.ts'

/**
 * Scope of records: an issuer and a tenant. The root issuer issues for the hosted servers of every
 * tenant.
 */
export interface TokenRealm {
  issuer: string
  tenantId: string
}

/**
 * Audience that a token must have: the resource of a hosted server, from an issuer allowed for the
 * resource.
 */
export interface Audience extends ServerKey {
  issuers: string[]
  resource: string
  /** True for a trusted client; see `isTrustedClient` in admission.ts. */
  dashboardClientId: string
}

/**
 * Returns the principal of a valid access token. A token is valid for the resource if it has not
 * expired, its grant and user exist, the tenant is not suspended, `access` admits the user and
 * `clients` admits the client. A single statement, so that all conditions hold at the same time.
 */
export async function findPrincipal(
  store: Store,
  { issuers, tenantId, serverId, resource, dashboardClientId }: Audience,
  hash: string,
  now: Date,
): Promise<GrantedPrincipal | undefined> {
  const [row] = await store
    .select({
      grantId: grants.id,
      clientId: grants.clientId,
      userId: grants.userId,
      tokenScopes: tokens.scopes,
      grantScopes: grants.scopes,
      tools: grants.tools,
      toolLimit: grants.toolLimit,
      expiresAt: tokens.expiresAt,
    })
    .from(tokens)
    .innerJoin(grants, and(eq(grants.issuer, tokens.issuer), eq(grants.userId, tokens.userId), eq(grants.id, tokens.grantId)))
    .innerJoin(users, eq(users.id, tokens.userId))
    .innerJoin(hostedServers, and(eq(hostedServers.id, tokens.serverId), eq(hostedServers.tenantId, tokens.tenantId)))
    .innerJoin(tenants, and(eq(tenants.id, tokens.tenantId), isNull(tenants.suspendedAt)))
    .where(
      and(
        inArray(tokens.issuer, issuers),
        eq(tokens.hash, hash),
        ofServer(tokens, { tenantId, serverId }),
        eq(tokens.audience, resource),
        gt(tokens.expiresAt, now),
        isLive(grants, now),
        userIsAdmitted(tokens.userId),
        clientIsAdmitted(grants.clientId, isTrustedClient(tenantId, grants.clientId, dashboardClientId)),
      ),
    )
  if (!row) return undefined
  const { grantId, clientId, userId, expiresAt } = row
  return {
    kind: 'granted',
    grantId,
    clientId,
    userId,
    // the grant may have been narrowed after the token was issued
    scopes: intersectScopes(row.tokenScopes, row.grantScopes),
    tools: leftTools(row.tools, row.toolLimit) ?? undefined,
    expiresAt: expiresAt.getTime(),
  }
}

/**
 * Statement after a new token in its batch. Ends the oldest tokens of the grant beyond the limit.
 */
export function endSurplusTokens(
  store: Store,
  { issuer, tenantId, userId, grantId }: TokenRealm & { userId: string; grantId: string },
  most: number,
) {
  const ofGrant = and(eq(tokens.issuer, issuer), eq(tokens.tenantId, tenantId), eq(tokens.userId, userId), eq(tokens.grantId, grantId))
  const surplus = store
    .select({ hash: tokens.hash })
    .from(tokens)
    .where(ofGrant)
    .orderBy(sql`${tokens.createdAt} DESC, rowid DESC`)
    .limit(NO_LIMIT)
    .offset(most)
  return store.delete(tokens).where(and(ofGrant, inArray(tokens.hash, surplus)))
}

/**
 * Ends an access token of the client. The grant and the refresh token stay (RFC 7009 §2.1). Returns
 * false if the client has no such token.
 */
export async function deleteToken(store: Store, { issuer, tenantId }: TokenRealm, hash: string, clientId: string): Promise<boolean> {
  const [token] = await store
    .select({ clientId: grants.clientId })
    .from(tokens)
    .innerJoin(grants, and(eq(grants.issuer, tokens.issuer), eq(grants.userId, tokens.userId), eq(grants.id, tokens.grantId)))
    .where(and(eq(tokens.issuer, issuer), eq(tokens.hash, hash), eq(tokens.tenantId, tenantId)))
  if (token?.clientId !== clientId) return false
  await store.delete(tokens).where(and(eq(tokens.issuer, issuer), eq(tokens.hash, hash), eq(tokens.tenantId, tenantId)))
  return true
}
