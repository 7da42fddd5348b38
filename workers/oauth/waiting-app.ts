import { rootUrls, serverUrls, type IssuerUrls } from '../../protocol/location.ts'
import { DocumentUnavailable } from '../../hosting/upstream/document-fetch.ts'
import type { Client } from '../../store/clients/clients.ts'
import { findHostedServer } from '../../store/servers/servers.ts'
import { resolveClient } from '../clients/resolve-client.ts'
import { PageFault } from '../pages/page-fault.ts'
import type { AppRequest } from '../request.ts'
import { findClientInEitherForm, proveRequest } from './authorize.ts'

/**
 * Returns the redirect URI of the app that waits for the authorization request at the path `next`.
 * Undefined if no app waits, or the redirect URI is not registered.
 */
export async function findWaitingRedirectUri(request: AppRequest, next: string): Promise<string | undefined> {
  const { pathname, searchParams } = new URL(next, request.addresses.origin)
  const [isAuthorization, tenant, server] = /^(?:\/([^/]+)\/([^/]+))?\/authorize$/.exec(pathname) ?? []
  if (isAuthorization === undefined) return undefined
  const name = tenant === undefined || server === undefined ? undefined : { tenant, server }
  try {
    const { redirectUri } = await proveRequest<IssuerUrls>(searchParams, request.addresses, (clientId, resources) =>
      findClientAt(request, name, clientId, resources),
    )
    return redirectUri
  } catch (error) {
    if (error instanceof PageFault || error instanceof DocumentUnavailable) return undefined
    throw error
  }
}

/** Finds the client at the issuer of a hosted server, or at the root issuer. */
async function findClientAt(
  { store, headers, addresses, env, waitUntil }: AppRequest,
  name: { tenant: string; server: string } | undefined,
  clientId: string,
  resources: string[],
): Promise<{ client: Client; urls: IssuerUrls } | undefined> {
  const reader = { store, headers, addresses, env, waitUntil }
  if (!name) {
    const urls = rootUrls(addresses)
    const client = await resolveClient(reader, urls, clientId)
    return client && { client, urls }
  }
  const server = await findHostedServer(store, name)
  return server && findClientInEitherForm({ ...reader, server, urls: serverUrls(server, 'path', addresses) }, clientId, resources)
}
