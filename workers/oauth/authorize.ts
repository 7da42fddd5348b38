import { serverUrls, type Addresses, type IssuerUrls, type ServerUrls } from '../../protocol/location.ts'
import { parseAuthorizationRequest, type AuthorizationRequest } from '../../protocol/oauth/authorization-request.ts'
import { errorUrl } from '../../protocol/oauth/error-url.ts'
import { must, OAuthError } from '../../protocol/oauth/errors.ts'
import { isOwnRedirectUri, isUsableRedirectUri, matchesRedirectUri } from '../../protocol/oauth/redirect-uri.ts'
import { comparableResource } from '../../protocol/oauth/resource.ts'
import { grantableScopes } from '../../protocol/oauth/scope.ts'
import type { Client } from '../../store/clients/clients.ts'
import type { HostedServer } from '../../store/servers/servers.ts'
import type { Handler, IssuerRequest, ServerRequest } from '../request.ts'
import { askConsent } from './consent/ask.ts'
import { PageFault } from '../pages/page-fault.ts'
import { mustAdmit } from '../clients/admission.ts'
import { redirect } from '../responses.ts'
import { openEngine } from './grants/engine.ts'
import { resolveClient } from '../clients/resolve-client.ts'
import { findChallenge } from '../challenge.ts'
import { type SignedIn, findSignIn, findSignedIn } from '../people.ts'

const MAX_QUERY = 8192
const MAX_PARAMETER = 1024

/**
 * An authorization request with a registered redirect URI. Errors go to the client after this
 * check.
 */
export interface ProvenRequest<Urls extends IssuerUrls = ServerUrls> {
  query: URLSearchParams
  client: Client
  redirectUri: string
  /** URLs of the issuer, in the form used by the client. */
  urls: Urls
  state: string | undefined
}

/**
 * Handles an authorization request (RFC 6749 §4.1.1). Errors found before the redirect URI is
 * proven are shown on a page. Later errors go to the client with state and iss (RFC 9207), after
 * sign-in. The checks run before the engine, because the engine accepts more than the RFCs allow.
 */
export const authorize: Handler<ServerRequest> = (request) => {
  // sign-in cookies belong to the platform's origin
  if (request.urls.form === 'host') return redirect(302, `${request.urls.authorizationEndpoint}${new URL(request.url).search}`)
  return replyToAuthorization(
    request,
    (clientId, resources) => findClientInEitherForm(request, clientId, resources),
    (proven) => askUser(request, proven),
  )
}

/**
 * Checks a request in the order shared by all authorization endpoints: first errors for the person,
 * then errors for the client.
 */
export async function replyToAuthorization<Urls extends IssuerUrls>(
  request: IssuerRequest,
  findClient: (clientId: string, resources: string[]) => Promise<{ client: Client; urls: Urls } | undefined>,
  ask: (proven: ProvenRequest<Urls>) => Promise<Response>,
): Promise<Response> {
  const { addresses } = request
  const { search, searchParams: query } = new URL(request.url)
  if (search.length > MAX_QUERY)
    throw new PageFault(
      414,
      'This request is too long',
      `An authorization request may have ${MAX_QUERY} characters at most. Start again in the app.`,
    )
  for (const [name, value] of query) {
    if (value.length > MAX_PARAMETER)
      throw new PageFault(
        400,
        'This request is too long',
        `The parameter ${name.slice(0, 40)} is longer than ${MAX_PARAMETER} characters. Start again in the app.`,
      )
  }
  const proven = await proveRequest(query, addresses, findClient)
  try {
    return await ask(proven)
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error
    if (!(await mayRedirectErrors(request, query))) return toSignIn(proven, (request as Partial<ServerRequest>).server)
    return redirect(302, errorUrl({ ...proven, issuer: proven.urls.issuer }, error))
  }
}

/**
 * Returns true if an error may redirect the browser: a user is signed in, or the client asked for
 * no page (RFC 9700 §4.11.2). Otherwise anybody who registers a client could redirect visitors from
 * the platform's origin to a page of their own.
 */
async function mayRedirectErrors(request: IssuerRequest, query: URLSearchParams): Promise<boolean> {
  const [prompt, ...more] = query.getAll('prompt')
  return (prompt === 'none' && more.length === 0) || (await findSignIn(request)) !== undefined
}

/** Redirects to the sign-in page, which returns to the authorization request. */
function toSignIn({ query, urls }: ProvenRequest<IssuerUrls>, server: Pick<HostedServer, 'tenant'> | undefined): Response {
  const { pathname } = new URL(urls.authorizationEndpoint)
  const ofTenant = server ? `tenant=${server.tenant}&` : ''
  return redirect(303, `/auth/sign-in?${ofTenant}continue=${encodeURIComponent(`${pathname}?${query}`)}`)
}

/**
 * Checks the client and the redirect URI of an authorization request. Throws a page, because no
 * client may receive the error.
 */
export async function proveRequest<Urls extends IssuerUrls>(
  query: URLSearchParams,
  addresses: Addresses,
  findClient: (clientId: string, resources: string[]) => Promise<{ client: Client; urls: Urls } | undefined>,
): Promise<ProvenRequest<Urls>> {
  const found = await findClient(singleParameter(query, 'client_id'), query.getAll('resource').map(comparableResource))
  if (!found)
    throw new PageFault(400, 'Unknown app', 'The client_id of the app is not registered at this server. The app must register again.')
  const { client, urls } = found
  const redirectUri = singleParameter(query, 'redirect_uri')
  if (!isRedirectUriOf(client, redirectUri)) {
    throw new PageFault(
      400,
      'The redirect URI does not match',
      `The app sent the redirect URI ${redirectUri}, which the app has not registered.`,
    )
  }
  if (!isUsableRedirectUri(redirectUri)) {
    const usable = client.redirectUris.filter(isUsableRedirectUri).join(' or ')
    throw new PageFault(
      400,
      'The redirect URI cannot be used',
      `The app sent the redirect URI ${redirectUri}. It must be an https or loopback URL, such as ${usable}.`,
    )
  }
  // registered earlier, or on loopback with the port of the platform
  if (isOwnRedirectUri(redirectUri, addresses) && !client.isDashboard) {
    throw new PageFault(
      400,
      'The redirect URI cannot be used',
      `The app sent the redirect URI ${redirectUri}, which is an address of this platform and not of the app.`,
    )
  }
  const states = query.getAll('state')
  return { query, client, redirectUri, urls, state: states.length === 1 ? states[0] : undefined }
}

/**
 * Checks the redirect URI. On loopback a registered app may use any port (RFC 8252 §7.3), and the
 * dashboard only the port of the platform.
 */
function isRedirectUriOf({ isDashboard, redirectUris }: Client, redirectUri: string): boolean {
  return isDashboard ? redirectUris.includes(redirectUri) : matchesRedirectUri(redirectUri, redirectUris)
}

function singleParameter(query: URLSearchParams, name: string): string {
  const [value, ...more] = query.getAll(name)
  if (!value) throw new PageFault(400, 'The request is incomplete', `The app sent no ${name}.`)
  if (more.length > 0) throw new PageFault(400, 'A parameter is repeated', `The app sent ${name} more than once.`)
  return value
}

/**
 * Finds the client in either form of the hosted server, because both forms share the authorization
 * endpoint. A registered client is known in the form of registration. For other clients the
 * resource names the form.
 */
export async function findClientInEitherForm(
  request: Pick<ServerRequest, 'store' | 'headers' | 'addresses' | 'env' | 'waitUntil' | 'server' | 'urls'>,
  clientId: string,
  resources: string[],
): Promise<{ client: Client; urls: ServerUrls } | undefined> {
  const { server, urls, addresses } = request
  const forms = addresses.serverHost ? [urls, serverUrls(server, 'host', addresses)] : [urls]
  const named = forms.toSorted((a, b) => Number(resources.includes(b.resource)) - Number(resources.includes(a.resource)))
  for (const form of named) {
    const client = await resolveClient(request, form, clientId)
    if (client) return { client, urls: form }
  }
  return undefined
}

export async function askUser(request: ServerRequest, proven: ProvenRequest): Promise<Response> {
  const { query, client, urls } = proven
  const message = parseAuthorizationRequest(query, urls)
  const signedIn = await findApprover(request, proven, message, request.server)
  if (signedIn instanceof Response) return signedIn
  await mustAdmit(request, client, signedIn.user.id)
  must(!message.promptNone, 'consent_required', 'prompt=none was sent, but the user must give consent')

  const asked = message.scopes ?? (await findChallenge({ ...request, urls })).scopes
  const scopes = grantableScopes(asked, client)
  const engine = openEngine({ store: request.store, server: request.server, urls, client, now: new Date() })
  const authorization = await engine.authorizationServer.getOAuthApi(engine.env).parseAuthRequest(engineAuthorizationRequest(query, urls))
  return askConsent(request, { client, urls, authorization, scopes }, signedIn)
}

/**
 * Returns the signed-in user, or a redirect to the sign-in page and back. If the hosted server is
 * not known yet, any sign-in is accepted, and the caller offers only servers within reach of the
 * sign-in.
 */
export async function findApprover(
  request: IssuerRequest,
  proven: ProvenRequest<IssuerUrls>,
  message: AuthorizationRequest,
  server?: Pick<HostedServer, 'tenant' | 'tenantId'>,
): Promise<SignedIn | Response> {
  const { client } = proven
  must(client.responseTypes.includes('code'), 'unauthorized_client', 'the client is not registered for the response type code')
  must(client.grantTypes.includes('authorization_code'), 'unauthorized_client', 'the client is not registered for authorization_code')

  const signedIn = server ? await findSignedIn(request, server.tenantId) : await findSignIn(request)
  if (signedIn) return signedIn
  must(!message.promptNone, 'login_required', 'prompt=none was sent, but no user is signed in')
  return toSignIn(proven, server)
}

/**
 * Builds the engine's request from checked parameters only. The resource is always named, because
 * an issuer has a single resource.
 */
function engineAuthorizationRequest(query: URLSearchParams, { authorizationEndpoint, resource }: ServerUrls): Request {
  const url = new URL(authorizationEndpoint)
  for (const name of ['response_type', 'client_id', 'redirect_uri', 'state', 'code_challenge', 'code_challenge_method']) {
    const value = query.get(name)
    if (value) url.searchParams.set(name, value)
  }
  url.searchParams.set('resource', resource)
  return new Request(url)
}
