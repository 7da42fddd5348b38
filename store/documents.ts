import { z } from 'zod'

/**
 * Cache in KV of public documents on other hosts: client documents, key sets and provider
 * configurations. An entry never decides an authorization, because KV can lose entries and be
 * stale.
 */

const entry = z.object({
  url: z.string(),
  /** Milliseconds since the epoch. */
  expiresAt: z.number(),
  fetchedAt: z.number(),
  /** End of the time in which a document serves in place of a fetch that is not possible. */
  staleUntil: z.number().optional(),
  outcome: z.union([z.object({ body: z.unknown() }), z.object({ failure: z.string(), hostDown: z.boolean().default(false) })]),
})

/** A document, or the reason why the last fetch failed. */
export type CachedDocument = z.infer<typeof entry>

type CacheEnv = Pick<Env, 'METADATA'>

/** Seconds. KV accepts no shorter expiry. */
const MIN_TTL = 60

/**
 * Returns undefined if KV has no usable entry for this URL, or fails. The entry may be stale, see
 * `expiresAt`.
 */
export async function findCachedDocument(env: CacheEnv, key: string, url: string, now: Date): Promise<CachedDocument | undefined> {
  const found = entry.safeParse(await env.METADATA.get(key, 'json').catch(() => undefined))
  return found.success && found.data.url === url && usableUntil(found.data) > now.getTime() ? found.data : undefined
}

function usableUntil({ expiresAt, staleUntil = expiresAt }: CachedDocument): number {
  return Math.max(expiresAt, staleUntil)
}

/** Stores an entry. A failure of KV is ignored, because the caller has the document. */
export async function cacheDocument(env: CacheEnv, key: string, document: CachedDocument): Promise<void> {
  const expirationTtl = Math.max(MIN_TTL, Math.ceil((usableUntil(document) - document.fetchedAt) / 1000))
  await env.METADATA.put(key, JSON.stringify(document), { expirationTtl }).catch(() => undefined)
}
