import type { Gate, ServerRequest } from '../request.ts'

/**
 * Redirects a request for another spelling of the URL. The status 308 keeps method and body (RFC
 * 9110 §15.4.9). The gate comes after `withOrigin`, because scripts follow only with CORS headers.
 */
export const withCanonicalUrl: Gate<ServerRequest> = ({ location }) => {
  if (location.canonical === undefined) return
  return new Response(null, { status: 308, headers: { Location: location.canonical, 'Cache-Control': 'no-store' } })
}
