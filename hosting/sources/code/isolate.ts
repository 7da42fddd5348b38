import { sha256 } from '../../../protocol/random.ts'
import type { HostedServer, VersionReference } from '../../../store/servers/servers.ts'
import type { HostingContext } from '../source.ts'
import { isolateId, workerCode } from './worker-code.ts'

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
export async function findIsolate(server: HostedServer, version: VersionReference, env: Env, ctx: HostingContext): Promise<Isolate> {
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
