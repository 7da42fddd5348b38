/**
 * Whom a limit by address counts: an IPv4 address, or the first 64 bits of an IPv6 one, since whoever has one address of those has them all (RFC 6177). Cloudflare
 * writes the header, and where none is in front all callers are one.
 */
export function callerNetwork(headers: Headers): string {
  const address = headers.get('CF-Connecting-IP') ?? 'unknown'
  if (!address.includes(':') || !URL.canParse(`http://[${address}]`)) return address
  const [before = '', after] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::')
  const groups = (part: string) => part.split(':').filter((group) => group !== '')
  const zeros = after === undefined ? [] : Array.from({ length: 8 - groups(before).length - groups(after).length }, () => '0')
  const all = [...groups(before), ...zeros, ...groups(after ?? '')]
  const isMapped = all.slice(0, 6).join(':') === '0:0:0:0:0:ffff' // an IPv4 address
  return isMapped ? all.join(':') : `${all.slice(0, 4).join(':')}::/64`
}
