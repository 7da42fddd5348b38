import { sha256 } from '../../../protocol/random.ts'
import { RecentMap } from '../../../protocol/recent-map.ts'
import type { HostedServer } from '../../../store/servers/servers.ts'
import type { HostingContext } from '../source.ts'
import { entryModule } from './entry-module.ts'
import { RUNTIME, workerCode, type CodeVersion } from './worker-code.ts'

const MAX_IDS = 2_000
/** Computed once per version and settings, because hashing on every call is slow. */
const ids = new RecentMap<Promise<string>>(MAX_IDS)

/**
 * Returns the loader id of a version's isolate, a hash of everything the isolate is built from. Two
 * hosted servers with the same id would share an isolate and an environment. If the id stayed the
 * same after a change, the isolate would keep the old settings.
 */
export function isolateId({ tenantId, id, environmentEpoch, egress }: HostedServer, version: CodeVersion): Promise<string> {
  const { bundleHash, mainModule } = version.content
  const identity = JSON.stringify([tenantId, id, version.id, bundleHash, environmentEpoch, egress])
  const known = ids.get(identity)
  if (known) return known
  const computed = sha256(JSON.stringify([identity, entryModule(mainModule), RUNTIME]))
  ids.set(identity, computed)
  return computed
}

/** Failed starts by isolate id, as seen by this isolate of the platform. Has few entries. */
const failures = new Map<string, number>()

export interface Isolate {
  worker: WorkerStub
  /**
   * Returns true if the platform could not read the bundle or the environment, so that no tenant
   * code ran. The loader keeps the failure under the isolate's name, so the next {@link
   * findIsolate} uses another name.
   */
  neverStarted(error: unknown): Promise<boolean>
}

/** Finds the isolate of a version. The first request starts the isolate. */
export async function findIsolate(server: HostedServer, version: CodeVersion, env: Env, ctx: HostingContext): Promise<Isolate> {
  const id = await isolateId(server, version)
  const failed = failures.get(id) ?? 0
  const name = `${id}.${failed}`
  // marks failures of the platform, also across isolates; tenant code cannot forge the mark,
  // because VAULT_KEY is secret
  const mark = () => sha256(`the isolate ${name} could not be started ${env.VAULT_KEY}`)
  const worker = env.LOADER.get(name, async () => {
    try {
      return await workerCode(server, version, env, ctx)
    } catch (error) {
      console.error(JSON.stringify({ event: 'isolate-not-started', server: server.id, version: version.number, error: String(error) }))
      throw new Error(`the platform could not start this version; try again shortly (${await mark()})`, { cause: error })
    }
  })
  return {
    worker,
    async neverStarted(error) {
      if (!(error instanceof Error) || !error.message.includes(await mark())) return false
      failures.set(id, Math.max(failures.get(id) ?? 0, failed + 1))
      return true
    },
  }
}
