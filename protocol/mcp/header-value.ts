/** A string as an `Mcp-Name` or `Mcp-Param-*` header carries it (2026-07-28, standard headers): as it is, or base64 in its sentinel where it would not survive. */
export function encodeHeaderValue(text: string): string {
  const plain = /^[\x20-\x7e]*$/.test(text) && text.trim() === text && !text.startsWith('=?base64?')
  return plain ? text : `=?base64?${new TextEncoder().encode(text).toBase64()}?=`
}
