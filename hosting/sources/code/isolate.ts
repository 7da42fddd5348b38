import { sha256 } from '../../../protocol/random.ts'
import { RecentMap } from '../../../protocol/recent-map.ts'
import type { HostedServer } from '../../../store/servers/servers.ts'
import type { HostingContext } from '../source.ts'
import { entryModule } from './entry-module.ts'
import { RUNTIME, UnreadableEnvironment, workerCode, type CodeVersion } from './worker-code.ts'

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

/** Reason of a failed start, at the end of the error's text. */
const ENVIRONMENT = 'environment'

/** Failed starts by isolate id, as seen by this isolate of the platform. Has few entries. */
const failures = new Map<string, number>()

/**
 * Thrown if the platform could not read the bundle or the environment, so that no tenant code ran.
 */
export class NeverStarted extends Error {}

export interface Isolate {
  /**
   * Sends a request to the default export. Throws {@link NeverStarted} after a failed start. The
   * loader keeps the failure under the isolate's name, so the next {@link findIsolate} uses another
   * name.
   */
  fetch(props: object, url: string, init: RequestInit): Promise<Response>
}

/** Finds the isolate of a version. The first request starts the isolate. */
export async function findIsolate(server: HostedServer, version: CodeVersion, env: Env, ctx: HostingContext): Promise<Isolate> {
  const id = await isolateId(server, version)
  const failed = failures.get(id) ?? 0
  const name = `${id}.${failed}`
  // marks failures of the platform, also across isolates; tenant code cannot forge the mark,
  // because VAULT_KEY is secret, and no log of a tenant may have the mark
  const mark = () => sha256(`the isolate ${name} could not be started ${env.VAULT_KEY}`)
  const worker = env.LOADER.get(name, async () => {
    try {
      return await workerCode(server, version, env, ctx)
    } catch (error) {
      console.error(JSON.stringify({ event: 'isolate-not-started', server: server.id, version: version.number, error: String(error) }))
      throw new Error(`${await mark()} ${error instanceof UnreadableEnvironment ? ENVIRONMENT : ''}`, { cause: error })
    }
  })
  return {
    async fetch(props, url, init) {
      try {
        return await worker.getEntrypoint(undefined, { props }).fetch(url, init)
      } catch (error) {
        if (!(error instanceof Error) || !error.message.includes(await mark())) throw error
        failures.set(id, Math.max(failures.get(id) ?? 0, failed + 1))
        throw new NeverStarted(
          error.message.endsWith(ENVIRONMENT)
            ? 'the environment values cannot be opened; set the values again in the settings of the server'
            : 'the platform could not start this version; try again shortly',
        )
      }
    },
  }
}
