const PREFIX = '=?base64?'
const SUFFIX = '?='

/**
 * Returns the text as an `Mcp-Name` or `Mcp-Param-*` header value (2026-07-28, standard headers).
 * Text that a header would change is sent as base64 in a sentinel.
 */
export function encodeHeaderValue(text: string): string {
  const plain = /^[\x20-\x7e]*$/.test(text) && text.trim() === text && !text.startsWith(PREFIX)
  return plain ? text : `${PREFIX}${new TextEncoder().encode(text).toBase64()}${SUFFIX}`
}

/**
 * Returns the text of a header value, or undefined if the base64 (standard alphabet, padded) or the
 * UTF-8 in a sentinel is invalid. A value with half a sentinel is plain text.
 */
export function decodeHeaderValue(value: string): string | undefined {
  if (!value.startsWith(PREFIX) || !value.endsWith(SUFFIX) || value.length < PREFIX.length + SUFFIX.length) return value
  const encoded = value.slice(PREFIX.length, -SUFFIX.length)
  if (encoded.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(encoded)) return undefined
  try {
    const bytes = Uint8Array.fromBase64(encoded, { lastChunkHandling: 'strict' })
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}
