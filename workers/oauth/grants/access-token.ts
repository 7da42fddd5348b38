import type { Scope } from '../../../protocol/oauth/scope.ts'
import { json } from '../../responses.ts'

/** How long an access token is good, by whatever grant. */
export const ACCESS_TOKEN_SECONDS = 3600

/** When one that is given out now is over. */
export function accessTokenEnd(now: Date): Date {
  return new Date(now.getTime() + ACCESS_TOKEN_SECONDS * 1000)
}

/** RFC 6749 §5.1, for a grant without a refresh token. */
export function accessTokenReply(token: string, scopes: Scope[]): Response {
  return json({ access_token: token, token_type: 'bearer', expires_in: ACCESS_TOKEN_SECONDS, scope: scopes.join(' ') })
}
