import {
  documentUrlFault,
  isDocumentUrl,
  MAX_CLIENT_DOCUMENT,
  parseClientDocument,
  type ClientDocument,
} from '../../protocol/oauth/client-document.ts'
import { rootUrls, type IssuerUrls } from '../../protocol/location.ts'
import { dashboardClientDocument, dashboardClientId } from '../../protocol/oauth/dashboard-client.ts'
import { sha256 } from '../../protocol/random.ts'
import { findClient, type Client, type ClientRealm } from '../../store/clients/clients.ts'
import { DocumentUnavailable, type DocumentKind } from '../../hosting/upstream/document-fetch.ts'
import { readDocument } from '../../hosting/upstream/documents.ts'
import type { HostedServer } from '../../store/servers/servers.ts'
import type { AppRequest } from '../request.ts'
import { callerNetwork } from '../caller-network.ts'

const CLIENT_DOCUMENT: DocumentKind<ClientDocument> = { name: 'client-document', maxBytes: MAX_CLIENT_DOCUMENT, parse: parseClientDocument }

/**
 * A client id -> the client it names at this issuer, for every endpoint alike: the dashboard, what stands at its URL (a Client ID Metadata Document), what
 * registered there or at the root, or what the tenant made by hand. Throws DocumentUnavailable, whose message is for whoever made the document.
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
    // an app may register where it finds the origin's metadata, and go on as a server's own says: it is in the tenant's hands like any that registers at the root
    if (registered || urls.form !== 'path') return registered
    return findClient(store, clientRealm(rootUrls(addresses), undefined), clientId, now)
  }
  const fault = documentUrlFault(clientId)
  if (fault !== undefined) throw new DocumentUnavailable(`the client_id ${fault}`)
  const document = await readDocument(request.env, CLIENT_DOCUMENT, clientId, {
    now: new Date(),
    waitUntil: request.waitUntil,
    asker: callerNetwork(request.headers),
  })
  return toClient(document)
}

/** Where an issuer's clients are: the root's belong to no tenant, whichever server one of them is used at. */
export function clientRealm(
  { form, issuer }: Pick<IssuerUrls, 'form' | 'issuer'>,
  server: Pick<HostedServer, 'tenantId'> | undefined,
): ClientRealm {
  return { issuer, tenantId: form === 'root' ? null : (server?.tenantId ?? null) }
}

/** Never fetched: the guarded fetch refuses the platform's own hosts, and what it would find is what we would have said. */
async function theDashboard(origin: string): Promise<Client> {
  const document = parseClientDocument(dashboardClientDocument(origin), dashboardClientId(origin))
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
    // what a person is shown, and where their answer goes: if any of it changes before the code is exchanged, they have agreed to something else
    documentHash: await sha256(JSON.stringify([clientId, name, redirectUris, tokenEndpointAuthMethod])),
  }
}
