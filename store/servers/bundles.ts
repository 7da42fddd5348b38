import type { Sources } from '../../protocol/versions/bundle.ts'

/** A version's ES modules. Immutable and addressed by content; two tenants' equal bundles are still two objects, so that none can be read across. */
export interface Bundle {
  mainModule: string
  /** Module name -> source text. */
  modules: Record<string, string>
  /** What they were bundled from. Part of the same object, so that both have one owner and one end. */
  sources?: Sources
}

const key = (tenantId: string, hash: string) => `bundles/${tenantId}/${hash}`

/** Stores a bundle under its SHA-256 (hex) and answers that and the size of what runs, in bytes; storing it again changes nothing. */
export async function putBundle(env: Pick<Env, 'BUNDLES'>, tenantId: string, bundle: Bundle): Promise<{ hash: string; bytes: number }> {
  const modules = Object.fromEntries(Object.entries(bundle.modules).toSorted(([a], [b]) => (a < b ? -1 : 1)))
  const encoder = new TextEncoder()
  const runs = encoder.encode(JSON.stringify({ mainModule: bundle.mainModule, modules }))
  const body = bundle.sources ? encoder.encode(JSON.stringify({ mainModule: bundle.mainModule, modules, sources: bundle.sources })) : runs
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', body)).toHex()
  await env.BUNDLES.put(key(tenantId, hash), body, { httpMetadata: { contentType: 'application/json' } })
  return { hash, bytes: runs.byteLength }
}

export async function findBundle(env: Pick<Env, 'BUNDLES'>, tenantId: string, hash: string): Promise<Bundle | undefined> {
  const object = await env.BUNDLES.get(key(tenantId, hash))
  return object ? await object.json<Bundle>() : undefined
}

/** An upload stores its bundle before its version exists, so what was stored within this time may still be waiting for its row. */
const SETTLED_MS = 60 * 60 * 1000

/** Deletes a bundle that no version runs any more, unless it was stored (again) within the last hour. */
export async function deleteBundle(env: Pick<Env, 'BUNDLES'>, tenantId: string, hash: string, now = Date.now()): Promise<void> {
  const object = await env.BUNDLES.head(key(tenantId, hash))
  if (object && object.uploaded.getTime() < now - SETTLED_MS) await env.BUNDLES.delete(key(tenantId, hash))
}

/** Every bundle of a tenant, by its hash. */
export async function* bundleHashes(env: Pick<Env, 'BUNDLES'>, tenantId: string): AsyncGenerator<string> {
  const prefix = key(tenantId, '')
  let cursor: string | undefined
  do {
    const page = await env.BUNDLES.list({ prefix, ...(cursor === undefined ? {} : { cursor }) })
    for (const object of page.objects) yield object.key.slice(prefix.length)
    cursor = page.truncated ? page.cursor : undefined
  } while (cursor !== undefined)
}
