import { z } from 'zod'
import { BodyTooLarge, readBoundedText } from '../protocol/http/bounded-body.ts'
import { FetchRefused, guardedFetch, parseDevOrigins } from '../protocol/http/guarded-fetch.ts'
import { parseAddresses } from '../protocol/location.ts'
import { sha256 } from '../protocol/random.ts'
import { JsonFault, parseStrictJson } from '../protocol/http/strict-json.ts'
import { mediaTypeOf } from '../protocol/http/body.ts'

/**
 * Public documents that other people host (client documents, key sets, provider metadata): fetched inside the rules, checked, and kept in KV for as long as
 * their HTTP caching allows. Nothing in here decides an authorization: losing it all costs a fetch.
 */

/** A document could not be had. The message is for whoever named the URL. */
export class DocumentUnavailable extends Error {
  /** True where a limit of ours is in the way: asking again in a minute helps. */
  readonly tooOften: boolean
  /** True where its host did not get to say anything: that tells nothing of the document, and asking again later may help. */
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
  /** First part of the KV key: a key set is never read as a client document. */
  name: 'client-document' | 'jwks' | 'openid-configuration'
  maxBytes: number
  /** Checks the parsed JSON; throws an Error whose message says what is wrong with the document. Runs on every read, since KV is not trusted. */
  parse: (body: unknown, url: string) => T
}

type CacheEnv = Pick<
  Env,
  'METADATA' | 'FETCH_RATE_LIMIT' | 'AUTH_RATE_LIMIT' | 'TOTAL_FETCH_RATE_LIMIT' | 'PUBLIC_ORIGIN' | 'SERVER_HOST' | 'DEV_ORIGINS'
>

const TIMEOUT_MS = 5_000
/** In seconds. A document asked for at every token request must not be fetched at each, whatever its headers say. */
const FLOOR = 60
const CAP = 24 * 3600
const FAILURE_LIFE = 60

const cached = z.object({
  url: z.string(),
  /** Milliseconds since the epoch. */
  expiresAt: z.number(),
  fetchedAt: z.number(),
  outcome: z.union([z.object({ body: z.unknown() }), z.object({ failure: z.string(), hostDown: z.boolean().default(false) })]),
})
type Cached = z.infer<typeof cached>

/** Fetches of this isolate under way: those that ask meanwhile join. */
const underWay = new Map<string, Promise<Cached>>()

interface ReadOptions {
  now: Date
  waitUntil: (promise: Promise<unknown>) => void
  /** On whose behalf, as far as their address tells: one asker cannot use up what all may fetch. */
  asker: string
  /** Of a provider that a tenant or the operator trusts: counted apart, so that no documents strangers name keep people from signing in. */
  ofProvider?: boolean
  /** Fetch again if what is kept is older than this: an unknown key id may mean rotated keys. */
  notBefore?: Date
}

type LimitedBy = Pick<ReadOptions, 'asker' | 'ofProvider'>

/** The document at this URL, checked. Throws {@link DocumentUnavailable}. */
export async function readDocument<T>(
  env: CacheEnv,
  kind: DocumentKind<T>,
  url: string,
  { now, waitUntil, notBefore, ...limits }: ReadOptions,
): Promise<T> {
  const key = `${kind.name}|${await sha256(url)}`
  const kept = await findCached(env, key, url, now)
  const entry =
    kept && (!notBefore || kept.fetchedAt >= notBefore.getTime())
      ? kept
      : await join(
          `${limits.ofProvider ? 'provider' : 'stranger'}|${key}`,
          () => refresh(env, kind, { key, url, now, kept, limits }),
          waitUntil,
        )
  if ('failure' in entry.outcome) throw new DocumentUnavailable(entry.outcome.failure, { hostDown: entry.outcome.hostDown })
  return check(kind, entry.outcome.body, url)
}

async function findCached(env: CacheEnv, key: string, url: string, now: Date): Promise<Cached | undefined> {
  const entry = cached.safeParse(await env.METADATA.get(key, 'json').catch(() => undefined))
  return entry.success && entry.data.url === url && entry.data.expiresAt > now.getTime() ? entry.data : undefined
}

/** One fetch for all who ask at once and are counted alike: what is refused to strangers is not to a provider's people. It is kept alive by its first asker's request, and bounded in time, so the others cannot wait for ever. */
async function join(key: string, start: () => Promise<Cached>, waitUntil: ReadOptions['waitUntil']): Promise<Cached> {
  const running = underWay.get(key)
  if (running) return running
  const started = start().finally(() => underWay.delete(key))
  underWay.set(key, started)
  waitUntil(started.catch(() => undefined))
  return started
}

async function refresh<T>(
  env: CacheEnv,
  kind: DocumentKind<T>,
  { key, url, now, kept, limits }: { key: string; url: string; now: Date; kept: Cached | undefined; limits: LimitedBy },
): Promise<Cached> {
  const { host } = new URL(url)
  await limit(env, host, limits)
  const fetchedAt = now.getTime()
  const keep = (outcome: Cached['outcome'], life: number): Cached => ({ url, fetchedAt, expiresAt: fetchedAt + life * 1000, outcome })
  const result = await fetchDocument(env, kind, url).then(
    ({ body, maxAge }) => keep({ body }, Math.min(CAP, Math.max(FLOOR, maxAge))),
    // what is kept is still good, though it was not enough for whoever asked: their asking must not take it from the others
    (error: unknown) => (kept && 'body' in kept.outcome ? { ...kept, fetchedAt } : keep(toFailure(error, host), FAILURE_LIFE)),
  )
  const expirationTtl = Math.max(FLOOR, Math.ceil((result.expiresAt - fetchedAt) / 1000)) // KV takes no less than a minute
  // the document is here even where KV is not
  await env.METADATA.put(key, JSON.stringify(result), { expirationTtl }).catch(() => undefined)
  return result
}

/** What is refused is not kept: the limits themselves say when the host may be asked again. */
async function limit(env: CacheEnv, host: string, { asker, ofProvider = false }: LimitedBy): Promise<void> {
  const of = ofProvider ? 'providers' : 'documents'
  const [byHost, byAsker] = await Promise.all([
    env.FETCH_RATE_LIMIT.limit({ key: JSON.stringify([of, host]) }),
    env.AUTH_RATE_LIMIT.limit({ key: JSON.stringify(['fetch', asker]) }),
  ])
  if (!byHost.success || !byAsker.success)
    throw new DocumentUnavailable(`${host} is asked for documents too often; try again in a minute`, { tooOften: true })
  // last, so that what the others refuse uses up nothing of it
  const { success } = await env.TOTAL_FETCH_RATE_LIMIT.limit({ key: of })
  if (!success) throw new DocumentUnavailable('too many documents are asked for here at present; try again in a minute', { tooOften: true })
}

async function fetchDocument<T>(env: CacheEnv, kind: DocumentKind<T>, url: string): Promise<{ body: unknown; maxAge: number }> {
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
    throw new DocumentUnavailable(`the host answered ${response.status}, not 200`, { hostDown: isForNow(response.status) })
  }
  if (!/^application\/(?:[\w.+-]+\+)?json$/.test(mediaTypeOf(response.headers) ?? '')) {
    void response.body?.cancel().catch(() => undefined)
    throw new DocumentUnavailable('the host answered something that is not JSON (Content-Type application/json is needed)')
  }
  const body = await readJson(response.body, kind.maxBytes)
  check(kind, body, url) // a document that fails is kept as a failure
  return { body, maxAge: maxAgeOf(response.headers.get('Cache-Control')) }
}

/** The host says that it cannot at present (RFC 9110 §15.5.9, RFC 6585 §4, 5xx), which is nothing about the document. */
function isForNow(status: number): boolean {
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

function check<T>(kind: DocumentKind<T>, body: unknown, url: string): T {
  try {
    return kind.parse(body, url)
  } catch (error) {
    throw new DocumentUnavailable(error instanceof Error ? error.message : 'the document is not valid', { cause: error })
  }
}

/** Seconds; 0 where the response may not be kept (the floor then decides). RFC 9111 §5.2.2. */
function maxAgeOf(cacheControl: string | null): number {
  const directives = (cacheControl ?? '').toLowerCase()
  if (/\bno-(?:store|cache)\b/.test(directives)) return 0
  const seconds = /(?:^|[\s,])max-age\s*=\s*"?(\d{1,10})/.exec(directives)?.[1]
  return seconds === undefined ? 0 : Number(seconds)
}

function toFailure(error: unknown, host: string): { failure: string; hostDown: boolean } {
  if (error instanceof DocumentUnavailable) return { failure: error.message, hostDown: error.hostDown }
  if (error instanceof FetchRefused) return { failure: error.message, hostDown: false }
  if (error instanceof BodyTooLarge) return { failure: `the document is refused: ${error.message}`, hostDown: false }
  const isLate = error instanceof Error && error.name === 'TimeoutError'
  return { failure: isLate ? `${host} did not answer within ${TIMEOUT_MS / 1000} s` : `${host} could not be reached`, hostDown: true }
}
