/**
 * Loads the official client library on first use. Disables the code generation of zod first,
 * because the CSP forbids eval and the browser would report each attempt.
 */
export async function clientLibrary() {
  const { config } = await import('zod/v4/core')
  config({ jitless: true })
  return import('@modelcontextprotocol/client')
}
