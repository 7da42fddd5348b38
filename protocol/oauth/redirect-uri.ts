/** RFC 8252 §7.3: only on these hosts may plain http carry a code, and only there may the port differ from the registered one. */
const LOOPBACK = /^(http:\/\/(?:localhost|127\.0\.0\.1|\[::1\]))(?::\d{1,5})?((?:\/[^?#]*)?(?:\?[^#]*)?)$/i

/**
 * As it stands in the URI, so that what is shown is where a browser goes. The URL parser lets more pass, such as the `;` and `,` that part a page's policy, where
 * this host is named.
 */
const HOST = /^(?:[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i

/** Schemes that run code or read files in a browser instead of delivering a code to an app. */
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
 * What may be *registered*: an absolute URI of printable ASCII, without fragment (not even an empty one), userinfo or backslash, with a scheme that
 * cannot run code; http on loopback only. Undefined = fine, else why not. A private-use scheme may stand beside others though nothing is ever sent to
 * it: real clients register one list for several surfaces.
 */
export function redirectUriFault(uri: string): string | undefined {
  if (uri.length > 1024) return 'is longer than 1024 characters'
  if (!/^[\x21-\x7e]+$/.test(uri)) return 'has characters other than printable ASCII'
  if (uri.includes('#')) return 'has a fragment'
  if (uri.includes('\\')) return 'has a backslash'
  if (!/^[a-z][a-z0-9+.-]*:/i.test(uri) || !URL.canParse(uri)) return 'is not an absolute URI'
  const url = new URL(uri)
  if (DANGEROUS.has(url.protocol)) return `has the scheme ${url.protocol}`
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return undefined
  const authority = /^https?:\/\/([^/?]*)/i.exec(uri)?.[1]
  if (authority === undefined || authority === '') return 'has no host'
  if (authority.includes('@')) return 'has user information'
  if (!HOST.test(authority)) return 'has a host that is none'
  if (url.protocol === 'http:' && !LOOPBACK.test(uri)) return 'is http to a host other than loopback (localhost, 127.0.0.1, [::1])'
  return undefined
}

/** True for a URI a code is sent to: https, or http on loopback. */
export function isUsableRedirectUri(uri: string): boolean {
  return redirectUriFault(uri) === undefined && (/^https:\/\//i.test(uri) || LOOPBACK.test(uri))
}

/** True where a code stays on the person's computer, by whichever protocol: any program on it could be the one that gets it. */
export function isLoopbackRedirectUri(uri: string): boolean {
  return LOOPBACK.test(uri.replace(/^https:/i, 'http:'))
}

/**
 * What a page's policy names so that a browser may go there from it. A source can be a host by name or an IPv4 address (CSP 3 §2.3.1); any other stands for its
 * scheme, since a browser ignores a source it cannot read and then keeps the person from the app.
 */
export function policySourceOf(redirectUri: string): string {
  const { origin, hostname, protocol } = new URL(redirectUri)
  return /^[a-z0-9-]+(?:\.[a-z0-9-]+)*$/.test(hostname) ? origin : protocol
}

/** RFC 9700 §2.1: equal, character for character; on loopback any port (RFC 8252 §7.3). */
export function matchesRedirectUri(requested: string, registered: readonly string[]): boolean {
  const withoutPort = portless(requested)
  return registered.some((uri) => uri === requested || (withoutPort !== undefined && portless(uri) === withoutPort))
}

function portless(uri: string): string | undefined {
  const match = LOOPBACK.exec(uri)
  // dot segments are left to exact comparison: a browser would resolve them into another path
  return match && !/(?:^|\/)(?:\.|%2e){1,2}(?:\/|\?|$)/i.test(match[2] ?? '') ? `${match[1]}${match[2]}` : undefined
}
