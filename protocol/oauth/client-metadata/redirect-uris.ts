import { must } from '../errors.ts'
import { isLoopbackOrigin, type Addresses } from '../../location.ts'
import { isOwnRedirectUri, isUsableRedirectUri, redirectUriFault } from '../redirect-uri.ts'

const MAX_REDIRECT_URIS = 10
const OWN = 'is an address of this platform; use an address of the app'

interface RedirectUris {
  redirectUris: string[]
  /** Faults of the URIs that were left out, by place in the list. */
  leftOut: [string, string][]
}

/**
 * Returns the redirect URIs without duplicates. At least one must be https or http on loopback, and
 * none may be at the platform's own `addresses`. On loopback a URI at the port of the platform is
 * left out beside other URIs, because apps register one list for all platforms: Cursor lists the
 * port that a local platform has by default.
 */
export function checkRedirectUris(uris: string[] | undefined, addresses: Addresses | undefined): RedirectUris {
  must(uris !== undefined && uris.length > 0, 'invalid_redirect_uri', 'redirect_uris must have at least one entry')
  must(uris.length <= MAX_REDIRECT_URIS, 'invalid_redirect_uri', `redirect_uris may have at most ${MAX_REDIRECT_URIS} entries`)
  const own = uris.map((uri) => addresses !== undefined && isOwnRedirectUri(uri, addresses))
  const kept = uris.filter((_, index) => !own[index])
  const leavesOut = addresses !== undefined && isLoopbackOrigin(addresses.origin) && kept.some(isUsableRedirectUri)
  for (const [index, uri] of uris.entries()) {
    const fault = redirectUriFault(uri) ?? (own[index] && !leavesOut ? OWN : undefined)
    must(fault === undefined, 'invalid_redirect_uri', `redirect_uris[${index}] ${fault}`)
  }
  must(kept.some(isUsableRedirectUri), 'invalid_redirect_uri', 'redirect_uris must include an https URI, or http on loopback')
  const leftOut = [...own.entries()].filter(([, isOwn]) => isOwn).map(([index]): [string, string] => [`redirect_uris[${index}]`, OWN])
  return { redirectUris: [...new Set(kept)], leftOut }
}
