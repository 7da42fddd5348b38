import type { Sources } from '../../protocol/versions/bundle.ts'
import type { StaticManifest } from '../../protocol/versions/static-manifest.ts'

/**
 * ES modules of a version, immutable and addressed by content. Equal bundles of two tenants are two
 * objects, so that no tenant can read an object of a different tenant.
 */
export interface Bundle {
  mainModule: string
  /** Module name -> source text. */
  modules: Record<string, string>
  /**
   * Sources of the modules. Part of the same object, so that modules and sources are deleted
   * together.
   */
  sources?: Sources
}

const key = (tenantId: string, hash: string) => `bundles/${tenantId}/${hash}`

/**
 * Stores a bundle under its SHA-256 (hex). Storing the same bundle again changes nothing. `bytes`
 * is the size of the part that runs.
 */
export async function putBundle(env: Pick<Env, 'BUNDLES'>, tenantId: string, bundle: Bundle): Promise<{ hash: string; bytes: number }> {
  const modules = Object.fromEntries(Object.entries(bundle.modules).toSorted(([a], [b]) => (a < b ? -1 : 1)))
  const runs = { mainModule: bundle.mainModule, modules }
  const { hash, bytes } = await putObject(env, tenantId, bundle.sources ? { ...runs, sources: bundle.sources } : runs)
  return { hash, bytes: bundle.sources ? encode(runs).byteLength : bytes }
}

/**
 * Stores the manifest of a static version like a bundle, so that both are deleted by the same
 * rules.
 */
export function putStaticManifest(
  env: Pick<Env, 'BUNDLES'>,
  tenantId: string,
  manifest: StaticManifest,
): Promise<{ hash: string; bytes: number }> {
  return putObject(env, tenantId, manifest)
}

/** `size` is the number of bytes in storage. */
export async function findStaticManifest(
  env: Pick<Env, 'BUNDLES'>,
  tenantId: string,
  hash: string,
): Promise<{ manifest: StaticManifest; size: number } | undefined> {
  const object = await env.BUNDLES.get(key(tenantId, hash))
  return object ? { manifest: await object.json<StaticManifest>(), size: object.size } : undefined
}

async function putObject(env: Pick<Env, 'BUNDLES'>, tenantId: string, value: object): Promise<{ hash: string; bytes: number }> {
  const body = encode(value)
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', body)).toHex()
  await env.BUNDLES.put(key(tenantId, hash), body, { httpMetadata: { contentType: 'application/json' } })
  return { hash, bytes: body.byteLength }
}

function encode(value: object): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value))
}

export async function findBundle(env: Pick<Env, 'BUNDLES'>, tenantId: string, hash: string): Promise<Bundle | undefined> {
  const object = await env.BUNDLES.get(key(tenantId, hash))
  return object ? await object.json<Bundle>() : undefined
}

/**
 * Minimum age for deletion, because an upload stores the bundle before the row of the version
 * exists.
 */
const SETTLED_MS = 60 * 60 * 1000

/** Deletes a bundle without a version, unless the bundle was stored within the last hour. */
export async function deleteBundle(env: Pick<Env, 'BUNDLES'>, tenantId: string, hash: string, now = Date.now()): Promise<void> {
  const object = await env.BUNDLES.head(key(tenantId, hash))
  if (object && object.uploaded.getTime() < now - SETTLED_MS) await env.BUNDLES.delete(key(tenantId, hash))
}

/** Lists the hashes of all bundles of a tenant. */
export async function* bundleHashes(env: Pick<Env, 'BUNDLES'>, tenantId: string): AsyncGenerator<string> {
  const prefix = key(tenantId, '')
  let cursor: string | undefined
  do {
    const page = await env.BUNDLES.list({ prefix, ...(cursor === undefined ? {} : { cursor }) })
    for (const object of page.objects) yield object.key.slice(prefix.length)
    cursor = page.truncated ? page.cursor : undefined
  } while (cursor !== undefined)
}
