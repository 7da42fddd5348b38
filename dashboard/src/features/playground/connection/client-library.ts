/**
 * The official client library, loaded when it is first needed. Its schemas' parser tries out
 * whether it may make code of strings; the page's policy says no, and a browser reports each try,
 * so it is told beforehand.
 */
export async function clientLibrary() {
  const { config } = await import('zod/v4/core')
  config({ jitless: true })
  return import('@modelcontextprotocol/client')
}
