import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { experimental_readRawConfig } from 'wrangler'
import { ROOT } from '../wrangler.ts'
import type { ResourceNames } from './names.ts'
import type { Resources } from './resources.ts'
import type { Routes } from './routes.ts'
import type { Settings } from './settings.ts'

/** Part of wrangler.toml that a deployment changes. */
interface LocalConfig {
  name: string
  vars: Settings
  d1_databases: { database_name: string; database_id: string }[]
  kv_namespaces: { id: string }[]
  r2_buckets: { bucket_name: string }[]
  ratelimits: { namespace_id: string }[]
}

const LOCAL = readLocalConfig()

/** Default values of the variables. */
export const DEFAULTS: Settings = LOCAL.vars

/** Returns wrangler.toml with the names, ids, variables and routes of one platform. */
export function deployConfig(platform: { names: ResourceNames; resources: Resources; settings: Settings; routes: Routes }): object {
  const { names, resources, settings, routes } = platform
  return {
    ...LOCAL,
    ...routes,
    name: names.worker,
    vars: settings,
    d1_databases: LOCAL.d1_databases.map((each) => ({ ...each, database_name: names.database, database_id: resources.databaseId })),
    kv_namespaces: LOCAL.kv_namespaces.map((each) => ({ ...each, id: resources.namespaceId })),
    r2_buckets: LOCAL.r2_buckets.map((each) => ({ ...each, bucket_name: names.bucket })),
    ratelimits: LOCAL.ratelimits.map((each) => ({ ...each, namespace_id: names.rateLimit(each.namespace_id) })),
  }
}

/** Writes the file beside wrangler.toml, because its paths are relative. Returns the path. */
export async function writeDeployConfig({ worker }: ResourceNames, config: object): Promise<string> {
  const path = join(ROOT, `wrangler.deploy.${worker}.json`)
  await writeFile(path, JSON.stringify(config, null, 2))
  return path
}

function readLocalConfig(): LocalConfig {
  const { rawConfig } = experimental_readRawConfig({ config: join(ROOT, 'wrangler.toml') })
  return rawConfig as unknown as LocalConfig
}
