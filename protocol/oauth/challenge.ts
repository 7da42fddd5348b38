import { writes, type Surface } from '../versions/surface.ts'
import { OAuthError } from './errors.ts'
import type { Scope } from './scope.ts'

/** Challenge of a hosted server: URL of its metadata (RFC 9728 §5.1) and scopes to request. */
export interface Challenge {
  resourceMetadata: string
  scopes: readonly Scope[]
}

/**
 * Returns the scopes named by a hosted server's 401 and metadata: `mcp:read`, and `mcp:write` if a
 * tool of the active version needs it, because some clients cannot step up. `least` names only
 * `mcp:read`.
 */
export function challengeScopes(challenge: 'full' | 'least', surface: Surface | undefined): Scope[] {
  return challenge === 'full' && surface?.tools.some((tool) => writes(tool)) ? ['mcp:read', 'mcp:write'] : ['mcp:read']
}

/** Returns a WWW-Authenticate value (RFC 6750 §3). No value contains a quote or backslash. */
function wwwAuthenticate(
  { resourceMetadata, scopes }: Challenge,
  error?: { code: 'invalid_token' | 'insufficient_scope'; description: string },
): string {
  const parameters = [`resource_metadata="${resourceMetadata}"`, `scope="${scopes.join(' ')}"`]
  if (error) parameters.push(`error="${error.code}"`, `error_description="${error.description}"`)
  return `Bearer ${parameters.join(', ')}`
}

/** Returns the 401 for a request without a token. The header names no error (RFC 6750 §3.1). */
export function authorizationNeeded(challenge: Challenge): OAuthError {
  return new OAuthError('invalid_token', 'An access token is required', { headers: { 'WWW-Authenticate': wwwAuthenticate(challenge) } })
}

/**
 * Returns the 401 for a token that is expired, revoked, unknown, or issued for a different server.
 */
export function invalidToken(challenge: Challenge): OAuthError {
  const description = 'The access token is not valid for this server'
  return new OAuthError('invalid_token', description, {
    headers: { 'WWW-Authenticate': wwwAuthenticate(challenge, { code: 'invalid_token', description }) },
  })
}

/**
 * Returns the 403 for a valid token with too few scopes. `scopes` names every scope the operation
 * needs.
 */
export function insufficientScope(challenge: Challenge): OAuthError {
  const description = `This operation requires the scopes ${challenge.scopes.join(' ')}`
  return new OAuthError('insufficient_scope', description, {
    headers: { 'WWW-Authenticate': wwwAuthenticate(challenge, { code: 'insufficient_scope', description }) },
  })
}
