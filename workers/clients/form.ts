import { BodyTooLarge, readRequestText } from '../../protocol/http/bounded-body.ts'
import { must, OAuthError } from '../../protocol/oauth/errors.ts'

const MAX_BODY_BYTES = 16 * 1024

/**
 * An OAuth message from a body (RFC 6749 Appendix B), at most 16 KiB of it where nothing else is said. No parameter may be repeated (§3.2) but `resource`
 * (RFC 8707 §2). The query is never looked at.
 */
export async function readForm(
  request: { headers: Headers; body: ReadableStream<Uint8Array> | null },
  maxBytes = MAX_BODY_BYTES,
): Promise<URLSearchParams> {
  const type = request.headers.get('Content-Type')?.split(';')[0]?.trim().toLowerCase()
  must(type === 'application/x-www-form-urlencoded', 'invalid_request', 'Content-Type must be application/x-www-form-urlencoded')
  const form = new URLSearchParams(await readSmallBody(request.body, 'invalid_request', maxBytes))
  for (const name of new Set(form.keys())) {
    must(name === 'resource' || form.getAll(name).length === 1, 'invalid_request', `a parameter is repeated`)
  }
  return form
}

/** Throws 413 past `maxBytes`, counted as it arrives, and 400 for what is not UTF-8. */
export async function readSmallBody(
  body: ReadableStream<Uint8Array> | null,
  code: 'invalid_request' | 'invalid_client_metadata',
  maxBytes = MAX_BODY_BYTES,
): Promise<string> {
  try {
    return await readRequestText(body, maxBytes)
  } catch (cause) {
    if (cause instanceof BodyTooLarge) throw new OAuthError(code, `the body is larger than ${maxBytes} bytes`, { status: 413, cause })
    if (cause instanceof TypeError) throw new OAuthError(code, 'the body is not UTF-8', { cause })
    throw cause
  }
}
