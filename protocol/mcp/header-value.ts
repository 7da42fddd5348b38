const PREFIX = '=?base64?'
const SUFFIX = '?='

/** A string as an `Mcp-Name` or `Mcp-Param-*` header carries it (2026-07-28, standard headers): as it is, or base64 in its sentinel where it would not survive. */
export function encodeHeaderValue(text: string): string {
  const plain = /^[\x20-\x7e]*$/.test(text) && text.trim() === text && !text.startsWith(PREFIX)
  return plain ? text : `${PREFIX}${new TextEncoder().encode(text).toBase64()}${SUFFIX}`
}

/** The inverse. Undefined for a sentinel whose base64 (standard alphabet, padded) or UTF-8 is not right; without both its ends it is a literal. */
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
