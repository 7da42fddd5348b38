import { parseServerAddress, serverOfResource, serverUrls, type IssuerUrls } from '../../../protocol/location.ts'
import { parseAuthorizationRequest } from '../../../protocol/oauth/authorization-request.ts'
import { must, OAuthError } from '../../../protocol/oauth/errors.ts'
import { findHostedServer, type HostedServer } from '../../../store/servers/servers.ts'
import { findUsableServers } from '../../../store/servers/usable-servers.ts'
import { findSuspensionOfServer } from '../../../store/tenants/suspensions.ts'
import type { Handler, IssuerRequest } from '../../request.ts'
import { replyToAuthorization, askUser, findApprover, type ProvenRequest } from '../authorize.ts'
import { choicePage } from './choice-page.ts'
import { PageFault } from '../../pages/page-fault.ts'
import { readForm } from '../../clients/form.ts'
import { resolveClient } from '../../clients/resolve-client.ts'
import { redirect } from '../../responses.ts'

/**
 * Handles an authorization request at the root issuer (RFC 6749 §4.1.1). `resource` names the
 * hosted server. Clients of revision 2025-03-26 send no `resource`, so the user chooses a server
 * and repeats the request with `resource`. Tokens belong to the root issuer.
 */
export const authorizeAtRoot: Handler<IssuerRequest> = (request) => authorize(request)

/** Handles a typed server address. The URL of the form still contains the authorization request. */
export const chooseServer: Handler<IssuerRequest> = async (request) => {
  const address = await readAddress(request)
  const name = parseServerAddress(address.trim(), request.addresses)
  const server = name && (await findHostedServer(request.store, name))
  if (!server) return authorize(request, address)
  const { pathname, searchParams } = new URL(request.url)
  return redirect(303, withResource(pathname, searchParams, serverUrls(server, 'root', request.addresses).resource))
}

function authorize(request: IssuerRequest, notFound?: string): Promise<Response> {
  return replyToAuthorization(
    request,
    async (clientId) => {
      const client = await resolveClient(request, request.urls, clientId)
      return client && { client, urls: request.urls }
    },
    async (proven) => {
      const server = await findNamedServer(request, proven.query)
      if (!server) return askWhich(request, proven, notFound)
      const urls = serverUrls(server, 'root', request.addresses)
      return askUser(Object.assign(request, { server, urls }), { ...proven, urls })
    },
  )
}

/**
 * Finds the server named by `resource`, which must be a single resource of the platform (RFC 8707
 * §2).
 */
async function findNamedServer({ store, addresses }: IssuerRequest, query: URLSearchParams): Promise<HostedServer | undefined> {
  const [resource, ...more] = query.getAll('resource').filter((value) => value !== '')
  if (resource === undefined) return undefined
  const name = more.length === 0 ? serverOfResource(resource, addresses) : undefined
  const server = name && (await findHostedServer(store, name))
  const suspended = name && !server ? await findSuspensionOfServer(store, name) : undefined
  if (suspended !== undefined) throw new PageFault(403, 'Tenant suspended', suspended)
  must(server, 'invalid_target', 'resource must be the URL of a server of this platform, or absent')
  return server
}

async function askWhich(request: IssuerRequest, proven: ProvenRequest<IssuerUrls>, notFound: string | undefined): Promise<Response> {
  const { query, client, redirectUri } = proven
  const message = parseAuthorizationRequest(query, {})
  const signedIn = await findApprover(request, proven, message)
  if (signedIn instanceof Response) return signedIn
  must(!message.promptNone, 'consent_required', 'prompt=none was sent, but the user must choose a server')
  const { user, onlyTenant } = signedIn
  const { success } = await request.env.AUTH_RATE_LIMIT.limit({ key: JSON.stringify(['choose', user.id, onlyTenant ?? '']) })
  if (!success) throw new PageFault(429, 'Too many requests', 'Wait a minute, then start again in the app.')

  const { pathname } = new URL(request.url)
  const { addresses, store } = request
  const servers = await findUsableServers(store, { userId: user.id, tenantId: onlyTenant }, client, new Date())
  return choicePage({
    client,
    redirectUri,
    user,
    servers: servers.map((server) => {
      const { resource } = serverUrls(server, 'root', addresses)
      return { ...server, resource, href: withResource(pathname, query, resource) }
    }),
    action: `${pathname}?${query}`,
    example: serverUrls({ tenant: 'tenant', server: 'server' }, 'root', addresses).resource,
    notFound,
  })
}

function withResource(pathname: string, query: URLSearchParams, resource: string): string {
  const named = new URLSearchParams(query)
  named.set('resource', resource)
  return `${pathname}?${named}`
}

async function readAddress(request: IssuerRequest): Promise<string> {
  try {
    return (await readForm(request)).get('address') ?? ''
  } catch (error) {
    if (error instanceof OAuthError) throw new PageFault(400, 'The form is incomplete', 'Start again in the app.')
    throw error
  }
}
