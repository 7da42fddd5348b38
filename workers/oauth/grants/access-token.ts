import type { Scope } from '../../../protocol/oauth/scope.ts'
import { json } from '../../responses.ts'

/** Lifetime of access tokens, for every grant type. */
export const ACCESS_TOKEN_SECONDS = 3600

/** Returns the expiry of an access token issued now. */
export function accessTokenEnd(now: Date): Date {
  return new Date(now.getTime() + ACCESS_TOKEN_SECONDS * 1000)
}

/** Returns a token response without a refresh token (RFC 6749 §5.1). */
export function accessTokenReply(token: string, scopes: Scope[]): Response {
  return json({ access_token: token, token_type: 'bearer', expires_in: ACCESS_TOKEN_SECONDS, scope: scopes.join(' ') })
}
