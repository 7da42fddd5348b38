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

/** More than anybody looks through: twenty tenants may have a hundred servers each. */
const MAX_SERVERS = 2000

/**
 * The hosted servers to offer a person whose app does not say which it wants: those of their tenants, and those of others at which they let an app in before.
 * Only where `access` and `clients` let the two in now. Others' open servers are left out, since any tenant could put itself in front of everybody by them.
 * With a `tenantId`, that tenant's alone.
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
