import { challengeScopes, type Challenge } from '../protocol/oauth/challenge.ts'
import { findSurface } from '../store/servers/versions.ts'
import type { ServerRequest } from './request.ts'

/**
 * Returns the metadata URL and the scopes named by a 401 of a hosted server and by its metadata.
 */
export async function findChallenge({ store, server, urls }: Pick<ServerRequest, 'store' | 'server' | 'urls'>): Promise<Challenge> {
  const surface = server.active && (await findSurface(store, { tenantId: server.tenantId, versionId: server.active.id }))
  return { resourceMetadata: urls.resourceMetadata, scopes: challengeScopes(server.challenge, surface) }
}
