/**
 * OAuth error codes with their HTTP status (RFC 6749 §4.1.2.1 and §5.2, RFC 6750 §3.1, RFC 7591
 * §3.2.2, RFC 8707 §2, RFC 8628 §3.5, OpenID Connect Core §3.1.2.6).
 */
const STATUS = {
  invalid_request: 400,
  invalid_client: 401,
  invalid_grant: 400,
  unauthorized_client: 400,
  unsupported_grant_type: 400,
  unsupported_response_type: 400,
  invalid_scope: 400,
  invalid_target: 400,
  access_denied: 403,
  login_required: 400,
  consent_required: 400,
  request_not_supported: 400,
  request_uri_not_supported: 400,
  server_error: 500,
  temporarily_unavailable: 503,
  invalid_token: 401,
  insufficient_scope: 403,
  invalid_redirect_uri: 400,
  invalid_client_metadata: 400,
  invalid_software_statement: 400,
  unapproved_software_statement: 400,
  authorization_pending: 400,
  slow_down: 400,
  expired_token: 400,
} as const

export type OAuthErrorCode = keyof typeof STATUS

/**
 * Returns a description without characters that RFC 6749 §5.2 forbids, because a description may
 * quote foreign input.
 */
function describable(text: string): string {
  return text
    .replaceAll('"', "'")
    .replaceAll('…', '...')
    .replaceAll(/[^\x20-\x5b\x5d-\x7e]/g, '?')
}

/**
 * OAuth error response. The message is sent to the client's developer; the cause is only logged.
 */
export class OAuthError extends Error {
  readonly code: OAuthErrorCode
  readonly status: number
  readonly headers: Record<string, string>
  constructor(
    code: OAuthErrorCode,
    description: string,
    options: { status?: number; headers?: Record<string, string>; cause?: unknown } = {},
  ) {
    super(describable(description), { cause: options.cause })
    this.code = code
    this.status = options.status ?? STATUS[code]
    this.headers = options.headers ?? {}
  }

  /** Returns the JSON error response, not cacheable (RFC 6749 §5.2). */
  toResponse(): Response {
    const headers = { 'Cache-Control': 'no-store', Pragma: 'no-cache', ...this.headers }
    return Response.json({ error: this.code, error_description: this.message }, { status: this.status, headers })
  }
}

/** Throws the {@link OAuthError} unless the condition holds. */
export function must(condition: unknown, code: OAuthErrorCode, description: string): asserts condition {
  if (!condition) throw new OAuthError(code, description)
}
