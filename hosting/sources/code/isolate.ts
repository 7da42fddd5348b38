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
 * Returns the loader id of a version's isolate. The id is a hash of everything the isolate is built from.
 * Two hosted servers with the same id would share an isolate and its environment, and an isolate that
 * kept its id would keep running with old settings.
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

/** How often the isolate of an id could not be started, as far as this platform isolate has met it. Emptied with it; a few entries at worst. */
const failures = new Map<string, number>()

export interface Isolate {
  worker: WorkerStub
  /**
   * True when the error is that the isolate could not even be started, because its bundle or environment could not be read: nothing of the tenant's ran.
   * The loader keeps such a failure under the isolate's name for good, so the next {@link findIsolate} uses another name.
   */
  neverStarted(error: unknown): Promise<boolean>
}

/** The isolate of a version, warm or to be started by its first request. */
export async function findIsolate(server: HostedServer, version: CodeVersion, env: Env, ctx: HostingContext): Promise<Isolate> {
  const id = await isolateId(server, version)
  const failed = failures.get(id) ?? 0
  const name = `${id}.${failed}`
  // the failure may be another platform isolate's, so it is known by a word in it; made with a secret, no code of a tenant's can say it
  const word = () => sha256(`the isolate ${name} could not be started ${env.VAULT_KEY}`)
  const worker = env.LOADER.get(name, async () => {
    try {
      return await workerCode(server, version, env, ctx)
    } catch (error) {
      console.error(JSON.stringify({ event: 'isolate-not-started', server: server.id, version: version.number, error: String(error) }))
      throw new Error(`the platform could not start this version just now (${await word()})`, { cause: error })
    }
  })
  return {
    worker,
    async neverStarted(error) {
      if (!(error instanceof Error) || !error.message.includes(await word())) return false
      failures.set(id, Math.max(failures.get(id) ?? 0, failed + 1))
      return true
    },
  }
}
