/**
 * request URL <-> which part of the platform, which tenant, which hosted server. One pure function and its inverse; nothing else reads a host or
 * splits a path, so no two places can disagree about whose URL it is.
 */

import { comparableResource } from './oauth/resource.ts'
import { RecentMap } from './recent-map.ts'

/** Where this installation answers. */
export interface Addresses {
  /** PUBLIC_ORIGIN: scheme, host and port, without a trailing slash. */
  origin: string
  /** The part of SERVER_HOST behind `*.`; undefined when hosted servers have no hosts of their own. */
  serverHost: string | undefined
}

/** The two slugs that name a hosted server. */
export interface ServerName {
  tenant: string
  server: string
}

/** A hosted server is reached under the platform's origin (`path`) or at a host of its own (`host`). Each form is an issuer and a resource of its own. */
export type UrlForm = 'path' | 'host'

/** `path` is canonical: what the URL would be by path, so that the router knows one form only. */
export interface Location {
  form: UrlForm
  path: string
}

const SLUG = /^[a-z0-9]+(?:-[a-z0-9]+)*$/

/** First path segments that are the platform's own and can never name a tenant. */
export const RESERVED_SLUGS: ReadonlySet<string> = new Set([
  'api',
  'auth',
  'authorize',
  'token',
  'register',
  'revoke',
  'consent',
  'device',
  'connect',
  'dashboard',
  'assets',
  'healthz',
  'readyz',
  'mcp',
])

/** 3 to 30 characters of `[a-z0-9]` with single hyphens between: safe as a path segment, and two joined by `--` as a DNS label. */
export function isSlug(text: string): boolean {
  return text.length >= 3 && text.length <= 30 && SLUG.test(text)
}

/** The well-known documents of RFC 8414, RFC 9728 and OpenID Connect Discovery, which put a path issuer's path behind their own. */
const WELL_KNOWN = /^\/\.well-known\/(oauth-protected-resource|oauth-authorization-server|openid-configuration)/

/** Keeps the result of the last settings, because every request asks and settings change only with a deployment. */
const parsed = new RecentMap<Addresses>(1)

/** Parses `PUBLIC_ORIGIN` and `SERVER_HOST`. Throws an Error that tells the operator what to change. */
export function parseAddresses(publicOrigin: string, serverHost: string): Addresses {
  const key = `${publicOrigin} ${serverHost}`
  const known = parsed.get(key)
  if (known) return known
  const addresses = readAddresses(publicOrigin, serverHost)
  parsed.set(key, addresses)
  return addresses
}

function readAddresses(publicOrigin: string, serverHost: string): Addresses {
  const origin = URL.canParse(publicOrigin) ? new URL(publicOrigin) : undefined
  if (!origin || origin.origin !== publicOrigin) {
    throw new Error(`PUBLIC_ORIGIN must be an origin such as https://mcp.example.com, without a trailing slash; it is "${publicOrigin}"`)
  }
  if (serverHost === '') return { origin: publicOrigin, serverHost: undefined }
  if (!/^\*\.[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(serverHost) || origin.protocol !== 'https:') {
    throw new Error(`SERVER_HOST must look like *.mcp.example.com and needs an https PUBLIC_ORIGIN; it is "${serverHost}"`)
  }
  return { origin: publicOrigin, serverHost: serverHost.slice(2) }
}

/** True where the platform runs on somebody's own machine, which alone allows loopback stand-ins for other people's servers. */
export function isLoopbackOrigin(origin: string): boolean {
  const { hostname } = new URL(origin)
  return hostname === 'localhost' || hostname === '127.0.0.1' || hostname === '[::1]'
}

/** Undefined for a host that is not ours and for every spelling of a path but the canonical one (doubled or trailing slashes, escapes, case). */
export function locate(url: URL, addresses: Addresses): Location | undefined {
  const location = url.origin === addresses.origin ? { form: 'path' as const, path: url.pathname } : locateByHost(url, addresses)
  if (!location || !isCanonical(location.path)) return undefined
  return toUrl(location, addresses) === url.origin + url.pathname ? location : undefined
}

/** True when the request was sent to a host this installation answers at, whatever its path. */
export function isOurHost(url: URL, addresses: Addresses): boolean {
  return url.origin === addresses.origin || nameOfHost(url, addresses) !== undefined
}

/** The inverse of {@link locate}. */
export function toUrl(location: Location, addresses: Addresses): string {
  if (location.form === 'path') return addresses.origin + location.path
  const wellKnown = WELL_KNOWN.exec(location.path)?.[0] ?? ''
  const [, tenant, server, ...rest] = location.path.slice(wellKnown.length).split('/')
  const path = rest.length > 0 ? `/${rest.join('/')}` : ''
  return `${hostOrigin({ tenant: tenant ?? '', server: server ?? '' }, addresses)}${wellKnown}${wellKnown || path ? path : '/'}`
}

function locateByHost(url: URL, addresses: Addresses): Location | undefined {
  const name = nameOfHost(url, addresses)
  if (!name) return undefined
  const wellKnown = WELL_KNOWN.exec(url.pathname)?.[0] ?? ''
  const rest = url.pathname.slice(wellKnown.length)
  return { form: 'host', path: `${wellKnown}/${name.tenant}/${name.server}${rest === '/' ? '' : rest}` }
}

function nameOfHost(url: URL, addresses: Addresses): ServerName | undefined {
  const suffix = `.${addresses.serverHost}`
  if (!addresses.serverHost || url.protocol !== 'https:' || url.port !== '' || !url.hostname.endsWith(suffix)) return undefined
  const [server, tenant, ...more] = url.hostname.slice(0, -suffix.length).split('--')
  if (server === undefined || tenant === undefined || more.length > 0 || !isSlug(server) || !isSlug(tenant)) return undefined
  if (RESERVED_SLUGS.has(tenant)) return undefined // by path it would be the platform's own
  return { tenant, server }
}

function isCanonical(path: string): boolean {
  if (path === '/' || path.startsWith('/dashboard/')) return true // the dashboard's own routes may carry what they like
  return !path.endsWith('/') && !path.includes('//') && !path.includes('%')
}

function hostOrigin({ tenant, server }: ServerName, addresses: Addresses): string {
  return `https://${server}--${tenant}.${addresses.serverHost}`
}

/** Where people type the code that a device shows (RFC 8628 §3.3); also what stands for the redirect URI of a grant that no browser carried a code of. */
export function deviceUrl({ origin }: Pick<Addresses, 'origin'>): string {
  return `${origin}/device`
}

/** Whose authorization server: a hosted server's, in one of its two forms, or the root's, which is every hosted server's by path as well. */
export type IssuerForm = UrlForm | 'root'

/** Every absolute URL an authorization server is known by. All are built from the configuration, never from a request. */
export interface IssuerUrls {
  form: IssuerForm
  /** RFC 8414 issuer. */
  issuer: string
  /** Always under the platform's origin, because sign-in cookies belong to it alone. */
  authorizationEndpoint: string
  tokenEndpoint: string
  registrationEndpoint: string
  revocationEndpoint: string
}

/** The same of a hosted server, by one of its issuers. */
export interface ServerUrls extends IssuerUrls {
  /** RFC 8707 resource: the MCP endpoint, this exact string. By path and by the root issuer it is the same. */
  resource: string
  deviceAuthorizationEndpoint: string
  /** RFC 9728 §3.1. */
  resourceMetadata: string
}

/** The issuer for clients of revision 2025-03-26, which look for the authorization server at the root of the MCP endpoint's host. */
export function rootUrls({ origin }: Addresses): IssuerUrls {
  return {
    form: 'root',
    issuer: origin,
    authorizationEndpoint: `${origin}/authorize`,
    tokenEndpoint: `${origin}/token`,
    registrationEndpoint: `${origin}/register`,
    revocationEndpoint: `${origin}/revoke`,
  }
}

export function serverUrls(name: ServerName, form: IssuerForm, addresses: Addresses): ServerUrls {
  if (form === 'root') return { ...serverUrls(name, 'path', addresses), ...rootUrls(addresses) }
  const byPath = `${addresses.origin}/${name.tenant}/${name.server}`
  const issuer = form === 'path' ? byPath : hostOrigin(name, addresses)
  const resourceMetadata =
    form === 'path'
      ? `${addresses.origin}/.well-known/oauth-protected-resource/${name.tenant}/${name.server}/mcp`
      : `${issuer}/.well-known/oauth-protected-resource/mcp`
  return {
    form,
    issuer,
    resource: `${issuer}/mcp`,
    authorizationEndpoint: `${byPath}/authorize`,
    tokenEndpoint: `${issuer}/token`,
    registrationEndpoint: `${issuer}/register`,
    revocationEndpoint: `${issuer}/revoke`,
    deviceAuthorizationEndpoint: `${issuer}/device_authorization`,
    resourceMetadata,
  }
}

/** The hosted server whose resource, by path, this is. */
export function serverOfResource(named: string, addresses: Addresses): ServerName | undefined {
  const resource = comparableResource(named)
  const name = parseServerAddress(resource, addresses)
  return name && serverUrls(name, 'path', addresses).resource === resource ? name : undefined
}

/** The hosted server a person means who types or pastes its address: the whole of it or `tenant/server`. */
export function parseServerAddress(text: string, { origin }: Addresses): ServerName | undefined {
  const path = text.startsWith(`${origin}/`) ? text.slice(origin.length + 1) : text
  const [, tenant = '', server = ''] = /^([^/]+)\/([^/]+?)(?:\/mcp)?\/?$/.exec(path) ?? []
  return isSlug(tenant) && isSlug(server) && !RESERVED_SLUGS.has(tenant) ? { tenant, server } : undefined
}
