import type { Addresses } from '../location.ts'

/**
 * Loopback hosts (RFC 8252 §7.3). Only loopback may use http, and only loopback may use a port that
 * is not registered.
 */
const LOOPBACK = /^(http:\/\/(?:localhost|127\.0\.0\.1|\[::1\]))(?::\d{1,5})?((?:\/[^?#]*)?(?:\?[^#]*)?)$/i

/**
 * Pattern of a host as written in the URI, so that the shown host is the browser's target. The URL
 * parser accepts more, such as `;` and `,`, which would split the page's Content Security Policy.
 */
const HOST = /^(?:[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i

/** Schemes that run code or read files in a browser. */
const DANGEROUS = new Set([
  'javascript:',
  'data:',
  'vbscript:',
  'file:',
  'mailto:',
  'blob:',
  'about:',
  'filesystem:',
  'view-source:',
  'ws:',
  'wss:',
  'ftp:',
])

/**
 * Returns the fault of a redirect URI at registration, or undefined. A URI must be absolute
 * printable ASCII without fragment, user information or backslash, and http only on loopback.
 * Private-use schemes are accepted but never used, because clients register one list for several
 * platforms.
 */
export function redirectUriFault(uri: string): string | undefined {
  if (uri.length > 1024) return 'is longer than 1024 characters'
  if (!/^[\x21-\x7e]+$/.test(uri)) return 'has characters other than printable ASCII'
  if (uri.includes('#')) return 'has a fragment'
  if (uri.includes('\\')) return 'has a backslash'
  if (!/^[a-z][a-z0-9+.-]*:/i.test(uri) || !URL.canParse(uri)) return 'is not an absolute URI'
  const url = new URL(uri)
  if (DANGEROUS.has(url.protocol)) return `has the scheme ${url.protocol}, which is not allowed`
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return undefined
  const authority = /^https?:\/\/([^/?]*)/i.exec(uri)?.[1]
  if (authority === undefined || authority === '') return 'has no host'
  if (authority.includes('@')) return 'has user information'
  if (!HOST.test(authority)) return 'has an invalid host'
  if (url.protocol === 'http:' && !LOOPBACK.test(uri)) return 'is http to a host other than loopback (localhost, 127.0.0.1, [::1])'
  return undefined
}

/**
 * Returns true for a URI at the platform itself, in every spelling of its hosts. A code sent there
 * would arrive at a page of the platform with the user's cookies, and not at an app. On loopback,
 * other ports belong to other programs.
 */
export function isOwnRedirectUri(uri: string, { origin, serverHost }: Addresses): boolean {
  if (!/^https?:/i.test(uri) || !URL.canParse(uri)) return false
  const [target, own] = [hostOf(uri), hostOf(origin)]
  if (isLoopbackHost(own.name)) return isLoopbackHost(target.name) && target.port === own.port
  return target.name === own.name || (serverHost !== undefined && target.name.endsWith(`.${serverHost}`))
}

function hostOf(uri: string): { name: string; port: string } {
  const { hostname, port, protocol } = new URL(uri)
  return { name: withoutTrailingDots(hostname), port: port || (protocol === 'https:' ? '443' : '80') }
}

/** Reads each dot once. An expression would try every dot of a run as the start. */
function withoutTrailingDots(name: string): string {
  let end = name.length
  while (name[end - 1] === '.') end--
  return name.slice(0, end)
}

/** Returns true for a name or address of this computer, as the URL parser writes it. */
function isLoopbackHost(name: string): boolean {
  return /^(?:(?:.+\.)?localhost|127\.[\d.]+|0\.0\.0\.0|\[::1?\]|\[::ffff:7f[\da-f]{2}:[\da-f]{1,4}\]|\[::ffff:0:0\])$/.test(name)
}

/** Returns true if codes are sent to the URI: https, or http on loopback. */
export function isUsableRedirectUri(uri: string): boolean {
  return redirectUriFault(uri) === undefined && (/^https:\/\//i.test(uri) || LOOPBACK.test(uri))
}

/** Returns true for a URI on the user's computer, where any program could receive the code. */
export function isLoopbackRedirectUri(uri: string): boolean {
  return LOOPBACK.test(uri.replace(/^https:/i, 'http:'))
}

/**
 * Returns the Content Security Policy source that lets a browser follow the redirect. A source is a
 * host name or an IPv4 address (CSP 3 §2.3.1). Other hosts fall back to the scheme, because
 * browsers ignore a source they cannot parse and would block the redirect.
 */
export function policySourceOf(redirectUri: string): string {
  const { origin, hostname, protocol } = new URL(redirectUri)
  return /^[a-z0-9-]+(?:\.[a-z0-9-]+)*$/.test(hostname) ? origin : protocol
}

/** Returns true for an exact match (RFC 9700 §2.1), on loopback with any port (RFC 8252 §7.3). */
export function matchesRedirectUri(requested: string, registered: readonly string[]): boolean {
  const withoutPort = portless(requested)
  return registered.some((uri) => uri === requested || (withoutPort !== undefined && portless(uri) === withoutPort))
}

function portless(uri: string): string | undefined {
  const match = LOOPBACK.exec(uri)
  // dot segments match only exactly, because a browser resolves them to a different path
  return match && !/(?:^|\/)(?:\.|%2e){1,2}(?:\/|\?|$)/i.test(match[2] ?? '') ? `${match[1]}${match[2]}` : undefined
}
