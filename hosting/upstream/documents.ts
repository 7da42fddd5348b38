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

type LimitedBy = Pick<ReadOptions, 'asker' | 'ofProvider'>

/**
 * Returns the valid document at a URL, from the cache if possible. Throws {@link
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
  const isFresh = kept && (!notBefore || kept.fetchedAt >= notBefore.getTime())
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

/** Fetches of this isolate that are still running. */
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
  limits: LimitedBy
}

async function refresh<T>(env: DocumentEnv, kind: DocumentKind<T>, { key, url, now, kept, limits }: Refresh): Promise<CachedDocument> {
  const { host } = new URL(url)
  await limitFetches(env, host, limits)
  const fetchedAt = now.getTime()
  const entryOf = (outcome: CachedDocument['outcome'], life: number) => ({ url, fetchedAt, expiresAt: fetchedAt + life * 1000, outcome })
  const document = await fetchDocument(env, kind, url).then(
    ({ body, maxAge }) => entryOf({ body }, Math.min(MAX_LIFE, Math.max(MIN_LIFE, maxAge))),
    // the refresh failed; the cached document is still valid for other callers
    (error: unknown) => (kept && 'body' in kept.outcome ? { ...kept, fetchedAt } : entryOf(toFailure(error, host), FAILURE_LIFE)),
  )
  await cacheDocument(env, key, document)
  return document
}

/** Throws without caching the refusal, because the limits themselves end after a minute. */
async function limitFetches(env: DocumentEnv, host: string, { asker, ofProvider = false }: LimitedBy): Promise<void> {
  const of = ofProvider ? 'providers' : 'documents'
  const [byHost, byAsker] = await Promise.all([
    env.FETCH_RATE_LIMIT.limit({ key: JSON.stringify([of, host]) }),
    env.AUTH_RATE_LIMIT.limit({ key: JSON.stringify(['fetch', asker]) }),
  ])
  if (!byHost.success || !byAsker.success)
    throw new DocumentUnavailable(`too many documents were requested from ${host}; try again in a minute`, { tooOften: true })
  // the total comes last, so that refused fetches do not count towards it
  const { success } = await env.TOTAL_FETCH_RATE_LIMIT.limit({ key: of })
  if (!success) throw new DocumentUnavailable('the platform has requested too many documents; try again in a minute', { tooOften: true })
}
