import { BodyTooLarge, readBoundedText } from './bounded-body.ts'
import { JsonFault, parseStrictJson, type JsonBounds } from './strict-json.ts'

/** Reason for the refusal of a request body. */
export interface BodyFault {
  reason: 'media-type' | 'too-large' | 'encoding' | 'syntax' | 'structure'
  status: 400 | 413 | 415
  /** Lower-case clause without a period, for the client's developer. */
  detail: string
  /** Text of the body, if the fault is in the structure of its JSON. */
  text?: string
  cause?: unknown
}

export interface BodyRules {
  /** Accepted media type; any if absent. */
  mediaType?: string
  maxBytes: number
  /** Builds the error to throw for a refused body. */
  toError: (fault: BodyFault) => Error
}

/**
 * Returns the media type in lower case without parameters (RFC 9110 §8.3.1), or undefined if the
 * header is absent.
 */
export function mediaTypeOf(headers: Headers): string | undefined {
  return headers.get('Content-Type')?.split(';', 1)[0]?.trim().toLowerCase()
}

/**
 * Returns a request body as text. After a fault the rest stays readable, so that a drain can
 * follow.
 */
export async function readBodyText(
  { headers, body }: Pick<Request, 'headers' | 'body'>,
  { mediaType, maxBytes, toError }: BodyRules,
): Promise<string> {
  if (mediaType !== undefined && mediaTypeOf(headers) !== mediaType) {
    throw toError({ reason: 'media-type', status: 415, detail: `Content-Type must be ${mediaType}` })
  }
  const tooLarge = (cause?: unknown) =>
    toError({ reason: 'too-large', status: 413, detail: `the body is larger than ${maxBytes} bytes`, cause })
  if (Number(headers.get('Content-Length') ?? 0) > maxBytes) throw tooLarge()
  try {
    return await readBoundedText(body, maxBytes, 'leave')
  } catch (cause) {
    if (cause instanceof BodyTooLarge) throw tooLarge(cause)
    if (cause instanceof TypeError) throw toError({ reason: 'encoding', status: 400, detail: 'the body is not UTF-8', cause })
    throw cause
  }
}

/** Returns a request body as JSON with unique member names and within `bounds`. */
export async function readBodyJson(
  request: Pick<Request, 'headers' | 'body'>,
  { bounds, ...rules }: BodyRules & { bounds?: JsonBounds },
): Promise<unknown> {
  const text = await readBodyText(request, rules)
  try {
    return parseStrictJson(text, bounds)
  } catch (cause) {
    if (!(cause instanceof JsonFault)) throw cause
    const reason = cause.syntax ? 'syntax' : 'structure'
    throw rules.toError({ reason, status: 400, detail: `the body ${cause.message}`, ...(cause.syntax ? {} : { text }), cause })
  }
}
