import { must } from '../errors.ts'
import { isUsableRedirectUri, redirectUriFault } from '../redirect-uri.ts'

const MAX_REDIRECT_URIS = 10

/** Returns the redirect URIs without duplicates. At least one must be https or http on loopback. */
export function checkRedirectUris(uris: string[] | undefined): string[] {
  must(uris !== undefined && uris.length > 0, 'invalid_redirect_uri', 'redirect_uris must have at least one entry')
  must(uris.length <= MAX_REDIRECT_URIS, 'invalid_redirect_uri', `redirect_uris may have at most ${MAX_REDIRECT_URIS} entries`)
  for (const [index, uri] of uris.entries()) {
    const fault = redirectUriFault(uri)
    must(fault === undefined, 'invalid_redirect_uri', `redirect_uris[${index}] ${fault}`)
  }
  must(uris.some(isUsableRedirectUri), 'invalid_redirect_uri', 'redirect_uris must include an https URI, or http on loopback')
  return [...new Set(uris)]
}
