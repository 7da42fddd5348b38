import { ENTRY_MODULE } from '../../../protocol/versions/bundle.ts'
import { sha256 } from '../../../protocol/random.ts'
import { findBundle } from '../../../store/servers/bundles.ts'
import type { HostedServer, VersionReference } from '../../../store/servers/servers.ts'
import type { HostingContext } from '../source.ts'
import { openEnvironment } from '../../vault.ts'
import { entryModule } from './entry-module.ts'

/** Ours, never the tenant's: old semantics and experimental features are nobody's to switch on. */
const COMPATIBILITY_DATE = '2026-10-01'
/** nodejs_compat: Buffer, AsyncLocalStorage and node:crypto, which half of npm expects. enable_request_signal: a cancelled tool hears of it. */
const COMPATIBILITY_FLAGS = ['nodejs_compat', 'enable_request_signal']
/** Per request. Cloudflare ends an endless loop by it; workerd on one machine does not. */
const LIMITS = { cpuMs: 10_000, subRequests: 50 }

/**
 * Names the isolate of a version. Everything it is built from is in the hash: two hosted servers that shared an id would share an isolate and its
 * environment, and a changed setting would not reach a warm one.
 */
export function isolateId(server: HostedServer, version: VersionReference): Promise<string> {
  const { tenantId, id, environmentEpoch, egress } = server
  return sha256(
    JSON.stringify([
      tenantId,
      id,
      version.id,
      version.bundleHash,
      environmentEpoch,
      egress,
      entryModule(version.mainModule),
      COMPATIBILITY_DATE,
      COMPATIBILITY_FLAGS,
      LIMITS,
    ]),
  )
}

/** A WorkerCode that cannot be written without its way out: `globalOutbound` left out would be the platform's own network. */
interface HostedWorkerCode extends WorkerLoaderWorkerCode {
  globalOutbound: Fetcher
  tails: Fetcher[]
  limits: workerdResourceLimits
}

/** The one place a WorkerCode is made. */
export async function workerCode(
  server: HostedServer,
  version: VersionReference,
  env: Env,
  { exports }: HostingContext,
): Promise<HostedWorkerCode> {
  const { id: serverId, tenantId } = server
  const [bundle, environment] = await Promise.all([findBundle(env, tenantId, version.bundleHash), openEnvironment(env, server)])
  if (!bundle) throw new Error(`the bundle of version ${version.number} is not in storage`)
  return {
    compatibilityDate: COMPATIBILITY_DATE,
    compatibilityFlags: COMPATIBILITY_FLAGS,
    limits: LIMITS,
    mainModule: ENTRY_MODULE,
    modules: {
      ...Object.fromEntries(Object.entries(bundle.modules).map(([name, text]) => [name, moduleOf(name, text)])),
      [ENTRY_MODULE]: { js: entryModule(bundle.mainModule) },
    },
    env: { ...environment, EVENTS: exports.Events({ props: { serverId } }) },
    globalOutbound: exports.Egress({ props: { serverId, tenantId, hosts: server.egress } }),
    tails: [exports.Tail({ props: { serverId, tenantId } })],
  }
}

/** A module's kind follows from its name's ending; protocol/versions/bundle.ts lets no other ending in. */
function moduleOf(name: string, text: string): WorkerLoaderModule {
  if (name.endsWith('.json')) return { json: JSON.parse(text) }
  if (name.endsWith('.txt') || name.endsWith('.html')) return { text }
  return { js: text }
}
