import { must } from './errors.ts'
import { checkResource } from './resource.ts'
import { isScope, type Scope } from './scope.ts'

/**
 * Authorization request (RFC 6749 §4.1.1) with PKCE (RFC 7636), after checks stricter than the
 * engine's.
 */
export interface AuthorizationRequest {
  /** Undefined if the client names no known scope, so that the server chooses. */
  scopes: Scope[] | undefined
  /** True for `prompt=none` (OpenID Connect Core §3.1.2.1): the client accepts no page. */
  promptNone: boolean
}

/**
 * Parameters that must not repeat. Faults redirect, because `client_id` and `redirect_uri` are
 * checked before.
 */
const ONCE = [
  'response_type',
  'scope',
  'state',
  'code_challenge',
  'code_challenge_method',
  'response_mode',
  'prompt',
  'request',
  'request_uri',
]

/** Throws an OAuthError for the redirect. An issuer without a resource accepts no `resource`. */
export function parseAuthorizationRequest(query: URLSearchParams, { resource }: { resource?: string }): AuthorizationRequest {
  for (const name of ONCE) must(query.getAll(name).length <= 1, 'invalid_request', `${name} must not be repeated`)

  // a parameter without a value counts as absent (RFC 6749 §3.1)
  must(!query.get('request'), 'request_not_supported', 'request objects are not supported')
  must(!query.get('request_uri'), 'request_uri_not_supported', 'request_uri is not supported')
  const responseType = query.get('response_type')
  must(responseType, 'invalid_request', 'response_type is required')
  must(responseType === 'code', 'unsupported_response_type', 'response_type must be code')
  must((query.get('response_mode') || 'query') === 'query', 'invalid_request', 'response_mode must be query')

  const challenge = query.get('code_challenge')
  must(challenge, 'invalid_request', 'code_challenge is required (PKCE, RFC 7636)')
  must(query.get('code_challenge_method') === 'S256', 'invalid_request', 'code_challenge_method must be S256')
  must(/^[A-Za-z0-9_-]{43}$/.test(challenge), 'invalid_request', 'code_challenge must be a base64url SHA-256 digest of 43 characters')

  checkResource(query.getAll('resource'), resource)
  return { scopes: knownScopes(query.get('scope')), promptNone: query.get('prompt') === 'none' }
}

/**
 * Returns the known scopes of a grant that a user decides, or undefined if the parameter names no
 * known scope (RFC 6749 §3.3: the server then chooses). Unknown scopes are left out, as at
 * registration, because clients of OpenID libraries always send `openid email profile`.
 */
export function knownScopes(text: string | null | undefined): Scope[] | undefined {
  const scopes = parseScope(text)
  return scopes?.length === 0 ? undefined : scopes
}

/**
 * Returns the known scopes, or undefined if the parameter is absent or empty (RFC 6749 §3.1).
 * Throws invalid_scope for characters that no scope may have (§3.3).
 */
export function parseScope(text: string | null | undefined): Scope[] | undefined {
  const words = (text ?? '').split(' ').filter((word) => word !== '')
  must(
    words.every((word) => /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(word)),
    'invalid_scope',
    'scope must be words of printable ASCII without quotes and backslashes, separated by spaces',
  )
  return words.length === 0 ? undefined : [...new Set(words.filter((word) => isScope(word)))]
}
