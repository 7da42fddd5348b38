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

/** Whose records: what an issuer gave out for a tenant's hosted servers. The root issuer gives out for every tenant's. */
export interface TokenRealm {
  issuer: string
  tenantId: string
}

/** What a token must be meant for: a hosted server's one resource, by an issuer that may give it out. */
export interface Audience extends ServerKey {
  issuers: string[]
  resource: string
  /** A trusted client: see `isTrustedClient` in admission.ts. */
  dashboardClientId: string
}

/**
 * Who holds the access token with this hash, if it is good for this resource now: not expired, its grant and user still there, its tenant not
 * suspended, the user still let in by `access` and the client by `clients`. One statement, so no two of these are of different moments.
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
    // a grant may have been narrowed since the token was given out
    scopes: intersectScopes(row.tokenScopes, row.grantScopes),
    tools: leftTools(row.tools, row.toolLimit) ?? undefined,
    expiresAt: expiresAt.getTime(),
  }
}

/** Behind a new token, in its batch: at most so many of one grant, the oldest end. */
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

/** Ends one access token of this client; its grant and refresh token stay (RFC 7009 §2.1). False where the client has no such token. */
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
