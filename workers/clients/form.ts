import { readBodyText } from '../../protocol/http/body.ts'
import { must, OAuthError } from '../../protocol/oauth/errors.ts'

export const MAX_BODY_BYTES = 16 * 1024

/**
 * Reads the form of an OAuth request (RFC 6749 Appendix B), never the query. Only `resource` may be
 * repeated (RFC 6749 §3.2, RFC 8707 §2).
 */
export async function readForm(request: Pick<Request, 'headers' | 'body'>, maxBytes = MAX_BODY_BYTES): Promise<URLSearchParams> {
  const text = await readBodyText(request, {
    mediaType: 'application/x-www-form-urlencoded',
    maxBytes,
    toError: ({ status, detail, cause }) => new OAuthError('invalid_request', detail, { status: status === 415 ? 400 : status, cause }),
  })
  const form = new URLSearchParams(text)
  for (const name of new Set(form.keys())) {
    must(name === 'resource' || form.getAll(name).length === 1, 'invalid_request', 'a parameter is repeated; send each parameter once')
  }
  return form
}
