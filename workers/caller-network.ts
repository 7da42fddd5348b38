import { networkOf } from '../protocol/http/address-network.ts'

/** Whom a limit by address counts. Cloudflare writes the header; where none is in front, all callers are one. */
export function callerNetwork(headers: Headers): string {
  return networkOf(headers.get('CF-Connecting-IP') ?? 'unknown')
}
