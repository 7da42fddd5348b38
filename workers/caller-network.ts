import { networkOf } from '../protocol/http/address-network.ts'

/**
 * Returns the key of a rate limit by address. Cloudflare writes the header; without Cloudflare in
 * front, all callers share a key.
 */
export function callerNetwork(headers: Headers): string {
  return networkOf(headers.get('CF-Connecting-IP') ?? 'unknown')
}
