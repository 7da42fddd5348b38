import { writes, type Surface } from '../versions/surface.ts'
import { OAuthError } from './errors.ts'
import type { Scope } from './scope.ts'

/** What a challenge says of a hosted server: where its metadata is (RFC 9728 §5.1) and which scopes to ask for. */
export interface Challenge {
  resourceMetadata: string
  scopes: readonly Scope[]
}

/**
 * The scopes a hosted server's 401 and its metadata name: `mcp:read`, and `mcp:write` too when a tool of the active version needs it, so that clients
 * which cannot step up work. With `least` only the first.
 */
export function challengeScopes(challenge: 'full' | 'least', surface: Surface | undefined): Scope[] {
  return challenge === 'full' && surface?.tools.some((tool) => writes(tool)) ? ['mcp:read', 'mcp:write'] : ['mcp:read']
}

/** RFC 6750 §3. The values hold no quote or backslash: URLs are of slugs, scopes and errors of fixed words. */
function wwwAuthenticate(
  { resourceMetadata, scopes }: Challenge,
  error?: { code: 'invalid_token' | 'insufficient_scope'; description: string },
): string {
  const parameters = [`resource_metadata="${resourceMetadata}"`, `scope="${scopes.join(' ')}"`]
  if (error) parameters.push(`error="${error.code}"`, `error_description="${error.description}"`)
  return `Bearer ${parameters.join(', ')}`
}

/** 401 for a request without a token, which the client has to get first. Its header names no error (RFC 6750 §3.1). */
export function authorizationNeeded(challenge: Challenge): OAuthError {
  return new OAuthError('invalid_token', 'An access token is needed', { headers: { 'WWW-Authenticate': wwwAuthenticate(challenge) } })
}

/** 401 for a request with a token that is not valid here, whatever the reason: expired, ended, of another server, made up. */
export function invalidToken(challenge: Challenge): OAuthError {
  const description = 'The access token is not valid here'
  return new OAuthError('invalid_token', description, {
    headers: { 'WWW-Authenticate': wwwAuthenticate(challenge, { code: 'invalid_token', description }) },
  })
}

/** 403 for a token that is valid but covers too little. `scopes` names everything the operation needs, in one go. */
export function insufficientScope(challenge: Challenge): OAuthError {
  const description = `This needs the scopes ${challenge.scopes.join(' ')}`
  return new OAuthError('insufficient_scope', description, {
    headers: { 'WWW-Authenticate': wwwAuthenticate(challenge, { code: 'insufficient_scope', description }) },
  })
}
