import type { OAuthError } from './errors.ts'

/**
 * Returns the redirect URI with the parameters of an error response (RFC 6749 §4.1.2.1, RFC 9207).
 */
export function errorUrl(
  { redirectUri, state, issuer }: { redirectUri: string; state: string | undefined; issuer: string },
  error: OAuthError,
): string {
  const url = new URL(redirectUri)
  url.searchParams.set('error', error.code)
  url.searchParams.set('error_description', error.message)
  if (state) url.searchParams.set('state', state)
  url.searchParams.set('iss', issuer)
  return url.href
}
