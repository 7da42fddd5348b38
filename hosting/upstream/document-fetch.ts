import { mediaTypeOf } from '../../protocol/http/body.ts'
import { BodyTooLarge, readBoundedText } from '../../protocol/http/bounded-body.ts'
import { maxAgeOf } from '../../protocol/http/caching.ts'
import { FetchRefused, guardedFetch, parseDevOrigins } from '../../protocol/http/guarded-fetch.ts'
import { JsonFault, parseStrictJson } from '../../protocol/http/strict-json.ts'
import { parseAddresses } from '../../protocol/location.ts'

/*
 * Fetch rules of client documents, key sets and provider configurations: status 200, a JSON media
 * type, a size limit, no redirect, and an answer within five seconds.
 */

/**
 * A document could not be fetched or is not valid. The message is for the person who named the URL.
 */
export class DocumentUnavailable extends Error {
  /** True if a rate limit of the platform stopped the fetch. A retry after a minute helps. */
  readonly tooOften: boolean
  /** True if the host did not answer. The document may be valid, and a later retry may help. */
  readonly hostDown: boolean
  constructor(
    message: string,
    { tooOften = false, hostDown = false, cause }: { tooOften?: boolean; hostDown?: boolean; cause?: unknown } = {},
  ) {
    super(message, { cause })
    this.tooOften = tooOften
    this.hostDown = hostDown
  }
}

export interface DocumentKind<T> {
  /** First part of the cache key, so that a key set is never read as a client document. */
  name: 'client-document' | 'jwks' | 'openid-configuration'
  maxBytes: number
  /**
   * Parses the JSON, also on reads from the cache, because KV is not trusted. Throws an Error whose
   * message names the fault.
   */
  parse: (body: unknown, url: string) => T
}

export type FetchEnv = Pick<Env, 'PUBLIC_ORIGIN' | 'SERVER_HOST' | 'DEV_ORIGINS'>

const TIMEOUT_MS = 5_000

/** Returns a valid document and the max-age in seconds. {@link toFailure} describes the errors. */
export async function fetchDocument<T>(env: FetchEnv, kind: DocumentKind<T>, url: string): Promise<{ body: unknown; maxAge: number }> {
  const addresses = parseAddresses(env.PUBLIC_ORIGIN, env.SERVER_HOST)
  const response = await guardedFetch(new Request(url, { headers: { Accept: 'application/json' } }), {
    addresses,
    devOrigins: parseDevOrigins(env.DEV_ORIGINS, addresses),
    fetch: (request) => fetch(request),
    redirect: 'error',
    signal: AbortSignal.timeout(TIMEOUT_MS),
    maxResponseBytes: kind.maxBytes,
  })
  if (response.status !== 200) {
    void response.body?.cancel().catch(() => undefined)
    throw new DocumentUnavailable(`the host answered ${response.status}, not 200`, { hostDown: isTemporary(response.status) })
  }
  if (!/^application\/(?:[\w.+-]+\+)?json$/.test(mediaTypeOf(response.headers) ?? '')) {
    void response.body?.cancel().catch(() => undefined)
    throw new DocumentUnavailable('the response is not JSON; its Content-Type must be application/json')
  }
  const body = await readJson(response.body, kind.maxBytes)
  checkDocument(kind, body, url)
  return { body, maxAge: maxAgeOf(response.headers) }
}

/** Parses a document. Throws {@link DocumentUnavailable}. */
export function checkDocument<T>(kind: DocumentKind<T>, body: unknown, url: string): T {
  try {
    return kind.parse(body, url)
  } catch (error) {
    throw new DocumentUnavailable(error instanceof Error ? error.message : 'the document is not valid', { cause: error })
  }
}

/** Returns a failed fetch as the cache keeps it. */
export function toFailure(error: unknown, host: string): { failure: string; hostDown: boolean } {
  if (error instanceof DocumentUnavailable) return { failure: error.message, hostDown: error.hostDown }
  if (error instanceof FetchRefused) return { failure: error.message, hostDown: false }
  if (error instanceof BodyTooLarge) return { failure: `the document is refused: ${error.message}`, hostDown: false }
  const isLate = error instanceof Error && error.name === 'TimeoutError'
  return { failure: isLate ? `${host} did not answer within ${TIMEOUT_MS / 1000} s` : `${host} could not be reached`, hostDown: true }
}

/**
 * True for statuses about the host rather than the document (RFC 9110 §15.5.9, RFC 6585 §4, 5xx).
 */
function isTemporary(status: number): boolean {
  return status >= 500 || status === 408 || status === 429
}

async function readJson(body: ReadableStream<Uint8Array> | null, maxBytes: number): Promise<unknown> {
  try {
    return parseStrictJson(await readBoundedText(body, maxBytes))
  } catch (error) {
    if (error instanceof JsonFault && !error.syntax) throw new DocumentUnavailable(`the document ${error.message}`, { cause: error })
    if (error instanceof JsonFault || error instanceof TypeError)
      throw new DocumentUnavailable('the document is not JSON in UTF-8', { cause: error })
    throw error
  }
}
