/**
 * Maps a request URL to a part of the platform, a tenant and a hosted server, and back. No other
 * code reads a host or splits a path, so the meaning of a URL is decided in one place.
 */

import { comparableResource } from './oauth/resource.ts'
import { RecentMap } from './recent-map.ts'

/** Addresses of this installation. */
export interface Addresses {
  /** PUBLIC_ORIGIN: scheme, host and port, without a trailing slash. */
  origin: string
  /** SERVER_HOST without `*.`; undefined if hosted servers have no hosts of their own. */
  serverHost: string | undefined
}

/** Slugs of a hosted server. */
export interface ServerName {
  tenant: string
  server: string
}

/**
 * Form of a hosted server's URLs: under the platform's origin (`path`) or at its own host (`host`).
 * Each form is a separate issuer and resource.
 */
export type UrlForm = 'path' | 'host'

/** Parts of a located URL. `path` always has the path form, so the router knows one form only. */
export interface Location {
  form: UrlForm
  path: string
  /** URL to use in place of the requested URL. Undefined if the requested URL is canonical. */
  canonical?: string
}

const SLUG = /^[a-z0-9]+(?:-[a-z0-9]+)*$/

/**
 * Path segments of the platform, which cannot be tenant slugs. `reserved-slugs.ts` has further
 * names, which a tenant created before may still have.
 */
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

/**
 * Returns true for 3 to 30 characters of `[a-z0-9]` with single hyphens between. Two slugs joined
 * by `--` fit in a DNS label.
 */
export function isSlug(text: string): boolean {
  return text.length >= 3 && text.length <= 30 && SLUG.test(text)
}

/**
 * Well-known documents (RFC 8414, RFC 9728, OpenID Connect Discovery). The issuer's path follows
 * the document's path.
 */
const WELL_KNOWN = /^\/\.well-known\/(oauth-protected-resource|oauth-authorization-server|openid-configuration)/

/**
 * Cache of the last settings, because every request needs the settings and only a deployment
 * changes the settings.
 */
const parsed = new RecentMap<Addresses>(1)

/**
 * Parses `PUBLIC_ORIGIN` and `SERVER_HOST`. Throws an Error that tells the operator what to change.
 */
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
    throw new Error(`PUBLIC_ORIGIN must be an origin such as https://mcp.example.com, without a trailing slash, but is "${publicOrigin}"`)
  }
  if (serverHost === '') return { origin: publicOrigin, serverHost: undefined }
  if (!/^\*\.[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(serverHost) || origin.protocol !== 'https:') {
    throw new Error(`SERVER_HOST must look like *.mcp.example.com and needs an https PUBLIC_ORIGIN, but is "${serverHost}"`)
  }
  return { origin: publicOrigin, serverHost: serverHost.slice(2) }
}

/**
 * Returns true if the platform runs on a developer's machine. Only then are loopback stand-ins
 * allowed.
 */
export function isLoopbackOrigin(origin: string): boolean {
  const { hostname } = new URL(origin)
  return hostname === 'localhost' || hostname === '127.0.0.1' || hostname === '[::1]'
}

/**
 * Returns undefined for an unknown host, and for paths in a non-canonical spelling (doubled or
 * trailing slashes, escapes, case).
 */
export function locate(url: URL, addresses: Addresses): Location | undefined {
  const location = url.origin === addresses.origin ? { form: 'path' as const, path: url.pathname } : locateByHost(url, addresses)
  if (!location || !isCanonical(location.path)) return undefined
  return toUrl(location, addresses) === url.origin + url.pathname ? location : undefined
}

/**
 * Returns the location of an MCP endpoint written with one trailing slash. People paste such URLs,
 * so the endpoint redirects to its own URL.
 */
export function locateSlashed(url: URL, addresses: Addresses): Location | undefined {
  if (!url.pathname.endsWith('/')) return undefined
  const canonical = new URL(url)
  canonical.pathname = url.pathname.slice(0, -1)
  const location = locate(canonical, addresses)
  return location && ENDPOINT.test(location.path) ? { ...location, canonical: canonical.href } : undefined
}

/** Paths of MCP endpoints, of a hosted server and of one version. */
const ENDPOINT = /^\/[^/]+\/[^/]+\/mcp(?:\/versions\/\d+)?$/

/** Returns true if the URL's host belongs to this installation, whatever the path. */
export function isOurHost(url: URL, addresses: Addresses): boolean {
  return url.origin === addresses.origin || nameOfHost(url, addresses) !== undefined
}

/** Returns the URL of a location. Inverse of {@link locate}. */
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
  if (RESERVED_SLUGS.has(tenant)) return undefined // a reserved path segment of the platform
  return { tenant, server }
}

function isCanonical(path: string): boolean {
  // dashboard routes may contain escapes and doubled slashes
  if (path === '/' || path.startsWith('/dashboard/')) return true
  return !path.endsWith('/') && !path.includes('//') && !path.includes('%')
}

function hostOrigin({ tenant, server }: ServerName, addresses: Addresses): string {
  return `https://${server}--${tenant}.${addresses.serverHost}`
}

/**
 * Page for entering the code of a device (RFC 8628 §3.3). Also the redirect URI of grants created
 * through a device.
 */
export function deviceUrl({ origin }: Pick<Addresses, 'origin'>): string {
  return `${origin}/device`
}

/**
 * Authorization server of a hosted server in one of two forms, or the root issuer, which serves
 * every hosted server by path.
 */
export type IssuerForm = UrlForm | 'root'

/** Absolute URLs of an authorization server. Built from the configuration, never from a request. */
export interface IssuerUrls {
  form: IssuerForm
  /** RFC 8414 issuer. */
  issuer: string
  /** Always under the platform's origin, because sign-in cookies belong to the origin. */
  authorizationEndpoint: string
  tokenEndpoint: string
  registrationEndpoint: string
  revocationEndpoint: string
}

/** URLs of a hosted server at one of its issuers. */
export interface ServerUrls extends IssuerUrls {
  /**
   * Resource (RFC 8707): the exact URL of the MCP endpoint. Equal for the path form and the root
   * issuer.
   */
  resource: string
  deviceAuthorizationEndpoint: string
  /** RFC 9728 §3.1. */
  resourceMetadata: string
}

/**
 * Returns the URLs of the root issuer. Clients of revision 2025-03-26 look for the authorization
 * server at the root of the MCP endpoint's host.
 */
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

/** Returns the hosted server of a resource in path form. */
export function serverOfResource(named: string, addresses: Addresses): ServerName | undefined {
  const resource = comparableResource(named)
  const name = parseServerAddress(resource, addresses)
  return name && serverUrls(name, 'path', addresses).resource === resource ? name : undefined
}

/** Returns the hosted server of a typed address, either a whole URL or `tenant/server`. */
export function parseServerAddress(text: string, { origin }: Addresses): ServerName | undefined {
  const path = text.startsWith(`${origin}/`) ? text.slice(origin.length + 1) : text
  const [, tenant = '', server = ''] = /^([^/]+)\/([^/]+?)(?:\/mcp)?\/?$/.exec(path) ?? []
  return isSlug(tenant) && isSlug(server) && !RESERVED_SLUGS.has(tenant) ? { tenant, server } : undefined
}
