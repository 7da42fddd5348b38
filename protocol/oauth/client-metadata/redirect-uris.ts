import { must } from '../errors.ts'
import type { Addresses } from '../../location.ts'
import { isOwnRedirectUri, isUsableRedirectUri, redirectUriFault } from '../redirect-uri.ts'

const MAX_REDIRECT_URIS = 10
const OWN = 'is an address of this platform; use an address of the app'

/**
 * Returns the redirect URIs without duplicates. At least one must be https or http on loopback, and
 * none may be at the platform's own `addresses`.
 */
export function checkRedirectUris(uris: string[] | undefined, addresses: Addresses | undefined): string[] {
  must(uris !== undefined && uris.length > 0, 'invalid_redirect_uri', 'redirect_uris must have at least one entry')
  must(uris.length <= MAX_REDIRECT_URIS, 'invalid_redirect_uri', `redirect_uris may have at most ${MAX_REDIRECT_URIS} entries`)
  for (const [index, uri] of uris.entries()) {
    const isOwn = addresses !== undefined && isOwnRedirectUri(uri, addresses)
    const fault = redirectUriFault(uri) ?? (isOwn ? OWN : undefined)
    must(fault === undefined, 'invalid_redirect_uri', `redirect_uris[${index}] ${fault}`)
  }
  must(uris.some(isUsableRedirectUri), 'invalid_redirect_uri', 'redirect_uris must include an https URI, or http on loopback')
  return [...new Set(uris)]
}
