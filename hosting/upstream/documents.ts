import { sha256 } from '../../protocol/random.ts'
import { cacheDocument, findCachedDocument, type CachedDocument } from '../../store/documents.ts'
import { checkDocument, DocumentUnavailable, fetchDocument, toFailure, type DocumentKind, type FetchEnv } from './document-fetch.ts'

type DocumentEnv = FetchEnv & Pick<Env, 'METADATA' | 'FETCH_RATE_LIMIT' | 'AUTH_RATE_LIMIT' | 'TOTAL_FETCH_RATE_LIMIT'>

/**
 * Limits of the cache time in seconds. The minimum overrides the cache headers, so that token
 * requests do not fetch a document each time.
 */
const MIN_LIFE = 60
const MAX_LIFE = 24 * 3600
const FAILURE_LIFE = 60
/**
 * Time in seconds in which an expired document serves, while its host is down or a limit of fetches
 * is reached. A host that answers without a valid document ends the document at once.
 */
const STALE_LIFE = 24 * 3600

interface ReadOptions {
  now: Date
  waitUntil: (promise: Promise<unknown>) => void
  /**
   * Network of the caller. Fetches are limited by network, so that one caller cannot use up the
   * fetches of all callers.
   */
  asker: string
  /**
   * True for documents of a trusted provider. Separate limits keep strangers from blocking
   * sign-ins.
   */
  ofProvider?: boolean
  /**
   * Fetches again if the cached document is older, because an unknown key id may mean rotated keys.
   */
  notBefore?: Date
}

type LimitedBy = Pick<ReadOptions, 'asker' | 'ofProvider'> & {
  /** True for a document that was valid before, whose fetches strangers cannot use up. */
  isKnown: boolean
}

/**
 * Returns the valid document at a URL, from the cache if possible, and expired if a fetch is not
 * possible now. Throws {@link
 * DocumentUnavailable}.
 */
export async function readDocument<T>(
  env: DocumentEnv,
  kind: DocumentKind<T>,
  url: string,
  { now, waitUntil, notBefore, ...limits }: ReadOptions,
): Promise<T> {
  const key = `${kind.name}|${await sha256(url)}`
  const kept = await findCachedDocument(env, key, url, now)
  const isFresh = kept && kept.expiresAt > now.getTime() && (!notBefore || kept.fetchedAt >= notBefore.getTime())
  const { outcome } = isFresh
    ? kept
    : await shareFetch(
        `${limits.ofProvider ? 'provider' : 'stranger'}|${key}`,
        () => refresh(env, kind, { key, url, now, kept, limits }),
        waitUntil,
      )
  if ('failure' in outcome) throw new DocumentUnavailable(outcome.failure, { hostDown: outcome.hostDown })
  return checkDocument(kind, outcome.body, url)
}

/** Running fetches of the isolate. */
const running = new Map<string, Promise<CachedDocument>>()

/**
 * Concurrent callers of one rate-limit class share a fetch. The request of the first caller keeps
 * the fetch alive, and its timeout bounds the wait of the others.
 */
async function shareFetch(key: string, start: () => Promise<CachedDocument>, waitUntil: ReadOptions['waitUntil']): Promise<CachedDocument> {
  const shared = running.get(key)
  if (shared) return shared
  const started = start().finally(() => running.delete(key))
  running.set(key, started)
  waitUntil(started.catch(() => undefined))
  return started
}

interface Refresh {
  key: string
  url: string
  now: Date
  kept: CachedDocument | undefined
  limits: Omit<LimitedBy, 'isKnown'>
}

async function refresh<T>(env: DocumentEnv, kind: DocumentKind<T>, { key, url, now, kept, limits }: Refresh): Promise<CachedDocument> {
  const { host } = new URL(url)
  const fetchedAt = now.getTime()
  const known = kept && 'body' in kept.outcome ? kept : undefined
  // a fresh document is refreshed only for a key that it lacks, so it cannot serve
  const stale = known && known.expiresAt <= fetchedAt ? known : undefined
  const refusal = await fetchRefusal(env, host, { ...limits, isKnown: known !== undefined })
  if (refusal !== undefined) {
    // not cached, because the limits themselves end after a minute
    if (stale) return stale
    throw new DocumentUnavailable(refusal, { tooOften: true })
  }
  const until = (life: number) => fetchedAt + life * 1000
  const document = await fetchDocument(env, kind, url).then(
    ({ body, maxAge }) => {
      const life = Math.min(MAX_LIFE, Math.max(MIN_LIFE, maxAge))
      return { url, fetchedAt, expiresAt: until(life), staleUntil: until(life + STALE_LIFE), outcome: { body } }
    },
    (error: unknown): CachedDocument => {
      const failure = toFailure(error, host)
      if (known && !stale) return { ...known, fetchedAt } // still valid for other callers
      if (stale && failure.hostDown) return { ...stale, fetchedAt, expiresAt: until(FAILURE_LIFE) }
      return { url, fetchedAt, expiresAt: until(FAILURE_LIFE), outcome: failure }
    },
  )
  await cacheDocument(env, key, document)
  return document
}

/**
 * Returns the reason if a limit is reached. Unknown documents count for their caller first, so that
 * a refused caller uses up no fetches of others. Known documents and providers have limits of their
 * own.
 */
async function fetchRefusal(
  env: DocumentEnv,
  host: string,
  { asker, ofProvider = false, isKnown }: LimitedBy,
): Promise<string | undefined> {
  const of = ofProvider ? 'providers' : isKnown ? 'known' : 'documents'
  const limits: [RateLimit, unknown[]][] = [
    [env.AUTH_RATE_LIMIT, ['fetch', asker]],
    ...(of === 'documents' ? [[env.FETCH_RATE_LIMIT, [of, host, asker]] as [RateLimit, unknown[]]] : []),
    [env.AUTH_RATE_LIMIT, [of, host]],
  ]
  for (const [limit, key] of limits) {
    if (!(await limit.limit({ key: JSON.stringify(key) })).success)
      return `too many documents were requested from ${host}; try again in a minute`
  }
  const { success } = await env.TOTAL_FETCH_RATE_LIMIT.limit({ key: of })
  return success ? undefined : 'the platform has requested too many documents; try again in a minute'
}
