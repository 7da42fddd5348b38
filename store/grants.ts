import { and, desc, eq, gt, isNotNull, isNull, ne, or } from 'drizzle-orm'
import type { Rights } from '../protocol/oauth/consent-offer.ts'
import type { Store } from './index.ts'
import { clientApprovals, grants, hostedServers, members, tenants } from './schema.ts'

/** A grant as people look at it: without the engine's record. */
export interface GrantSummary {
  id: string
  tenant: string
  server: string
  serverId: string
  userId: string
  clientId: string
  clientName: string
  scopes: string[]
  tools: string[] | null
  createdAt: Date
  lastUsedAt: Date | null
  expiresAt: Date | null
}

const summary = {
  id: grants.id,
  tenant: tenants.slug,
  server: hostedServers.slug,
  serverId: grants.serverId,
  userId: grants.userId,
  clientId: grants.clientId,
  clientName: grants.clientName,
  scopes: grants.scopes,
  tools: grants.tools,
  createdAt: grants.createdAt,
  lastUsedAt: grants.lastUsedAt,
  expiresAt: grants.expiresAt,
}

const live = (now: Date) => or(isNull(grants.expiresAt), gt(grants.expiresAt, now))

/** Newest first; at every tenant's servers, since a person's grants are theirs wherever they lie. */
export async function findUserGrants(store: Store, userId: string, now: Date): Promise<GrantSummary[]> {
  return store
    .select(summary)
    .from(grants)
    .innerJoin(hostedServers, eq(hostedServers.id, grants.serverId))
    .innerJoin(tenants, eq(tenants.id, grants.tenantId))
    .where(and(eq(grants.userId, userId), live(now)))
    .orderBy(desc(grants.createdAt), desc(grants.id))
    .limit(500)
}

/** Newest first. */
export async function findServerGrants(
  store: Store,
  { tenantId, serverId }: { tenantId: string; serverId: string },
  now: Date,
): Promise<GrantSummary[]> {
  return store
    .select(summary)
    .from(grants)
    .innerJoin(hostedServers, eq(hostedServers.id, grants.serverId))
    .innerJoin(tenants, eq(tenants.id, grants.tenantId))
    .where(and(eq(grants.tenantId, tenantId), eq(grants.serverId, serverId), live(now)))
    .orderBy(desc(grants.createdAt), desc(grants.id))
    .limit(500)
}

/** What this user lets this client do at a hosted server by the grants that live and were taken up, the one used last first. */
export async function findHeldRights(
  store: Store,
  { tenantId, serverId }: { tenantId: string; serverId: string },
  { userId, clientId }: { userId: string; clientId: string },
  now: Date,
): Promise<Rights[]> {
  return store
    .select({ scopes: grants.scopes, tools: grants.tools })
    .from(grants)
    .where(
      and(
        eq(grants.tenantId, tenantId),
        eq(grants.serverId, serverId),
        eq(grants.userId, userId),
        eq(grants.clientId, clientId),
        live(now),
        isNotNull(grants.lastUsedAt),
      ),
    )
    .orderBy(desc(grants.lastUsedAt), desc(grants.createdAt))
}

/** Whose grant may be ended: the user's own, or any at a server of the tenant. */
export type GrantOwner = { userId: string } | { tenantId: string; serverId: string }

/** What of a grant others must hear when it is gone. */
export interface EndedGrant {
  id: string
  serverId: string
}

export const endedGrant = { id: grants.id, serverId: grants.serverId }

/** Its tokens and refresh tokens go with it, in the same statement (foreign keys). Undefined where there is none or it is not this owner's. */
export async function deleteGrant(store: Store, owner: GrantOwner, grantId: string): Promise<EndedGrant | undefined> {
  const owned =
    'userId' in owner ? eq(grants.userId, owner.userId) : and(eq(grants.tenantId, owner.tenantId), eq(grants.serverId, owner.serverId))
  const [ended] = await store
    .delete(grants)
    .where(and(eq(grants.id, grantId), owned))
    .returning(endedGrant)
  return ended
}

/** A person's grants at a tenant's servers that are for members only. */
export async function findMemberGrants(store: Store, { tenantId, userId }: { tenantId: string; userId: string }): Promise<EndedGrant[]> {
  return store
    .select(endedGrant)
    .from(grants)
    .innerJoin(hostedServers, eq(hostedServers.id, grants.serverId))
    .where(and(eq(grants.tenantId, tenantId), eq(grants.userId, userId), eq(hostedServers.access, 'members')))
}

/** Grants at a hosted server that its settings, as they are now, let in no more (access.ts): of people who are no members, of apps that are not approved. */
export async function findShutOutGrants(
  store: Store,
  { tenantId, serverId, dashboardClientId }: { tenantId: string; serverId: string; dashboardClientId: string },
): Promise<EndedGrant[]> {
  return store
    .select(endedGrant)
    .from(grants)
    .innerJoin(hostedServers, eq(hostedServers.id, grants.serverId))
    .leftJoin(members, and(eq(members.tenantId, grants.tenantId), eq(members.userId, grants.userId)))
    .leftJoin(clientApprovals, and(eq(clientApprovals.serverId, grants.serverId), eq(clientApprovals.clientId, grants.clientId)))
    .where(
      and(
        eq(grants.tenantId, tenantId),
        eq(grants.serverId, serverId),
        or(
          and(eq(hostedServers.access, 'members'), isNull(members.userId)),
          and(
            eq(hostedServers.clients, 'approved'),
            or(ne(clientApprovals.state, 'approved'), and(isNull(clientApprovals.state), ne(grants.clientId, dashboardClientId))),
          ),
        ),
      ),
    )
}
