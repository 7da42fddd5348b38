import {
  documentUrlFault,
  isDocumentUrl,
  MAX_CLIENT_DOCUMENT,
  parseClientDocument,
  type ClientDocument,
} from '../../protocol/oauth/client-document.ts'
import { rootUrls, type Addresses, type IssuerUrls } from '../../protocol/location.ts'
import { dashboardClientDocument, dashboardClientId } from '../../protocol/oauth/dashboard-client.ts'
import { sha256 } from '../../protocol/random.ts'
import { findClient, type Client, type ClientRealm } from '../../store/clients/clients.ts'
import { DocumentUnavailable, type DocumentKind } from '../../hosting/upstream/document-fetch.ts'
import { readDocument } from '../../hosting/upstream/documents.ts'
import type { HostedServer } from '../../store/servers/servers.ts'
import type { AppRequest } from '../request.ts'
import { callerNetwork } from '../caller-network.ts'

const clientDocument = (addresses: Addresses): DocumentKind<ClientDocument> => ({
  name: 'client-document',
  maxBytes: MAX_CLIENT_DOCUMENT,
  parse: (body, url) => parseClientDocument(body, url, addresses),
})

/**
 * Finds the client of a client id at this issuer: the dashboard, a Client ID Metadata Document, a
 * registration here or at the root, or a client created by a member. Throws DocumentUnavailable,
 * whose message is for the author of the document.
 */
export async function resolveClient(
  request: Pick<AppRequest, 'store' | 'headers' | 'addresses' | 'env' | 'waitUntil'> & { server?: Pick<HostedServer, 'tenantId'> },
  urls: Pick<IssuerUrls, 'form' | 'issuer'>,
  clientId: string,
): Promise<Client | undefined> {
  const { store, server, addresses } = request
  if (clientId === dashboardClientId(addresses.origin)) return theDashboard(addresses.origin)
  if (!isDocumentUrl(clientId)) {
    const now = new Date()
    const registered = await findClient(store, clientRealm(urls, server), clientId, now)
    // an app may register at the root, as the origin's metadata says, and continue at a hosted
    // server
    if (registered || urls.form !== 'path') return registered
    return findClient(store, clientRealm(rootUrls(addresses), undefined), clientId, now)
  }
  const fault = documentUrlFault(clientId)
  if (fault !== undefined) throw new DocumentUnavailable(`the client_id ${fault}`)
  const document = await readDocument(request.env, clientDocument(addresses), clientId, {
    now: new Date(),
    waitUntil: request.waitUntil,
    asker: callerNetwork(request.headers),
  })
  return toClient(document)
}

/**
 * Returns the issuer and tenant of an issuer's clients. Clients of the root issuer belong to no
 * tenant.
 */
export function clientRealm(
  { form, issuer }: Pick<IssuerUrls, 'form' | 'issuer'>,
  server: Pick<HostedServer, 'tenantId'> | undefined,
): ClientRealm {
  return { issuer, tenantId: form === 'root' ? null : (server?.tenantId ?? null) }
}

/**
 * Builds the document of the dashboard without a fetch, because the guarded fetch refuses the
 * platform's own hosts.
 */
async function theDashboard(origin: string): Promise<Client> {
  const document = parseClientDocument(dashboardClientDocument(origin), dashboardClientId(origin), undefined)
  return { ...(await toClient(document)), isDashboard: true }
}

async function toClient({
  clientId,
  name,
  redirectUris,
  grantTypes,
  responseTypes,
  tokenEndpointAuthMethod,
  keys,
}: ClientDocument): Promise<Client> {
  return {
    clientId,
    serverId: null,
    name: name ?? null,
    redirectUris,
    grantTypes,
    responseTypes,
    tokenEndpointAuthMethod,
    secretHash: null,
    keys: keys ?? null,
    // the consent page shows these fields, so changing a field before the exchange invalidates the
    // code
    // exchange
    documentHash: await sha256(JSON.stringify([clientId, name, redirectUris, tokenEndpointAuthMethod])),
  }
}
