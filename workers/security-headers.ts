const TWO_YEARS = 63_072_000

/**
 * Adds the headers of every response of the platform: no guessing of the content type, and on https
 * no other scheme for the host from then on (RFC 6797).
 */
export function withSecurityHeaders(response: Response, origin: string): Response {
  const copy = new Response(response.body, response)
  copy.headers.set('X-Content-Type-Options', 'nosniff')
  if (origin.startsWith('https:')) copy.headers.set('Strict-Transport-Security', `max-age=${TWO_YEARS}`)
  return copy
}
