/**
 * Returns the network counted by a rate limit: an IPv4 address, or the first 64 bits of an IPv6
 * address, because one subscriber has a whole /64 (RFC 6177). Other text is returned unchanged.
 */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] // RFC 4291 §2.5.5.2
  if (mapped !== undefined) return mapped
  if (!address.includes(':') || !URL.canParse(`http://[${address}]`)) return address
  const [before = '', after] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::')
  const groups = (part = '') => part.split(':').filter((group) => group !== '')
  const zeros = Array.from({ length: 8 - groups(before).length - groups(after).length }, () => '0')
  return `${[...groups(before), ...zeros, ...groups(after)].slice(0, 4).join(':')}::/64`
}
