import { CONSOLE_MODULE, ENTRY_MODULE } from '../../../protocol/versions/bundle.ts'
import { findBundle } from '../../../store/servers/bundles.ts'
import type { ContentOf } from '../../../protocol/versions/content.ts'
import type { HostedServer, VersionReference } from '../../../store/servers/servers.ts'
import type { HostingContext } from '../source.ts'
import { openEnvironment } from '../../vault.ts'
import { consoleModule } from './console-module.ts'
import { entryModule } from './entry-module.ts'

export type CodeVersion = VersionReference<ContentOf<'code'>>

/** Set by the platform. A tenant cannot choose old semantics or experimental features. */
export const RUNTIME = {
  compatibilityDate: '2026-10-01',
  /**
   * nodejs_compat for npm packages; enable_request_signal so that a cancelled tool gets an abort
   * event.
   */
  compatibilityFlags: ['nodejs_compat', 'enable_request_signal'],
  /** Per request. Enforced by Cloudflare; workerd on one machine does not end an endless loop. */
  limits: { cpuMs: 10_000, subRequests: 50 },
}

/**
 * Requires `globalOutbound`, because without the property the code would use the platform's
 * network.
 */
interface HostedWorkerCode extends WorkerLoaderWorkerCode {
  globalOutbound: Fetcher
  tails: Fetcher[]
  limits: workerdResourceLimits
}

/** Thrown if the stored environment values cannot be opened. */
export class UnreadableEnvironment extends Error {}

/** Builds the WorkerCode of a version from stored modules and the sealed environment. */
export async function workerCode(
  server: HostedServer,
  version: CodeVersion,
  env: Env,
  { exports }: HostingContext,
): Promise<HostedWorkerCode> {
  const { id: serverId, tenantId } = server
  const [bundle, environment] = await Promise.all([
    findBundle(env, tenantId, version.content.bundleHash),
    openEnvironment(env, server).catch((cause: unknown) => {
      throw new UnreadableEnvironment(cause instanceof Error ? cause.message : String(cause), { cause })
    }),
  ])
  if (!bundle) throw new Error(`the bundle of version ${version.number} is not in storage`)
  return {
    ...RUNTIME,
    mainModule: ENTRY_MODULE,
    modules: {
      ...Object.fromEntries(Object.entries(bundle.modules).map(([name, text]) => [name, moduleOf(name, text)])),
      [ENTRY_MODULE]: { js: entryModule(bundle.mainModule) },
      [CONSOLE_MODULE]: { js: consoleModule() },
    },
    env: { ...environment, EVENTS: exports.Events({ props: { serverId } }) },
    globalOutbound: exports.Egress({ props: { serverId, tenantId, hosts: server.egress } }),
    tails: [exports.Tail({ props: { serverId, tenantId } })],
  }
}

/**
 * Chooses the kind of module by the file ending. protocol/versions/bundle.ts refuses other endings.
 */
function moduleOf(name: string, text: string): WorkerLoaderModule {
  if (name.endsWith('.json')) return { json: JSON.parse(text) }
  if (name.endsWith('.txt') || name.endsWith('.html')) return { text }
  return { js: text }
}
