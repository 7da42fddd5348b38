import { sha256 } from '../../../protocol/random.ts'
import { RecentMap } from '../../../protocol/recent-map.ts'
import type { HostedServer } from '../../../store/servers/servers.ts'
import type { HostingContext } from '../source.ts'
import { consoleModule } from './console-module.ts'
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
  const computed = sha256(JSON.stringify([identity, entryModule(mainModule), consoleModule(), RUNTIME]))
  ids.set(identity, computed)
  return computed
}

/** Reason of a failed start, at the end of the error's text. */
const ENVIRONMENT = 'environment'

/**
 * Generation of a version's isolate, as seen by this isolate of the platform. An isolate's name
 * has the generation, because a name is used for one start only.
 */
interface Generation {
  number: number
  /** True after the loader has received the code of this generation. */
  hasStarted: boolean
}

const generations = new RecentMap<Generation>(MAX_IDS)

/**
 * Thrown if no tenant code ran for the request, because the isolate had ended before, or because
 * the platform could not read the bundle or the environment.
 */
export class NeverStarted extends Error {}

export interface Isolate {
  /**
   * Sends a request to the default export. Throws {@link NeverStarted} if the request reached no
   * code of the tenant. The next {@link findIsolate} then starts an isolate with another name.
   */
  fetch(props: object, url: string, init: RequestInit): Promise<Response>
}

/** Finds the isolate of a version. The first request starts the isolate. */
export async function findIsolate(server: HostedServer, version: CodeVersion, env: Env, ctx: HostingContext): Promise<Isolate> {
  const id = await isolateId(server, version)
  const generation = generations.get(id) ?? { number: 0, hasStarted: false }
  generations.set(id, generation)
  const name = `${id}.${generation.number}`
  // marks requests that reached no code of the tenant, also across isolates; tenant code cannot
  // forge the mark, because VAULT_KEY is secret, and no log of a tenant may have the mark
  const mark = () => sha256(`the isolate ${name} could not be started ${env.VAULT_KEY}`)
  const worker = env.LOADER.get(name, async () => {
    // the loader asks a second time after the isolate has ended, and workerd with an inspector
    // cannot start two isolates of one name
    if (generation.hasStarted) throw new Error(await mark())
    try {
      const code = await workerCode(server, version, env, ctx)
      generation.hasStarted = true
      return code
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
        // many requests can see the end of one isolate
        if (generations.get(id) === generation) generations.set(id, { number: generation.number + 1, hasStarted: false })
        throw new NeverStarted(
          error.message.endsWith(ENVIRONMENT)
            ? 'the environment values cannot be opened; set the values again in the settings of the server'
            : 'the platform could not start this version; try again shortly',
        )
      }
    },
  }
}
