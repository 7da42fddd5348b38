import type { ServerUrls } from '../../protocol/location.ts'
import { findClient, type Client } from '../../store/clients.ts'
import type { ServerRequest } from '../request.ts'

/** A client id -> the client it names at this issuer, for every endpoint alike: registered there, or made by hand for the tenant. */
export function resolveClient(
  { store, server }: Pick<ServerRequest, 'store' | 'server'>,
  { issuer }: Pick<ServerUrls, 'issuer'>,
  clientId: string,
): Promise<Client | undefined> {
  return findClient(store, { issuer, tenantId: server.tenantId }, clientId, new Date())
}
