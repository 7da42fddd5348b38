import { OAuthError } from '../../protocol/oauth/errors.ts'
import { callerNetwork } from '../caller-network.ts'
import type { IssuerRequest } from '../request.ts'

/**
 * Counts a wrong credential by client and address, and throws 429 past the limit. Correct
 * credentials are not counted, so guessing by strangers does not lock a client out.
 */
export async function limitGuessing({ urls, headers, env }: IssuerRequest, clientId: string): Promise<void> {
  const key = JSON.stringify(['guess', urls.issuer, clientId.slice(0, 200), callerNetwork(headers)])
  const { success } = await env.AUTH_RATE_LIMIT.limit({ key })
  if (!success) throw tooManyRequests('Too many wrong credentials')
}

export function tooManyRequests(description: string): OAuthError {
  return new OAuthError('temporarily_unavailable', description, { status: 429, headers: { 'Retry-After': '60' } })
}
