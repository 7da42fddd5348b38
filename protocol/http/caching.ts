/**
 * Returns max-age of a Cache-Control header in seconds (RFC 9111 §5.2.2), or 0 if the response must
 * not be stored.
 */
export function maxAgeOf(headers: Headers): number {
  const directives = (headers.get('Cache-Control') ?? '').toLowerCase()
  if (/\bno-(?:store|cache)\b/.test(directives)) return 0
  const seconds = /(?:^|[\s,])max-age\s*=\s*"?(\d{1,10})/.exec(directives)?.[1]
  return seconds === undefined ? 0 : Number(seconds)
}
