import { and, asc, eq, inArray, isNull } from 'drizzle-orm'
import type { ServerName } from '../../protocol/location.ts'
import { clientIsAdmitted, userIsAdmitted } from '../admission.ts'
import type { Client } from '../clients/clients.ts'
import type { Store } from '../index.ts'
import { isLive } from '../not-expired.ts'
import { grants } from '../schema/grants.ts'
import { hostedServers } from '../schema/servers.ts'
import { members, tenants } from '../schema/tenants.ts'

export interface UsableServer extends ServerName {
  name: string
  description: string
}

/** Limit of the list, because twenty tenants can have a hundred servers each. */
const MAX_SERVERS = 2000

/**
 * Lists the hosted servers to offer if an app names no server: servers of the user's tenants, and
 * servers where the user has approved an app before. `access` must admit the user, and `clients`
 * the client. Open servers of other tenants are left out, because a tenant could otherwise show its
 * servers to every user. `tenantId` limits the list to one tenant.
 */
export async function findUsableServers(
  store: Store,
  { userId, tenantId }: { userId: string; tenantId: string | undefined },
  { clientId, documentHash, isDashboard }: Pick<Client, 'clientId' | 'documentHash' | 'isDashboard'>,
  now: Date,
): Promise<UsableServer[]> {
  const own = store
    .select({ id: hostedServers.id })
    .from(members)
    .innerJoin(hostedServers, eq(hostedServers.tenantId, members.tenantId))
    .where(eq(members.userId, userId))
  const used = store
    .select({ id: grants.serverId })
    .from(grants)
    .where(and(eq(grants.userId, userId), isLive(grants, now)))
  return store
    .select({ tenant: tenants.slug, server: hostedServers.slug, name: hostedServers.name, description: hostedServers.description })
    .from(hostedServers)
    .innerJoin(tenants, and(eq(tenants.id, hostedServers.tenantId), isNull(tenants.suspendedAt)))
    .where(
      and(
        inArray(hostedServers.id, own.union(used)),
        tenantId === undefined ? undefined : eq(hostedServers.tenantId, tenantId),
        userIsAdmitted(userId),
        clientIsAdmitted(clientId, isDashboard === true),
        documentHash === undefined ? eq(hostedServers.registration, 'open') : undefined,
      ),
    )
    .orderBy(asc(tenants.slug), asc(hostedServers.slug))
    .limit(MAX_SERVERS)
}
