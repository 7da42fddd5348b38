import type { Store } from '../store/index.ts'
import {
  findEnvironmentsSealedBy,
  findProviderSecretsSealedBy,
  replaceEnvironments,
  replaceProviderSecrets,
  type ResealedRow,
  type SealedRow,
} from '../store/sealed.ts'
import { ofProvider } from './upstream/provider-secrets.ts'
import { ofEnvironment, open, seal, sealingKeys, type SealedFor } from './vault.ts'

/** Limit of values per kind and run. The next run continues with the rows of older keys. */
const VALUES_PER_RUN = 100

/** Kinds of sealed values in D1. */
const KINDS: {
  find: typeof findEnvironmentsSealedBy
  owner: (row: SealedRow) => SealedFor
  replace: typeof replaceEnvironments
}[] = [
  {
    find: findEnvironmentsSealedBy,
    owner: ({ tenantId, id }) => ofEnvironment({ tenantId, serverId: id }),
    replace: replaceEnvironments,
  },
  { find: findProviderSecretsSealedBy, owner: ofProvider, replace: replaceProviderSecrets },
]

/**
 * Seals values of older keys with the first key of VAULT_KEY. Returns the number of resealed values
 * and of values that do not open, which stay as stored.
 */
export async function reseal(env: Pick<Env, 'VAULT_KEY'>, store: Store): Promise<{ resealed: number; unreadable: number }> {
  const [, ...older] = await sealingKeys(env)
  const total = { resealed: 0, unreadable: 0 }
  if (older.length === 0) return total // no key is being rotated, so no row needs a look
  for (const { find, owner, replace } of KINDS) {
    const rows = await find(store, { keyIds: older, limit: VALUES_PER_RUN })
    const resealed: ResealedRow[] = []
    for (const row of rows) {
      const plaintext = await open(env, owner(row), row.envelope).catch(() => undefined)
      if (plaintext === undefined) total.unreadable += 1
      else resealed.push({ ...row, resealed: await seal(env, owner(row), plaintext) })
    }
    await replace(store, resealed)
    total.resealed += resealed.length
  }
  return total
}
