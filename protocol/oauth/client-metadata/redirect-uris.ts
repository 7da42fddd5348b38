import { must } from '../errors.ts'
import { isLoopbackOrigin, type Addresses } from '../../location.ts'
import { isOwnRedirectUri, isUsableRedirectUri, redirectUriFault } from '../redirect-uri.ts'

const MAX_REDIRECT_URIS = 10
export const OWN_ADDRESS = 'is an address of this platform; use an address of the app'

/**
 * Returns the redirect URIs without duplicates. At least one must be https or http on loopback, and
 * not at the platform's own `addresses`. On loopback a list may also have URIs at the port of the
 * platform, which are never used, because apps register one list for all platforms: Cursor lists
 * the port that a local platform has by default.
 */
export function checkRedirectUris(uris: string[] | undefined, addresses: Addresses | undefined): string[] {
  must(uris !== undefined && uris.length > 0, 'invalid_redirect_uri', 'redirect_uris must have at least one entry')
  must(uris.length <= MAX_REDIRECT_URIS, 'invalid_redirect_uri', `redirect_uris may have at most ${MAX_REDIRECT_URIS} entries`)
  const isOwn = (uri: string) => addresses !== undefined && isOwnRedirectUri(uri, addresses)
  const hasOther = uris.some((uri) => isUsableRedirectUri(uri) && !isOwn(uri))
  const mayList = hasOther && addresses !== undefined && isLoopbackOrigin(addresses.origin)
  for (const [index, uri] of uris.entries()) {
    const fault = redirectUriFault(uri) ?? (isOwn(uri) && !mayList ? OWN_ADDRESS : undefined)
    must(fault === undefined, 'invalid_redirect_uri', `redirect_uris[${index}] ${fault}`)
  }
  must(hasOther, 'invalid_redirect_uri', 'redirect_uris must include an https URI, or http on loopback')
  return [...new Set(uris)]
}
