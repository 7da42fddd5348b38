import { openStore } from '../../store/index.ts'
import { bundleHashes, deleteBundle } from '../../store/servers/bundles.ts'
import type { HostedServer } from '../../store/servers/servers.ts'
import { isBundleInUse } from '../../store/servers/versions.ts'

/**
 * Deletes the data of deleted hosted servers outside D1: streams, sessions, activity and bundles.
 */
export async function deleteRemains(env: Env, tenantId: string, servers: Pick<HostedServer, 'id'>[]): Promise<void> {
  const objects = servers.flatMap(({ id }) => [env.SUBSCRIPTION_HUB.getByName(id).end(), env.SERVER_ACTIVITY.getByName(id).clear()])
  await Promise.allSettled([deleteUnusedBundles(env, tenantId, bundleHashes(env, tenantId)), ...objects])
}

/** Deletes bundles without a version in the tenant. */
export async function deleteUnusedBundles(env: Env, tenantId: string, hashes: Iterable<string> | AsyncIterable<string>): Promise<void> {
  const store = openStore(env)
  for await (const bundleHash of hashes) {
    if (!(await isBundleInUse(store, { tenantId, bundleHash }))) await deleteBundle(env, tenantId, bundleHash)
  }
}
