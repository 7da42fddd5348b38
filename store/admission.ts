import { and, eq } from 'drizzle-orm'
import { tenantIssuer, type Client } from './clients/clients.ts'
import type { Store } from './index.ts'
import { clientApprovals } from './schema/clients.ts'
import { members } from './schema/tenants.ts'
import { ofServer } from './server-key.ts'
import type { HostedServer } from './servers/servers.ts'

/** Who may connect, as the hosted server's two settings say it and as things are now. The bearer gate's query (tokens.ts) says the same in SQL. */

export async function mayUserConnect(store: Store, server: Pick<HostedServer, 'tenantId' | 'access'>, userId: string): Promise<boolean> {
  if (server.access !== 'members') return true
  const [row] = await store
    .select({ role: members.role })
    .from(members)
    .where(and(eq(members.tenantId, server.tenantId), eq(members.userId, userId)))
  return row !== undefined
}

/**
 * Where clients are approved, two kinds are so until they are refused: the dashboard, which does nothing but what the person in front of it does, and a
 * client made by hand, since a member who made it has let it in.
 */
export async function mayClientConnect(
  store: Store,
  server: Pick<HostedServer, 'key' | 'clients'>,
  { issuer, clientId, isDashboard }: Pick<Client, 'issuer' | 'clientId' | 'isDashboard'>,
): Promise<boolean> {
  if (server.clients !== 'approved') return true
  const [row] = await store
    .select({ state: clientApprovals.state })
    .from(clientApprovals)
    .where(and(ofServer(clientApprovals, server.key), eq(clientApprovals.clientId, clientId)))
  return row ? row.state === 'approved' : isDashboard === true || issuer === tenantIssuer(server.key.tenantId)
}
